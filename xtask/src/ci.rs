//! Everything that a submission must pass.

use std::process::Command;

use crate::{Outcome, command, root};

/// Runs the script, which is the one list of the steps.
pub(crate) fn run() -> Outcome {
    command::run(Command::new("bash").arg(".ci/run").current_dir(root()))
}
