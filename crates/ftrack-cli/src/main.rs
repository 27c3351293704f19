//! The `ftrack` command.
//!
//! Commands are verbs (`query`, `serve`), or nouns with verbs (`event listen`, `version publish`). Each has a file, in
//! the folder of its noun, with its options and what it does; what several share is in `options`.
//!
//! Every command ends with exit code 0, with 1 if what it was asked to do failed, with 2 for wrong usage, with 3 if
//! something that was named is not there, with 4 if the server refused, and with 130 if it was interrupted.
#![forbid(unsafe_code)]

mod action;
mod arguments;
mod attributes;
#[cfg(test)]
mod changing;
mod check;
mod column;
mod component;
mod connection;
mod custom_attributes;
mod demo;
#[cfg(test)]
mod documentation;
mod entity;
mod escape;
mod event;
mod failure;
mod interruption;
mod location;
mod login;
mod names;
mod options;
mod output;
mod pausing;
mod profile;
mod progress;
mod query;
mod resolve;
mod rows;
mod schema;
mod secret;
mod serve;
mod shell;
mod table;
mod version;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    log_to_standard_error(arguments.verbose);
    let outcome = match arguments.command {
        Command::Login(options) => login::run(&options),
        Command::Query(options) => query::run(&options),
        Command::Entity(command) => entity::run(&command),
        Command::Attributes(options) => attributes::run(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Event(command) => event::run(&command),
        Command::Action(command) => action::run(&command),
        Command::Version(command) => version::run(&command),
        Command::Component(command) => component::run(&command),
        Command::Location(command) => location::run(&command),
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Completions(options) => shell::completions(&options, &mut Arguments::command()),
        Command::Man(options) => shell::manual(&options, Arguments::command()),
    };
    match outcome {
        Ok(code) => code,
        Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(failure) => {
            let failure = interruption::or_interrupted(failure);
            output::report(&failure);
            failure.exit_code()
        }
    }
}

/// Warnings by default; `-v` and `-vv` tell more, and `RUST_LOG` decides alone if it is set.
fn log_to_standard_error(verbose: u8) {
    let level = ["warn", "info", "debug"]
        .get(usize::from(verbose))
        .copied()
        .unwrap_or("trace");
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(anstream::stderr)
        .without_time()
        .init();
}
