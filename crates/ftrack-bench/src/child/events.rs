//! The expressions of event subscriptions.

use std::hint::black_box;

use ftrack_expression::Expression;
use serde_json::json;

use super::sample::measure;
use super::{Arguments, Outcome};

const EXPRESSION: &str = "topic=ftrack.update and data.entities.entityType=task and \
                          (source.user.username=x or not data.a >= 3)";

const PARSES: usize = 300;
const MATCHES: usize = 50_000;

pub(super) fn run(_: &Arguments) -> Outcome {
    let expression = Expression::parse(EXPRESSION)?;
    let parse = |times| {
        for _ in 0..times {
            black_box(Expression::parse(black_box(EXPRESSION))?);
        }
        Ok(())
    };
    parse(PARSES / 15)?;
    let ((), sample) = measure(None, || parse(PARSES))?;
    sample.print("B8.parse", PARSES, None)?;
    find(&expression, "B8.match_hit", "ftrack.update")?;
    find(&expression, "B8.match_miss", "ftrack.other")
}

fn find(expression: &Expression, scenario: &str, topic: &str) -> Outcome {
    let event = json!({
        "id": "0d1c6a1a6d0c4d0ea7b6e5a4c3b2a190", "topic": topic,
        "data": {"entities": {"entityType": "task"}, "a": "5"},
        "source": {"user": {"username": "x"}},
        "target": "", "in_reply_to_event": null, "sent": null,
    });
    let hits = |times| {
        (0..times)
            .filter(|_| expression.matches(black_box(&event)))
            .count()
    };
    hits(MATCHES / 10);
    let (hits, sample) = measure(None, || Ok(hits(MATCHES)))?;
    sample.print(scenario, MATCHES, hits)
}
