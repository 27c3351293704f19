//! Timing two ways of doing the same.

use std::time::{Duration, Instant};

/// How often each way is timed.
const ROUNDS: usize = 15;

/// What ours took, and what the floor took.
pub(crate) struct Measured {
    ours: Duration,
    floor: Duration,
}

impl Measured {
    /// Times `ours` and `floor` in turn, after a round that does not count. Each is given a fresh `prepare()`, which
    /// is not timed; neither is dropping what they return.
    pub(crate) fn of<P, A, B>(
        prepare: impl Fn() -> P,
        ours: impl Fn(&P) -> A,
        floor: impl Fn(&P) -> B,
    ) -> Self {
        let mut best = Self {
            ours: Duration::MAX,
            floor: Duration::MAX,
        };
        for round in 0..=ROUNDS {
            let (first, second) = (time(&prepare(), &ours), time(&prepare(), &floor));
            if round > 0 {
                best = Self {
                    ours: best.ours.min(first),
                    floor: best.floor.min(second),
                };
            }
        }
        best
    }

    /// One line for people and scripts.
    pub(crate) fn to_json(&self, scenario: &str) -> serde_json::Value {
        let (ours, floor) = (milliseconds(self.ours), milliseconds(self.floor));
        serde_json::json!({
            "scenario": scenario, "ours_ms": ours, "floor_ms": floor, "ratio": rounded(ours / floor),
        })
    }
}

fn time<P, T>(prepared: &P, work: &impl Fn(&P) -> T) -> Duration {
    let start = Instant::now();
    let result = std::hint::black_box(work(std::hint::black_box(prepared)));
    let elapsed = start.elapsed();
    drop(result);
    elapsed
}

fn milliseconds(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1e3)
}

fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
