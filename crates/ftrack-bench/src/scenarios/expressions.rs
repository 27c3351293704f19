//! The expressions of event subscriptions.

use std::hint::black_box;

use ftrack_expression::Expression;
use serde::Deserialize;
use serde_json::Value;

use super::{Outcome, words};
use crate::scenario::Measured;

/// What other clients are measured with too.
const CASE: &str = include_str!("../../peer/expression.json");

/// An expression, an event that fulfils all of it, and a topic with which the event does not.
#[derive(Deserialize)]
struct Case {
    expression: String,
    event: Value,
    other_topic: String,
}

/// Reading one: the floor is splitting the same text into its words, each on its own.
pub(super) fn parse() -> Outcome {
    let Case { expression, .. } = serde_json::from_str(CASE)?;
    Expression::parse(&expression)?;
    Ok(Measured::repeated(
        1_000,
        || Expression::parse(black_box(&expression)),
        || words(black_box(&expression)),
    ))
}

/// Matching an event that fulfils all of it: the floor is the same conditions, written in Rust.
pub(super) fn hit() -> Outcome {
    let case: Case = serde_json::from_str(CASE)?;
    find(&case.expression, &case.event)
}

/// Matching an event of another topic: the same floor.
pub(super) fn miss() -> Outcome {
    let mut case: Case = serde_json::from_str(CASE)?;
    case.event["topic"] = case.other_topic.into();
    find(&case.expression, &case.event)
}

fn find(expression: &str, event: &Value) -> Outcome {
    let expression = Expression::parse(expression)?;
    if expression.matches(event) != by_hand(event) {
        return Err("the expression matches something else than its floor".into());
    }
    Ok(Measured::repeated(
        50_000,
        || expression.matches(black_box(event)),
        || by_hand(black_box(event)),
    ))
}

fn by_hand(event: &Value) -> bool {
    let is_old = || match &event["data"]["a"] {
        Value::Number(number) => number.as_f64() < Some(3.0),
        Value::String(text) => text.as_str() < "3",
        _ => true,
    };
    event["topic"] == "ftrack.update"
        && event["data"]["entities"]["entityType"] == "task"
        && (event["source"]["user"]["username"] == "x" || is_old())
}
