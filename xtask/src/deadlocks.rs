//! Tests whose locks know who waits for whom.

use crate::{Outcome, command};

/// The crates that call other people's code and have threads of their own.
const CRATES: [&str; 2] = ["ftrack-session", "ftrack-event"];

/// Runs the tests of these crates with the detection of deadlocks. A deadlock ends the tests, and shows where its
/// threads wait.
pub(crate) fn run() -> Outcome {
    for name in CRATES {
        let features = format!("{name}/deadlock-detection");
        let arguments = [
            "test",
            "--package",
            name,
            "--features",
            &features,
            "--test",
            "it",
        ];
        command::run(&mut command::cargo(&arguments))?;
        println!("deadlocks: none in the tests of {name}");
    }
    Ok(())
}
