//! `ftrack location`.

mod ls;
mod sync;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do with locations.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ls(ls::Options),
    Sync(sync::Options),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Ls(options) => ls::run(options),
        Command::Sync(options) => sync::run(options),
    }
}
