//! What events cost: `cargo bench -p ftrack-event`.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ftrack_event::{Event, EventHub, SubscribeOptions};
use serde_json::json;

fn main() {
    divan::main();
}

fn event(topic: &str) -> Event {
    let data =
        json!({"entities": [{"entityType": "task", "action": "update", "keys": ["statusid"]}]});
    Event::new(topic).with_data(data)
}

/// One event that one of so many subscribers wants, each of a topic of its own.
#[divan::bench(args = [1, 100, 1_000, 10_000], sample_size = 100)]
fn distinct_topics(bencher: Bencher, subscribers: usize) {
    let hub = EventHub::local();
    for number in 0..subscribers {
        let subscription = format!("topic=bench.topic.{number}");
        hub.subscribe(&subscription, |_| Ok(None)).unwrap();
    }
    let event = event(&format!("bench.topic.{}", subscribers / 2));
    bencher
        .counter(ItemsCount::new(1_usize))
        .with_inputs(|| event.clone())
        .bench_values(|event| hub.publish_synchronously(event).unwrap());
}

/// One event that all subscribers want.
#[divan::bench(args = [1, 100, 1_000])]
fn same_topic(bencher: Bencher, subscribers: usize) {
    let hub = EventHub::local();
    for _ in 0..subscribers {
        hub.subscribe("topic=bench", |_| Ok(None)).unwrap();
    }
    let event = event("bench");
    bencher
        .counter(ItemsCount::new(subscribers))
        .with_inputs(|| event.clone())
        .bench_values(|event| hub.publish_synchronously(event).unwrap());
}

/// One event among so many subscribers of prefixes and of conditions without a topic.
#[divan::bench(args = [10, 100])]
fn prefixes_and_others(bencher: Bencher, subscribers: usize) {
    let hub = EventHub::local();
    for number in 0..subscribers {
        hub.subscribe(&format!("topic=bench.{number}.*"), |_| Ok(None))
            .unwrap();
        hub.subscribe(&format!("data.number={number}"), |_| Ok(None))
            .unwrap();
    }
    let event = event("bench.7.x");
    bencher
        .with_inputs(|| event.clone())
        .bench_values(|event| hub.publish_synchronously(event).unwrap());
}

/// Subscribing to a topic of one's own among so many others, and unsubscribing.
#[divan::bench(args = [1, 1_000, 10_000], sample_size = 10)]
fn subscribe(bencher: Bencher, subscribers: usize) {
    let hub = EventHub::local();
    for number in 0..subscribers {
        hub.subscribe(&format!("topic=bench.topic.{number}"), |_| Ok(None))
            .unwrap();
    }
    bencher.bench(|| {
        let options = SubscribeOptions::new().id("one-more");
        let id = hub
            .subscribe_with("topic=bench.one-more", options, |_| Ok(None))
            .unwrap();
        hub.unsubscribe(black_box(&id)).unwrap();
    });
}

/// To the wire and back.
#[divan::bench]
fn json_round_trip(bencher: Bencher) {
    let event = event("ftrack.update");
    bencher.bench(|| Event::from_json(black_box(&event).to_json()).unwrap());
}
