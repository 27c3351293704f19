//! The `ftrack` command.
//!
//! Commands are verbs (`query`, `serve`), or nouns with verbs (`event listen`, `version publish`). Each has a file in
//! `command`, in the folder of its noun, with its options and what it does. What several share stands beside that:
//! `options` that are said alike, the `connection` to a server, which entity is meant (`resolve`), lists of results
//! (`rows`), and what goes to a `terminal` and comes from it.
//!
//! Every command ends with exit code 0, with 1 if what it was asked to do failed, with 2 for wrong usage, with 3 if
//! something that was named is not there, with 4 if the server refused, and with 130 if it was interrupted.
#![forbid(unsafe_code)]

mod arguments;
mod command;
mod connection;
mod custom_attributes;
mod failure;
mod options;
mod resolve;
mod rows;
mod terminal;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::terminal::{interruption, output};

/// A server of a million entities that changes all day fragments the memory of the system's allocator: after 100,000
/// writes it looks for free memory for longer than it writes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    log_to_standard_error(arguments.verbose);
    match arguments.command.run(Arguments::command) {
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
