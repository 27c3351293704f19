//! `ftrack event listen`.

use clap::Args;
use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ftrack::Session;
use ftrack::event::{Event, EventHub, WaitEnded};

use super::filter::Filter;
use super::told::Teller;

use crate::connection::connect;
use crate::failure::Failure;
use crate::options::Connection;
use crate::terminal::output;

/// How long an event that is being printed may take once somebody wants the command to end.
const GRACE: Duration = Duration::from_millis(500);

/// The begin of the topics by which a hub tells of its own connection.
const META: &str = "ftrack.meta.";

/// Why to stop listening.
enum End {
    /// A signal: whoever reads us may have stopped reading, so nothing is waited for.
    Signal,
    /// As many events as were wanted.
    Enough,
    /// An event could not be printed.
    Failed(Failure),
    /// The hub ended.
    Hub(Result<WaitEnded, Failure>),
}

/// Print the events that a server tells of, until interrupted.
///
/// What was changed is told by name, a line for each entity: when, who, what. Other events are told with their data.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack event listen
  ftrack event listen --entity Task --attribute status
  ftrack event listen 'topic=studio.*' --json

Exit codes: 0 also if it was interrupted, 1 if it failed, 2 for wrong usage, 4 if the server refused.")]
pub(crate) struct Options {
    /// Which events to print, such as `topic=ftrack.update`. Defaults to all.
    #[arg(value_name = "EXPRESSION")]
    expression: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Stop after this many events.
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Print each event as a JSON object on a line of its own.
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    if let Some(error) = options.filter.unknown_type(&session) {
        return Err(error.into());
    }
    let hub = session.event_hub().clone();
    let (ends, ended) = channel();
    let on_signal = ends.clone();
    ctrlc::set_handler(move || drop(on_signal.send(End::Signal))).map_err(Failure::Signals)?;
    subscribe(&session, options, ends.clone())?;
    // The server is told of the subscription with the connection, so nothing falls between.
    hub.connect()?;
    if options.count == Some(0) {
        session.close();
        return Ok(ExitCode::SUCCESS);
    }
    wait_elsewhere(hub.clone(), ends)?;
    let end = first(&ended);
    hub.stopper().stop();
    match end {
        End::Signal => {
            // The process ends even while an event is being written to a reader who does not read.
            let _ = wait_for_hub(&ended);
            Ok(ExitCode::SUCCESS)
        }
        End::Enough => {
            session.close();
            Ok(ExitCode::SUCCESS)
        }
        End::Failed(failure) => Err(failure),
        End::Hub(outcome) => {
            session.close();
            Ok(match outcome? {
                WaitEnded::Disconnected => ExitCode::FAILURE,
                _ => ExitCode::SUCCESS,
            })
        }
    }
}

/// Prints each event, in the thread that waits for them: then a slow reader slows the events down, and none is kept in
/// memory.
fn subscribe(session: &Session, options: &Options, ends: Sender<End>) -> Result<(), Failure> {
    let (json, filter) = (options.json, options.filter.clone());
    let is_all = options.expression.is_none();
    let everything = if filter.is_open() {
        "topic=*"
    } else {
        "topic=ftrack.update"
    };
    let expression = options.expression.as_deref().unwrap_or(everything);
    // How many are still to be printed; also keeps events from being printed into each other.
    let state = Mutex::new((options.count, Teller::default()));
    let weak = session.downgrade();
    let print = move |event: &Event| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let (left, teller) = &mut *state;
        let Some(session) = weak.upgrade().filter(|_| *left != Some(0)) else {
            return Ok(None);
        };
        let is_ours = is_all && event.topic.starts_with(META);
        if is_ours || !filter.wants(&session, event) {
            return Ok(None);
        }
        let lines = if json {
            vec![event.to_json().to_string()]
        } else {
            teller.lines(&session, event, &filter)
        };
        if let Err(error) = print(&mut output::standard(), &lines) {
            let _ = ends.send(End::Failed(error.into()));
            return Ok(None);
        }
        *left = left.map(|left| left - 1);
        if *left == Some(0) {
            let _ = ends.send(End::Enough);
        }
        Ok(None)
    };
    session.event_hub().subscribe(expression, print)?;
    Ok(())
}

fn wait_elsewhere(hub: EventHub, ends: Sender<End>) -> Result<(), Failure> {
    let wait = move || {
        let outcome = hub.wait(None).map_err(Failure::from);
        let _ = ends.send(End::Hub(outcome));
    };
    let thread = thread::Builder::new().name("ftrack-listen".to_owned());
    thread.spawn(wait).map_err(Failure::Output)?;
    Ok(())
}

fn first(ended: &Receiver<End>) -> End {
    // The handler of signals keeps a sender, so there is always one.
    ended.recv().unwrap_or(End::Signal)
}

fn wait_for_hub(ended: &Receiver<End>) -> Result<(), RecvTimeoutError> {
    loop {
        if let End::Hub(_) = ended.recv_timeout(GRACE)? {
            return Ok(());
        }
    }
}

fn print(output: &mut impl Write, lines: &[String]) -> std::io::Result<()> {
    for line in lines {
        writeln!(output, "{line}")?;
    }
    output.flush()
}
