//! Development tasks of this workspace: `cargo xtask --help` lists them.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program for the people who work here"
)]

mod bench;
mod ci;
mod command;
mod conformance;
mod deadlocks;
mod docs;
mod features;
mod floors;
mod interface;
mod layers;
mod memory;
mod metadata;
mod python;
mod release;
mod tidy;
mod trial;

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
    /// Checks the links of all pages, what they include, and the list of what depends on the system.
    Docs(docs::Options),
    /// Checks the small crates with every set of their features.
    Features,
    /// Compares the public interface of the crates that others build on with the listing in docs/interface.
    Interface(interface::Options),
    /// Runs the tests of the unsafe code under what watches memory: the address sanitizer and Miri of a nightly
    /// toolchain, or valgrind in place of the former. Says what it could not run, and fails if that is everything.
    Memory,
    /// Runs the tests of sessions and events with locks that know who waits for whom.
    Deadlocks,
    /// Runs everything that a submission must pass.
    Ci,
    /// Lets the official client judge the local server, and compares what it sends with what we send.
    Conformance(conformance::Options),
    /// Builds the wheel of the Python package, tests it, and lets both Python clients run the same scripts.
    Python(python::Options),
    /// Does everything that a release takes but publishing, and prints what would be done.
    Release(release::Options),
    /// Measures a release build; one JSON line per scenario.
    Bench(bench::Options),
    /// Sends the local server the worst requests that are known, while small ones must have their answers in time.
    Soak(trial::Soak),
    /// Kills a listener, its server and the line between them at random moments during many changes; none may be
    /// missed, and none handled again once it was acknowledged.
    Listen(trial::Listen),
    /// Passes events through hubs, which must leave nothing in memory or in queues; a million takes some minutes.
    SoakEvents(trial::SoakEvents),
    /// Sends the local server random requests; a restart and a snapshot must not change what it knows then.
    Fuzz(trial::Fuzz),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Layers => layers::run(),
        Task::Tidy => tidy::run(),
        Task::Docs(options) => docs::run(&options),
        Task::Features => features::run(),
        Task::Interface(options) => interface::run(&options),
        Task::Memory => memory::run(),
        Task::Deadlocks => deadlocks::run(),
        Task::Ci => ci::run(),
        Task::Conformance(options) => conformance::run(&options),
        Task::Python(options) => python::run(&options),
        Task::Release(options) => release::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Soak(options) => trial::soak(&options),
        Task::Listen(options) => trial::listen(&options),
        Task::SoakEvents(options) => trial::soak_events(&options),
        Task::Fuzz(options) => trial::fuzz(&options),
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
