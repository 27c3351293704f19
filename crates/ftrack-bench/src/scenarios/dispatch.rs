//! Handing events to subscribers of the same process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ftrack_event::{Event, EventHub};
use serde_json::json;

use super::Outcome;
use crate::scenario::Measured;

type Closure = Box<dyn Fn(&Event)>;

/// One event for one of ten thousand subscribers, each of a topic of its own: the floor is the same in a hub that has
/// no other subscriber.
pub(super) fn many_topics() -> Outcome {
    let (many, one) = (hub(0..10_000)?, hub(5_000..5_001)?);
    let publish = |hub: &EventHub| hub.publish_synchronously(event("bench.topic.5000"));
    if publish(&many)?.len() != 1 || publish(&one)?.len() != 1 {
        return Err("the event does not reach one subscriber".into());
    }
    Ok(Measured::repeated(
        2_000,
        || publish(&many),
        || publish(&one),
    ))
}

/// One event that a thousand subscribers want: the floor is calling as many closures that are in a list.
pub(super) fn many_subscribers() -> Outcome {
    let hub = EventHub::local();
    let called = Arc::new(AtomicU64::new(0));
    let mut closures: Vec<Closure> = Vec::new();
    for _ in 0..1_000 {
        let (by_hub, by_hand) = (Arc::clone(&called), Arc::clone(&called));
        hub.subscribe("topic=bench", move |_| {
            by_hub.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        })?;
        closures.push(Box::new(move |_| {
            by_hand.fetch_add(1, Ordering::Relaxed);
        }));
    }
    Ok(Measured::repeated(
        20,
        || hub.publish_synchronously(event("bench")),
        || {
            let event = event("bench");
            for call in &closures {
                call(&event);
            }
        },
    ))
}

fn hub(topics: std::ops::Range<u32>) -> Result<EventHub, ftrack_event::Error> {
    let hub = EventHub::local();
    for topic in topics {
        hub.subscribe(&format!("topic=bench.topic.{topic}"), |_| Ok(None))?;
    }
    Ok(hub)
}

fn event(topic: &str) -> Event {
    let changed = json!([{"entityType": "task", "action": "update", "keys": ["statusid"]}]);
    Event::new(topic).with_data(json!({"entities": changed}))
}
