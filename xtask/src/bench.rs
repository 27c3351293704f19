//! Measuring a release build.

use clap::Args;

use crate::{Outcome, command};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What the benchmark program is to do.
    #[arg(default_values_t = ["scenarios".to_owned()], trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the benchmark program and passes its output and its failure on.
pub(crate) fn run(options: &Options) -> Outcome {
    let cargo = [
        "run",
        "--release",
        "--quiet",
        "--package",
        "ftrack-bench",
        "--",
    ];
    command::run(command::cargo(&cargo).args(&options.arguments))
}
