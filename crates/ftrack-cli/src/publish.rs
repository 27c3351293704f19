//! `ftrack publish`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use ftrack::event::{Event, Outcome};

use crate::arguments::Publish;
use crate::connection::{close_when_interrupted, connect};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Publish) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    close_when_interrupted(&session)?;
    let hub = session.event_hub();
    hub.connect()?;
    let event = Event::new(&options.topic)
        .with_data(options.data.clone())
        .with_target(&options.target);
    let timeout = Duration::from_secs(options.timeout);
    if options.wait {
        let reply = hub.publish_and_wait(event, timeout)?;
        writeln!(output::standard(), "{}", reply.data)?;
    } else {
        match hub.publish(event)?.wait(timeout) {
            Some(Outcome::Acknowledged) => {}
            Some(outcome) => return Err(Failure::NotDelivered(outcome.to_string())),
            None => {
                return Err(Failure::NotDelivered(
                    "the server did not answer in time".to_owned(),
                ));
            }
        }
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}
