//! `ftrack event publish`.

use clap::Args;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use ftrack::Session;
use ftrack::event::{Event, Outcome};
use serde_json::json;

use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{self, Change, Connection, Sentence};
use crate::terminal::interruption::close_when_interrupted;
use crate::terminal::output;

/// Publish an event.
///
/// Ends when the server has it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack event publish studio.render.finished --data '{\"frames\": 100}'
  ftrack event publish studio.render.finished --target applicationId=nuke --dry-run
  ftrack event publish studio.question --wait

Exit codes: 0, 1 if it was not delivered or nobody replied, 2 for wrong usage, 4 if the server refused, 130 if it was interrupted.")]
pub(crate) struct Options {
    /// The topic, such as `studio.render.finished`.
    #[arg(value_name = "TOPIC")]
    pub(crate) topic: String,
    /// The data of the event, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}", value_parser = options::json)]
    pub(crate) data: serde_json::Value,
    /// Which subscribers are meant, such as `applicationId=nuke`. Defaults to all.
    #[arg(long, value_name = "EXPRESSION", default_value = "")]
    pub(crate) target: String,
    /// Wait for a reply, and print its data alone.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Seconds to wait for the server, and for the reply.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) change: Change,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    close_when_interrupted(&session)?;
    let event = Event::new(&options.topic)
        .with_data(options.data.clone())
        .with_target(&options.target);
    if options.change.dry_run {
        tell(options, &event)?;
    } else {
        publish(&session, options, event)?;
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn publish(session: &Session, options: &Options, event: Event) -> Result<(), Failure> {
    let hub = session.event_hub();
    hub.connect()?;
    let timeout = Duration::from_secs(options.timeout);
    if options.wait {
        let reply = hub.publish_and_wait(event, timeout)?;
        writeln!(output::standard(), "{}", reply.data)?;
        return Ok(());
    }
    match hub.publish(event.clone())?.wait(timeout) {
        Some(Outcome::Acknowledged) => tell(options, &event),
        Some(outcome) => Err(Failure::NotDelivered(outcome.to_string())),
        None => Err(Failure::NotDelivered(
            "the server did not answer in time".to_owned(),
        )),
    }
}

fn tell(options: &Options, event: &Event) -> Result<(), Failure> {
    let target = match event.target.as_str() {
        "" => String::new(),
        target => format!(" for {target}"),
    };
    let sentence = Sentence {
        done: "published",
        planned: "would publish",
        what: format!("{}{target}: {}", event.topic, event.data),
    };
    let report = json!({
        "topic": event.topic,
        "target": event.target,
        "data": event.data,
    });
    options.change.tell(&sentence, report)
}
