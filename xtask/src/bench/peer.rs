//! The official Python client beside ours, on the same machine at the same time.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::CARGO;
use crate::conformance::python;
use crate::metadata::Metadata;
use crate::{Outcome, command, root};

/// What both measure, under the same names.
const SCENARIOS: [&str; 3] = [
    "parse_typical_expression",
    "match_event",
    "match_event_of_other_topic",
];

/// Prints a JSON line for each scenario: what either takes once, in microseconds, and how many times as long the
/// official client takes.
pub(crate) fn run() -> Outcome {
    let metadata = Metadata::load()?;
    let python = python::environment(Path::new(metadata.target_directory()))?;
    let ours = lines(command::cargo(&CARGO).arg("scenarios").args(SCENARIOS))?;
    let script = root().join("crates/ftrack-bench/peer/expressions.py");
    let theirs = lines(Command::new(python).arg(script))?;
    for scenario in SCENARIOS {
        let ours = find(&ours, scenario)?;
        let total = number(ours, "ours_ms")? * 1e3;
        let ours = total / number(ours, "times")?;
        let peer = number(find(&theirs, scenario)?, "peer_us")?;
        println!(
            "{}",
            json!({
                "scenario": scenario,
                "ours_us": rounded(ours), "peer_us": rounded(peer),
                "peer_to_ours": rounded(peer / ours),
            })
        );
    }
    Ok(())
}

fn lines(command: &mut Command) -> Outcome<Vec<Value>> {
    let printed = String::from_utf8(command::output(command)?)?;
    let lines = printed.lines().map(serde_json::from_str);
    Ok(lines.collect::<Result<_, _>>()?)
}

fn find<'a>(lines: &'a [Value], scenario: &str) -> Outcome<&'a Value> {
    let mut lines = lines.iter();
    let found = lines.find(|line| line["scenario"] == scenario);
    found.ok_or_else(|| format!("{scenario} was not measured").into())
}

fn number(line: &Value, name: &str) -> Outcome<f64> {
    let number = line[name].as_f64();
    number.ok_or_else(|| format!("{line} has no number {name:?}").into())
}

fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
