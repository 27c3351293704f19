//! The scenarios, by name.

mod commit;
mod decode;

use crate::scenario::Measured;

/// What a scenario measured, or why it could not.
type Outcome = Result<Measured, Box<dyn std::error::Error>>;

/// A scenario: its name and how to run it.
type Scenario = (&'static str, fn() -> Outcome);

/// Every scenario.
pub(crate) const ALL: &[Scenario] = &[
    ("decode_and_merge_10000_tasks", decode::first),
    ("decode_and_merge_10000_known_tasks", decode::again),
    ("encode_commit_of_2000_operations", commit::encode),
    (
        "plan_and_encode_commit_of_2000_operations",
        commit::plan_and_encode,
    ),
];
