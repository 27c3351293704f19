//! The expressions of event subscriptions, and the hub.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};

use ftrack_event::{Event, EventHub};
use ftrack_expression::Expression;
use ftrack_transport::ConnectionOptions;
use serde_json::json;

use super::sample::measure;
use super::{Arguments, Outcome};

const EXPRESSION: &str = "topic=ftrack.update and data.entities.entityType=task and \
                          (source.user.username=x or not data.a >= 3)";

const PARSES: usize = 300;
const MATCHES: usize = 50_000;
const SUBSCRIBERS: usize = 1_000;
const EVENTS: usize = 500;

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
    find(&expression, "B8.match_miss", "ftrack.other")?;
    dispatch()
}

/// A hub that is not connected, as the other clients make one; each event is for one of its subscribers.
fn dispatch() -> Outcome {
    let connection = ConnectionOptions::new("http://127.0.0.1:9", "bench", "bench-key")?;
    let hub = EventHub::new(connection)?;
    let called: Arc<Mutex<Vec<String>>> = Arc::default();
    let subscribe = || -> Outcome {
        for number in 0..SUBSCRIBERS {
            let called = Arc::clone(&called);
            hub.subscribe(&format!("topic=bench.topic.{number}"), move |event| {
                let mut called = called.lock().unwrap_or_else(PoisonError::into_inner);
                called.push(event.id.clone());
                Ok(None)
            })?;
        }
        Ok(())
    };
    let ((), sample) = measure(None, subscribe)?;
    sample.print("B8.subscribe1000", SUBSCRIBERS, None)?;
    let publish =
        |number: usize| hub.publish_synchronously(Event::new(format!("bench.topic.{number}")));
    for number in 0..50 {
        publish(number)?;
    }
    let count = || called.lock().unwrap_or_else(PoisonError::into_inner).len();
    let before = count();
    let ((), sample) = measure(None, || {
        for number in 0..EVENTS {
            publish(number * 2)?;
        }
        Ok(())
    })?;
    sample.print("B8.dispatch1000", EVENTS, count() - before)
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
