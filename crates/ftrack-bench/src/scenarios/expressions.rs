//! The expressions of event subscriptions.

use std::hint::black_box;

use ftrack_expression::Expression;
use serde_json::{Value, json};

use super::{Outcome, words};
use crate::scenario::Measured;

const TYPICAL: &str = "topic=ftrack.update and data.entities.entityType=task and \
                       (source.user.username=x or not data.a >= 3)";

/// Reading one: the floor is splitting the same text into its words, each on its own.
pub(super) fn parse() -> Outcome {
    Expression::parse(TYPICAL)?;
    Ok(Measured::repeated(
        1_000,
        || Expression::parse(black_box(TYPICAL)),
        || words(black_box(TYPICAL)),
    ))
}

/// Matching an event that fulfils all of it: the floor is the same conditions, written in Rust.
pub(super) fn hit() -> Outcome {
    find("ftrack.update")
}

/// Matching an event of another topic: the same floor.
pub(super) fn miss() -> Outcome {
    find("ftrack.other")
}

fn find(topic: &str) -> Outcome {
    let expression = Expression::parse(TYPICAL)?;
    let event = json!({
        "id": "0d1c6a1a6d0c4d0ea7b6e5a4c3b2a190", "topic": topic,
        "data": {"entities": {"entityType": "task"}, "a": "5"},
        "source": {"user": {"username": "x"}},
        "target": "", "in_reply_to_event": null, "sent": null,
    });
    if expression.matches(&event) != by_hand(&event) {
        return Err("the expression matches something else than its floor".into());
    }
    Ok(Measured::repeated(
        50_000,
        || expression.matches(black_box(&event)),
        || by_hand(black_box(&event)),
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
