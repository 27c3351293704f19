//! `ftrack event dead-letters`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use ftrack::follow::{DeadLetter, DeadLetters, FollowStopper, Replayed};
use serde_json::json;

use super::execute::{Execution, Executor};
use crate::failure::{Failure, INTERRUPTED};
use crate::options::{Change, Deletion, Format, Sentence};
use crate::rows;
use crate::terminal::output::{self, OneLine};

/// How long a program may take once the command is to end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// What to do with events that could not be handled.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(List),
    Replay(Replay),
    Remove(Remove),
}

/// Print the dead letters in a file, oldest first.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ftrack event dead-letters list failed.jsonl")]
pub(crate) struct List {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    format: Format,
}

/// Run a program for each dead letter again, oldest first.
///
/// Those that are handled leave the list, the others stay. A listener may go on using the list meanwhile. SIGINT or
/// SIGTERM end the command: the program that runs may take ten seconds more, then it is killed, and so it is by a
/// second signal. Exit code 0 if all were handled, 1 if one was not, 130 if it was ended.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack event dead-letters replay failed.jsonl --exec ./on-change.sh
  ftrack event dead-letters replay failed.jsonl --exec ./on-change.sh --dry-run")]
pub(crate) struct Replay {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    execution: Execution,
    #[command(flatten)]
    change: Change,
}

/// Take dead letters out of the list without handling them.
///
/// Asks before it does so. Exit code 0 if there was something to take out, 1 if not or the answer was no, 2 without
/// --yes where nobody can answer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack event dead-letters remove failed.jsonl 3 4
  ftrack event dead-letters remove failed.jsonl 3 --yes")]
pub(crate) struct Remove {
    #[command(flatten)]
    file: File,
    /// Which, by the ids that `list` prints.
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    deletion: Deletion,
}

#[derive(Debug, Args)]
struct File {
    /// The list, as given to `ftrack event follow --dead-letters`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl File {
    /// The list. One that is not there is no list: somebody has mistyped its name.
    fn open(&self) -> Result<DeadLetters, Failure> {
        if !self.file.exists() {
            let file = self.file.display();
            return Err(Failure::NotFound(format!(
                "there is no list of dead letters {file}"
            )));
        }
        Ok(DeadLetters::open(&self.file)?)
    }
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(options) => list(options),
        Command::Replay(options) => replay(options),
        Command::Remove(options) => remove(options),
    }
}

fn list(options: &List) -> Result<ExitCode, Failure> {
    let letters = options.file.open()?.all()?;
    if options.format.is_for_programs() {
        return print_rows(&letters, &options.format);
    }
    let mut output = output::standard();
    for letter in &letters {
        print(&mut output, letter)?;
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn print_rows(letters: &[DeadLetter], format: &Format) -> Result<ExitCode, Failure> {
    let titles = ["id", "failedAt", "topic", "key", "attempts", "error"];
    let mut rows = rows::begin(format, titles.map(str::to_owned).into())?;
    for letter in letters {
        let cells = || {
            vec![
                letter.id.clone(),
                letter.failed_at.to_rfc3339(),
                letter.event.topic.clone(),
                letter.key.clone(),
                letter.attempts.to_string(),
                letter.error.clone(),
            ]
        };
        let object = || match serde_json::to_value(letter) {
            Ok(serde_json::Value::Object(object)) => object,
            _ => serde_json::Map::new(),
        };
        rows.push(cells, object)?;
    }
    rows.finish()?;
    Ok(ExitCode::SUCCESS)
}

fn print(output: &mut impl Write, letter: &DeadLetter) -> std::io::Result<()> {
    let (id, topic, key) = (
        OneLine(&letter.id),
        OneLine(&letter.event.topic),
        OneLine(&letter.key),
    );
    let at = letter.failed_at.format("%Y-%m-%d %H:%M:%S");
    let (attempts, error) = (letter.attempts, OneLine(&letter.error));
    writeln!(
        output,
        "{id}  {at}  {topic}  {key}  {attempts} attempts: {error}"
    )
}

fn replay(options: &Replay) -> Result<ExitCode, Failure> {
    let letters = options.file.open()?;
    if options.change.dry_run {
        let waiting = letters.all()?;
        let ids: Vec<&str> = waiting.iter().map(|letter| letter.id.as_str()).collect();
        let sentence = Sentence {
            done: "handled",
            planned: "would run the program for",
            what: format!("{} dead letter(s): {}", ids.len(), ids.join(", ")),
        };
        options.change.tell(&sentence, json!({ "ids": ids }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let stopper = FollowStopper::default();
    let executor = Executor::new(&options.execution).stopped_by(stopper.clone(), STOP_WITHIN);
    executor.stop_on_signals()?;
    let replayed = letters.replay_until_stopped(&stopper, |followed| executor.run(followed))?;
    let Replayed {
        handled, failed, ..
    } = replayed;
    let sentence = Sentence {
        done: "handled",
        planned: "would handle",
        what: format!("{handled} dead letter(s); {failed} failed again"),
    };
    let report = json!({ "handled": handled, "failed": failed });
    options.change.tell(&sentence, report)?;
    Ok(match failed {
        _ if stopper.is_stopped() => ExitCode::from(INTERRUPTED),
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn remove(options: &Remove) -> Result<ExitCode, Failure> {
    let letters = options.file.open()?;
    let mut there = letters.all()?;
    there.retain(|letter| options.ids.contains(&letter.id));
    let ids: Vec<String> = there.into_iter().map(|letter| letter.id).collect();
    let what = match ids.as_slice() {
        [] => "no dead letter: none has such an id".to_owned(),
        ids => format!("{} dead letter(s): {}", ids.len(), ids.join(", ")),
    };
    if !ids.is_empty() {
        options.deletion.confirm(|| Ok(format!("remove {what}")))?;
    }
    if !options.deletion.change.dry_run {
        letters.remove(&ids)?;
    }
    let sentence = Sentence {
        done: "removed",
        planned: "would remove",
        what,
    };
    let report = json!({ "ids": ids });
    options.deletion.change.tell(&sentence, report)?;
    Ok(if ids.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
