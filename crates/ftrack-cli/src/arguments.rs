//! What can be said on the command line. What a command says of itself is the documentation of its options.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::command::Command;

/// Work with an ftrack server, or run one.
#[derive(Debug, Parser)]
#[command(
    name = "ftrack",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Begin with:
  ftrack serve --demo --profile local     a server on this machine, with a production in it
  ftrack login                            keep server, user and key of yours
  ftrack query --mine                     your open tasks
  ftrack tree last_lantern                what is in a project

An entity is named TYPE:ID, TYPE:NAME, or by its path: last_lantern/storm/010/lighting.
Exit codes: 0, 1 failed, 2 wrong usage, 3 not found, 4 refused, 130 interrupted."
)]
pub(crate) struct Arguments {
    /// Log more to standard error; repeat for more yet.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// What the command line says. Ends the process if that makes no sense, or if help was asked for.
    pub(crate) fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| match error.kind() {
            ErrorKind::InvalidUtf8 => {
                let message = not_unicode(std::env::args_os().skip(1));
                Self::command().error(error.kind(), message).exit()
            }
            _ => error.exit(),
        })
    }
}

/// Names the arguments that are not text, which the parser does not, with escapes for what cannot be shown. Paths may
/// be such, and names of entities may not.
fn not_unicode(arguments: impl Iterator<Item = OsString>) -> String {
    let odd = arguments.filter(|argument| argument.to_str().is_none());
    let odd: Vec<OsString> = odd.collect();
    format!("an argument is not Unicode, and has to be: {odd:?}")
}
