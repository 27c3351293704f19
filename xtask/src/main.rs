//! Development tasks of this workspace: `cargo xtask --help` lists them.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program for the people who work here"
)]

mod bench;
mod ci;
mod command;
mod conformance;
mod layers;
mod metadata;
mod tidy;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a task answers. The tasks are read by people only, so any error will do.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Development tasks of this workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Checks which crate depends on which against the layers of the architecture.
    Layers,
    /// Checks what neither compiler nor clippy look at: sizes of files, module docs, licences, leftovers.
    Tidy,
    /// Runs everything that a submission must pass.
    Ci,
    /// Lets the official client judge the local server, and compares what it sends with what we send.
    Conformance(conformance::Options),
    /// Measures a release build; one JSON line per scenario.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Layers => layers::run(),
        Task::Tidy => tidy::run(),
        Task::Ci => ci::run(),
        Task::Conformance(options) => conformance::run(&options),
        Task::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}
