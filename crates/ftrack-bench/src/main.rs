//! Measures this workspace against a floor in the same run.
//!
//! `ftrack-bench scenarios [NAME…]` prints one JSON line per scenario: what ours takes, what the floor takes for the
//! same bytes, and the ratio of the two. Both are timed in turn and the best of the rounds counts, so that a slow
//! spell of the machine falls on both.

mod fixture;
mod scenario;
mod scenarios;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("scenarios") => run_scenarios(&arguments.collect::<Vec<_>>()),
        _ => fail("usage: ftrack-bench scenarios [NAME…]"),
    }
}

fn run_scenarios(wanted: &[String]) -> ExitCode {
    let mut output = std::io::stdout().lock();
    for (name, run) in scenarios::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        match run() {
            Ok(measured) => {
                if writeln!(output, "{}", measured.to_json(name)).is_err() {
                    return ExitCode::FAILURE;
                }
            }
            Err(error) => return fail(&format!("{name}: {error}")),
        }
    }
    ExitCode::SUCCESS
}

fn fail(message: &str) -> ExitCode {
    // Nothing helps if even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
