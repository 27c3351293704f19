//! The `ftrack` command.
//!
//! | command | what it does |
//! |---|---|
//! | `serve` | a local server to develop and test against |
//! | `demo` | the product's tutorial, against a local server of its own |
//! | `check` | reads queries and event expressions and says what is wrong with them |
//! | `query` | asks a server, and prints a table or JSON |
//! | `schema` | the entity types of a server |
//! | `listen` | the events that a server tells of |
//! | `publish` | publishes an event |
//! | `actions` | the actions that are offered for entities, to list and to launch |
//! | `publish-version` | publishes files as a new version of an asset |
//! | `download` | copies the files of a component to a folder |
//! | `ls-locations` | the locations, and which of them can be used |
//!
//! Every command ends with exit code 0, with 1 if what it was asked to do failed, and with 2 for wrong usage. Those
//! that copy files end with 130 if they were interrupted.

mod actions;
mod arguments;
mod check;
mod connection;
mod demo;
mod disk;
mod download;
mod failure;
mod interruption;
mod listen;
mod locations;
mod output;
mod progress;
mod publish;
mod publish_version;
mod query;
mod schema;
mod serve;
mod table;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_standard_error(arguments.verbose);
    let outcome = match arguments.command {
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Query(options) => query::run(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Listen(options) => listen::run(&options),
        Command::Publish(options) => publish::run(&options),
        Command::Actions(options) => actions::run(&options),
        Command::PublishVersion(options) => publish_version::run(&options),
        Command::Download(options) => download::run(&options),
        Command::LsLocations(options) => locations::run(&options),
    };
    match outcome {
        Ok(code) => code,
        Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(failure) => {
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
