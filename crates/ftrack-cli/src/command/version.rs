//! `ftrack version`.

mod publish;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do with versions of assets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Publish(publish::Options),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Publish(options) => publish::run(options),
    }
}
