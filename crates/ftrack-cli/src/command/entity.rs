//! Commands that look at entities and change them: `ftrack get`, `create`, `set`, `delete`, `note`, `assign`, `log` and
//! `tree`.

mod assign;
mod assignment;
mod changes;
mod create;
mod delete;
mod get;
mod log;
mod note;
mod set;
mod tree;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do with entities.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Get(get::Options),
    Tree(tree::Options),
    Create(create::Options),
    Set(set::Options),
    Delete(delete::Options),
    Note(note::Options),
    Assign(assign::Options),
    Log(log::Options),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Get(options) => get::run(options),
        Command::Tree(options) => tree::run(options),
        Command::Create(options) => create::run(options),
        Command::Set(options) => set::run(options),
        Command::Delete(options) => delete::run(options),
        Command::Note(options) => note::run(options),
        Command::Assign(options) => assign::run(options),
        Command::Log(options) => log::run(options),
    }
}
