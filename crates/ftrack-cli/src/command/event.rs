//! `ftrack event`.

mod dead_letters;
mod execute;
mod filter;
mod follow;
mod listen;
mod publish;
mod told;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do with events.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Listen(listen::Options),
    Follow(follow::Options),
    /// List the events that `event follow` could not handle, replay them, or take them out.
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    Publish(publish::Options),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Listen(options) => listen::run(options),
        Command::Follow(options) => follow::run(options),
        Command::DeadLetters(command) => dead_letters::run(command),
        Command::Publish(options) => publish::run(options),
    }
}
