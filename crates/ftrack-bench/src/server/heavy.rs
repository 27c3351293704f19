//! What small reads take while a heavy query is under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Outcome;
use super::child::Child;
use super::figure::{Figure, median};
use super::studio::Studio;

const ROUNDS: usize = 200;

/// Looks at every task, and at the name of what is above it.
const HEAVY: &str =
    "select id from Task where description like \"%nowhere%\" or parent.name like \"%nowhere%\"";

/// Reads tasks by their keys, one after the other, while another client asks for all of them again and again.
pub(super) fn measure(server: &Child, studio: &Studio) -> Outcome {
    let is_over = AtomicBool::new(false);
    let (small, heavy) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| ask(server, &is_over).map_err(|error| error.to_string()));
        let small = read(server, studio);
        is_over.store(true, Ordering::Relaxed);
        let heavy = asking
            .join()
            .map_err(|_| "the heavy query broke".to_owned());
        (small, heavy.and_then(|heavy| heavy))
    });
    let (mut small, heavy) = (small?, heavy?);
    small.sort_unstable();
    let longest = small.last().copied().unwrap_or_default();
    Figure::milliseconds("server.by_key_during_a_heavy_query", median(small))
        .at_most(50.0)
        .with("longest_ms", longest.as_secs_f64() * 1e3)
        .with("heavy_ms", median(heavy).as_secs_f64() * 1e3)
        .print()
}

fn read(server: &Child, studio: &Studio) -> Outcome<Vec<Duration>> {
    // The heavy query is at work by then.
    std::thread::sleep(Duration::from_millis(100));
    let mut client = server.connect()?;
    let tasks = studio.tasks.iter().cycle().take(ROUNDS);
    tasks
        .map(|id| {
            std::thread::sleep(Duration::from_millis(5));
            Ok(client
                .query(&format!(
                    "select name, status.name from Task where id is {id}"
                ))?
                .took)
        })
        .collect()
}

fn ask(server: &Child, is_over: &AtomicBool) -> Outcome<Vec<Duration>> {
    let mut client = server.connect()?;
    let mut took = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        took.push(client.query(HEAVY)?.took);
    }
    Ok(took)
}
