//! `ftrack action`.

mod launch;
mod list;
mod offers;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do with actions.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(list::Options),
    Launch(launch::Options),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::List(options) => list::run(options),
        Command::Launch(options) => launch::run(options),
    }
}
