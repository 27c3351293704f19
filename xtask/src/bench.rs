//! Measuring a release build.

mod peer;

use clap::Args;

use crate::{Outcome, command};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Measures the event expressions of the official Python client too, and prints how many times as long it takes.
    #[arg(long)]
    peer: bool,
    /// What the benchmark program is to do.
    #[arg(default_values_t = ["scenarios".to_owned()], trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

const CARGO: [&str; 6] = [
    "run",
    "--release",
    "--quiet",
    "--package",
    "ftrack-bench",
    "--",
];

/// Builds the benchmark program and passes its output and its failure on.
pub(crate) fn run(options: &Options) -> Outcome {
    if options.peer {
        return peer::run();
    }
    command::run(command::cargo(&CARGO).args(&options.arguments))
}
