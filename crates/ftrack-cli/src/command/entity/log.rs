//! `ftrack log`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use ftrack::chrono::{DateTime, Utc};
use ftrack::prelude::*;

use super::changes::carry_out_told;
use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Change, Connection, Named, Sentence};
use crate::resolve::{described, me, resolve};

/// Log time that you worked on a task.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack log last_lantern/storm/010/lighting 1h30m --comment 'Second pass'
  ftrack log last_lantern/storm/010/lighting 45m --start 2026-11-30T09:00:00Z

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// What you worked on: a path from the project, TYPE:ID, or the id of a task.
    #[arg(value_name = "TASK")]
    task: Named,
    /// How long: hours, minutes and seconds, such as `1h30m`, `45m` or `0.5h`.
    #[arg(value_name = "TIME", value_parser = duration)]
    duration: Duration,
    /// What you did.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    comment: String,
    /// When you began; defaults to so long ago as you worked.
    #[arg(long, value_name = "TIME")]
    start: Option<DateTime<Utc>>,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let task = resolve(&session, &options.task, Some("Task"))?;
    let user = me(&session)?;
    let start = options
        .start
        .unwrap_or_else(|| Utc::now() - options.duration);
    let values = values! {
        "context": &task,
        "user": &user,
        "duration": options.duration.as_secs_f64(),
        "start": start,
        "comment": options.comment.as_str(),
    };
    session.create("Timelog", values)?;
    let sentence = Sentence {
        done: "logged",
        planned: "would log",
        what: format!("{} on the {}", shown(options.duration), described(&task)),
    };
    carry_out_told(&session, &options.change, vec![sentence])
}

/// A time as it is written: `1h30m`.
fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let mut shown = String::new();
    for (count, unit) in parts {
        if count > 0 {
            shown.push_str(&count.to_string());
            shown.push_str(unit);
        }
    }
    shown
}

/// A time such as `1h30m`, `45m`, `0.5h` or `90s`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a time such as 1h30m, 45m or 0.5h");
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|character: char| character.is_ascii_alphabetic());
        let end = end.ok_or_else(wrong)?;
        let number: f64 = rest[..end].trim().parse().map_err(|_| wrong())?;
        let seconds = match rest.as_bytes().get(end) {
            Some(b'h') => 3600.0,
            Some(b'm') => 60.0,
            Some(b's') => 1.0,
            _ => return Err(wrong()),
        };
        let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = &rest[end + 1..];
    }
    // Nobody works longer than this at a stretch, and it fits into every clock.
    match total {
        Duration::ZERO => Err(wrong()),
        total if total > Duration::from_secs(366 * 24 * 3600) => Err(wrong()),
        total => Ok(total),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [
            ("1h30m", 5400),
            ("45m", 2700),
            ("0.5h", 1800),
            (" 90s ", 90),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(shown(Duration::from_secs(5400)), "1h30m");
        assert_eq!(shown(Duration::from_secs(45)), "45s");
        for text in [
            "", "90", "h", "-1h", "1d", "1h30", "NaNh", "1e9h", "0m", "ä",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
