//! `ftrack publish`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use ftrack::event::{Event, Outcome};

use crate::arguments::Publish;
use crate::connection::connect;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(options: &Publish) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let hub = session.event_hub();
    hub.connect()?;
    let event = Event::new(&options.topic)
        .with_data(options.data.clone())
        .with_target(&options.target);
    let timeout = Duration::from_secs(options.timeout);
    if options.wait {
        // Replies are handled where somebody waits for events.
        let workers = hub.run_workers(1)?;
        let reply = hub.publish_and_wait(event, timeout)?;
        workers.stop();
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
