//! `ftrack event follow`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use ftrack::chrono::{DateTime, Utc};
use ftrack::follow::{Follow, FollowEnded, FollowEvents, StartAt};

use super::execute::{Execution, Executor};
use crate::connection::connect;
use crate::failure::{Failure, INTERRUPTED};
use crate::options::{Connection, seconds};

/// How much longer the listener waits than the programs may take, so that it hears of their end.
const SLACK: Duration = Duration::from_secs(2);

/// Run a program for each event, and miss none.
///
/// Events come as they happen, one for each entity that they tell of, and after a gap or a restart what was missed, as
/// far as the server remembers it. Events of one entity are handled in order, one after the other.
///
/// The program gets the event as one line of JSON on its standard input: the event's own keys, and `caughtUp`, `origin`
/// (`live`, `remembered` or `queried`) and `attempt`. When it ends with 0 the event is acknowledged, and never comes
/// again; else it is run again after a second, two, four and so on. An event that cannot be handled ends in the list of
/// dead letters; see `ftrack event dead-letters`.
///
/// SIGINT or SIGTERM end the command: programs that run are waited for, then killed; the position is stored. A second
/// signal kills them at once. Exit code 0 if everything in hand was finished, 130 if a program had to be killed or
/// failed meanwhile, so that its event comes again; 1 if the listener could not begin or go on, 2 for wrong usage, such
/// as an expression that is none, 4 if the server refuses user and key.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ftrack event follow topic=ftrack.update --exec ./on-change.sh --position position.json")]
pub(crate) struct Options {
    /// Which events, such as `topic=ftrack.update`.
    #[arg(value_name = "EXPRESSION")]
    expression: String,
    #[command(flatten)]
    execution: Execution,
    /// How many programs may run at once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// Keep the position in this file. Without it what happens while the command does not run is missed.
    #[arg(long, value_name = "FILE")]
    position: Option<PathBuf>,
    /// Where to begin without a position: `now`, `oldest` for all that the server remembers, or a time such as
    /// `2026-11-30T09:00:00Z`.
    #[arg(long, value_name = "WHEN", default_value = "now")]
    from: Begin,
    /// Keep events in this file that cannot be handled. Without it they are logged and given up.
    #[arg(long, value_name = "FILE")]
    dead_letters: Option<PathBuf>,
    /// How often to run the program again when it fails.
    #[arg(long, value_name = "N", default_value_t = 5)]
    retries: u32,
    /// Say in this file how the listener is doing: JSON, replaced once a second.
    #[arg(long, value_name = "FILE")]
    health: Option<PathBuf>,
    /// Say it over HTTP as well, at an address such as `127.0.0.1:9180`: status 200 if the listener does its work.
    #[arg(long, value_name = "ADDRESS")]
    health_listen: Option<String>,
    /// How long programs may take once the command is to end.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    stop_within: Duration,
    /// Stop after this many events.
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    #[command(flatten)]
    connection: Connection,
}

/// Where to begin.
#[derive(Debug, Clone, Copy)]
struct Begin(StartAt);

impl FromStr for Begin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "now" => StartAt::Now,
            "oldest" => StartAt::Oldest,
            time => {
                let time = DateTime::parse_from_rfc3339(time).map_err(|_| {
                    "write now, oldest, or a time such as 2026-11-30T09:00:00Z".to_owned()
                })?;
                StartAt::Time(time.with_timezone(&Utc))
            }
        }))
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let follow = configure(session.follow(&options.expression), options)?;
    let stopper = follow.stopper();
    let executor = Executor::new(&options.execution)
        .with_session(&session, options.connection.profile.as_deref())
        .stopped_by(stopper.clone(), options.stop_within);
    executor.stop_on_signals()?;
    let (handled, count) = (AtomicUsize::new(0), options.count);
    if count == Some(0) {
        stopper.stop();
    }
    let ended = follow.run(move |followed| {
        executor.run(followed)?;
        let handled = handled.fetch_add(1, Ordering::AcqRel) + 1;
        if count.is_some_and(|count| handled >= count) {
            stopper.stop();
        }
        Ok(())
    })?;
    session.close();
    Ok(match ended {
        FollowEnded::Stopped => ExitCode::SUCCESS,
        _ => ExitCode::from(INTERRUPTED),
    })
}

fn configure(mut follow: Follow, options: &Options) -> Result<Follow, Failure> {
    follow = follow
        .start_at(options.from.0)
        .concurrency(usize::from(options.concurrency))
        .retries(options.retries)
        .stop_within(options.stop_within.saturating_add(SLACK));
    if let Some(file) = &options.position {
        follow = follow.position_file(file)?;
    }
    if let Some(file) = &options.dead_letters {
        follow = follow.dead_letter_file(file)?;
    }
    if let Some(file) = &options.health {
        follow = follow.health_file(file);
    }
    if let Some(address) = &options.health_listen {
        follow = follow.health_endpoint(address);
    }
    Ok(follow)
}
