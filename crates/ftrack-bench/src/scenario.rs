//! Timing two ways of doing the same.

use std::time::{Duration, Instant};

use crate::process;

/// How often each way is timed.
const ROUNDS: usize = 15;

/// How often each way is timed where it takes seconds.
const FEW_ROUNDS: usize = 5;

/// What ours took, and what the floor took.
pub(crate) struct Measured {
    ours: Took,
    floor: Took,
    /// How many times the same was done, where once is too short to be timed.
    times: Option<u32>,
    /// How many steps ours has, where what one takes is worth saying.
    steps: Option<u32>,
    /// The most memory that was resident while ours was at work, in KiB, the program itself included.
    peak_memory: Option<u64>,
    /// Whether the floor is another program, so that what this one computes says nothing of it.
    is_floor_elsewhere: bool,
}

/// The best of the rounds, by either clock.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    /// What the process computed, in all its threads. Other work on the machine lengthens this less.
    cpu: Duration,
}

impl Measured {
    /// Times `ours` and `floor` in turn, after a round that does not count. Each is given a fresh `prepare()`, which
    /// is not timed; neither is dropping what they return.
    pub(crate) fn new<P, A, B>(
        prepare: impl Fn() -> P,
        ours: impl Fn(&P) -> A,
        floor: impl Fn(&P) -> B,
    ) -> Self {
        Self::with_rounds(ROUNDS, prepare, ours, floor)
    }

    /// As [`Self::new`], for what takes seconds, with the most memory that ours needs.
    ///
    /// # Errors
    ///
    /// The system does not tell the memory.
    pub(crate) fn new_slow<P, A, B>(
        prepare: impl Fn() -> P,
        ours: impl Fn(&P) -> A,
        floor: impl Fn(&P) -> B,
    ) -> std::io::Result<Self> {
        process::reset_peak_memory()?;
        drop(std::hint::black_box(ours(&prepare())));
        let peak_memory = Some(process::peak_memory()?);
        let best = Self::with_rounds(FEW_ROUNDS, prepare, ours, floor);
        Ok(Self {
            peak_memory,
            ..best
        })
    }

    fn with_rounds<P, A, B>(
        rounds: usize,
        prepare: impl Fn() -> P,
        ours: impl Fn(&P) -> A,
        floor: impl Fn(&P) -> B,
    ) -> Self {
        let mut best = (Took::FOREVER, Took::FOREVER);
        for round in 0..=rounds {
            let (first, second) = (time(&prepare(), &ours), time(&prepare(), &floor));
            if round > 0 {
                best = (best.0.or_less(first), best.1.or_less(second));
            }
        }
        Self {
            ours: best.0,
            floor: best.1,
            times: None,
            steps: None,
            peak_memory: None,
            is_floor_elsewhere: false,
        }
    }

    /// Times `ours` and `floor`, each done so many times a round. Dropping what they return is part of it.
    pub(crate) fn repeated<A, B>(times: u32, ours: impl Fn() -> A, floor: impl Fn() -> B) -> Self {
        let best = Self::new(|| (), |()| repeat(times, &ours), |()| repeat(times, &floor));
        Self {
            times: Some(times),
            ..best
        }
    }

    /// Says how many steps ours has, so that the time of one is told.
    pub(crate) fn counting(mut self, steps: u32) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Says that the floor is another program.
    pub(crate) fn beside_another_program(mut self) -> Self {
        self.is_floor_elsewhere = true;
        self
    }

    /// One line for people and scripts.
    pub(crate) fn to_json(&self, scenario: &str) -> serde_json::Value {
        let (ours, floor) = (self.ours, self.floor);
        let mut line = serde_json::json!({
            "scenario": scenario,
            "ours_ms": milliseconds(ours.wall), "floor_ms": milliseconds(floor.wall),
            "ratio": ratio(ours.wall, floor.wall),
        });
        if !self.is_floor_elsewhere {
            line["cpu_ratio"] = ratio(ours.cpu, floor.cpu).into();
        }
        if let Some(peak) = self.peak_memory {
            line["peak_rss_kib"] = peak.into();
        }
        if let Some(steps) = self.steps {
            line["ours_ns_per_step"] = nanoseconds(ours.cpu, steps).into();
            line["floor_ns_per_step"] = nanoseconds(floor.cpu, steps).into();
        }
        if let Some(times) = self.times {
            line["times"] = times.into();
            line["ours_per_s"] = (f64::from(times) / ours.wall.as_secs_f64()).round().into();
        }
        line
    }
}

impl Took {
    const FOREVER: Self = Self {
        wall: Duration::MAX,
        cpu: Duration::MAX,
    };

    fn or_less(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            cpu: self.cpu.min(other.cpu),
        }
    }
}

fn repeat<T>(times: u32, work: &impl Fn() -> T) {
    for _ in 0..times {
        std::hint::black_box(work());
    }
}

fn time<P, T>(prepared: &P, work: &impl Fn(&P) -> T) -> Took {
    let (start, cpu) = (Instant::now(), process::cpu_time());
    let result = std::hint::black_box(work(std::hint::black_box(prepared)));
    let took = Took {
        wall: start.elapsed(),
        cpu: process::cpu_time().saturating_sub(cpu),
    };
    drop(result);
    took
}

fn milliseconds(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1e3)
}

fn nanoseconds(duration: Duration, steps: u32) -> f64 {
    rounded(duration.as_secs_f64() * 1e9 / f64::from(steps))
}

fn ratio(ours: Duration, floor: Duration) -> f64 {
    rounded(ours.as_secs_f64() / floor.as_secs_f64())
}

fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
