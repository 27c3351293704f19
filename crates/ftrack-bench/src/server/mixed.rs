//! What small writes take while a large batch is under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::Outcome;
use super::child::Child;
use super::figure::{Figure, median};
use super::requests::operation;
use super::studio::Studio;

/// How many operations the large batch has.
const LARGE: u32 = 50_000;

/// Changes one task after the other, while another client creates very many in one batch.
pub(super) fn measure(server: &Child, studio: &Studio, scenario: &str) -> Outcome {
    let is_over = AtomicBool::new(false);
    let (large, small) = std::thread::scope(|scope| {
        let writing =
            scope.spawn(|| write(server, studio, &is_over).map_err(|error| error.to_string()));
        let large = create(server);
        is_over.store(true, Ordering::Relaxed);
        let small = writing.join().map_err(|_| "a small write broke".to_owned());
        (large, small.and_then(|small| small))
    });
    let (large, mut small) = (large?, small?);
    small.sort_unstable();
    let longest = small.last().copied().unwrap_or_default();
    let count = small.len();
    Figure::milliseconds(scenario, median(small))
        .with("longest_ms", longest.as_secs_f64() * 1e3)
        .with("writes", count)
        .with("large_ms", large.as_secs_f64() * 1e3)
        .print()
}

fn create(server: &Child) -> Outcome<Duration> {
    // The small writes are under way by then.
    std::thread::sleep(Duration::from_millis(100));
    let mut client = server.connect()?;
    let answer = client.query("select id from Shot limit 1")?;
    let answer: Value = serde_json::from_slice(&answer.body)?;
    let shot = &answer[0]["data"][0]["id"];
    let batch = (0..LARGE).map(|number| operation(shot, u32::MAX, number));
    Ok(client.call(&Value::Array(batch.collect()))?.took)
}

fn write(server: &Child, studio: &Studio, is_over: &AtomicBool) -> Outcome<Vec<Duration>> {
    let mut client = server.connect()?;
    let mut took = Vec::new();
    for (number, id) in (0..).zip(studio.tasks.iter().cycle()) {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let data = json!({"__entity_type__": "Task", "bid": number});
        let update = json!({"action": "update", "entity_type": "Task", "entity_key": [id], "entity_data": data});
        took.push(client.call(&json!([update]))?.took);
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(took)
}
