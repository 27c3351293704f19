//! How long expressions take to read and to match: `cargo bench -p ftrack-expression`.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use ftrack_expression::Expression;
use serde_json::{Value, json};

const TYPICAL: &str = "topic=ftrack.update and data.entity.entityType=task and \
                       (data.entity.action=add or data.entity.action=\"update\") and \
                       not source.user.username=bot*";

fn main() {
    divan::main();
}

/// The expression and the event that the official client is measured with.
const COMPARED: &str = "topic=ftrack.update and data.entities.entityType=task and \
                        (source.user.username=x or not data.a >= 3)";

fn compared_event(topic: &str) -> Value {
    json!({
        "topic": topic,
        "data": {"entities": {"entityType": "task"}, "a": "5"},
        "source": {"user": {"username": "x"}},
    })
}

fn event() -> Value {
    json!({
        "topic": "ftrack.update",
        "id": "0d1c6a1a6d0c4d0ea7b6e5a4c3b2a190",
        "data": {"entity": {"entityType": "task", "action": "update", "keys": ["statusid"]}},
        "source": {"id": "hub-1", "user": {"username": "ada"}},
        "target": "",
    })
}

#[divan::bench(sample_size = 100)]
fn parse_typical(bencher: Bencher) {
    bencher
        .counter(BytesCount::of_str(TYPICAL))
        .bench(|| Expression::parse(black_box(TYPICAL)).unwrap());
}

#[divan::bench(sample_size = 100)]
fn parse_topic(bencher: Bencher) {
    bencher.bench(|| Expression::parse(black_box("topic=ftrack.update")).unwrap());
}

#[divan::bench(args = [100, 1_000, 10_000])]
fn parse_chain(bencher: Bencher, conditions: usize) {
    let text = vec!["a=1"; conditions].join(" and ");
    bencher
        .counter(ItemsCount::new(conditions))
        .bench(|| Expression::parse(black_box(&text)).unwrap());
}

#[divan::bench]
fn refuse(bencher: Bencher) {
    bencher.bench(|| {
        Expression::parse(black_box("topic=ftrack.update and data.id is 5")).unwrap_err()
    });
}

#[divan::bench]
fn print_typical(bencher: Bencher) {
    let expression = Expression::parse(TYPICAL).unwrap();
    bencher.bench(|| black_box(&expression).to_string());
}

#[divan::bench(sample_size = 100)]
fn parse_compared(bencher: Bencher) {
    bencher.bench(|| Expression::parse(black_box(COMPARED)).unwrap());
}

#[divan::bench(sample_size = 1000, args = ["ftrack.update", "ftrack.other"])]
fn match_compared(bencher: Bencher, topic: &str) {
    let expression = Expression::parse(COMPARED).unwrap();
    let event = compared_event(topic);
    assert_eq!(expression.matches(&event), topic == "ftrack.update");
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| black_box(&expression).matches(black_box(&event)));
}

#[divan::bench(sample_size = 1000)]
fn match_typical(bencher: Bencher) {
    let expression = Expression::parse(TYPICAL).unwrap();
    let event = event();
    assert!(expression.matches(&event));
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| black_box(&expression).matches(black_box(&event)));
}

#[divan::bench(sample_size = 1000)]
fn match_other_topic(bencher: Bencher) {
    let expression = Expression::parse("topic=ftrack.action.launch and data.id=5").unwrap();
    let event = event();
    assert!(!expression.matches(&event));
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| black_box(&expression).matches(black_box(&event)));
}

#[divan::bench]
fn required_topic(bencher: Bencher) {
    let expression = Expression::parse(TYPICAL).unwrap();
    bencher.bench(|| black_box(&expression).required_topic().is_some());
}
