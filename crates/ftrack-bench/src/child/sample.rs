//! Measuring one scenario.

use std::io::Write;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Outcome;
use super::stub::{Counted, Stub};
use crate::process;

/// What a scenario took.
pub(super) struct Sample {
    wall: Duration,
    cpu: Duration,
    peak_memory: u64,
    memory_before: u64,
    counted: Option<Counted>,
}

/// The line that a driver reads.
#[derive(Serialize)]
struct Line<'a> {
    scenario: &'a str,
    wall_s: f64,
    cpu_s: f64,
    ops: usize,
    peak_rss_kib: u64,
    rss_before_kib: u64,
    #[serde(flatten)]
    counted: Option<Counted>,
    check: Option<usize>,
}

/// Runs `work` and measures it. What it returns is dropped later, and so is not part of it.
pub(super) fn measure<T>(
    mut stub: Option<&mut Stub>,
    work: impl FnOnce() -> Outcome<T>,
) -> Outcome<(T, Sample)> {
    let counters = stub.as_mut().map(|stub| stub.counters()).transpose()?;
    process::reset_peak_memory()?;
    let memory_before = process::resident_memory()?;
    let (cpu, start) = (process::cpu_time(), Instant::now());
    let result = work()?;
    let (wall, cpu) = (start.elapsed(), process::cpu_time().saturating_sub(cpu));
    let peak_memory = process::peak_memory()?;
    let counted = match (stub, counters) {
        (Some(stub), Some(before)) => Some(stub.counters()?.since(&before)),
        _ => None,
    };
    let sample = Sample {
        wall,
        cpu,
        peak_memory,
        memory_before,
        counted,
    };
    Ok((result, sample))
}

impl Sample {
    /// Prints the sample. `operations` is what rates are reckoned by; `check` must be the same for every client.
    pub(super) fn print(
        self,
        scenario: &str,
        operations: usize,
        check: impl Into<Option<usize>>,
    ) -> Outcome {
        let line = Line {
            scenario,
            wall_s: self.wall.as_secs_f64(),
            cpu_s: self.cpu.as_secs_f64(),
            ops: operations,
            peak_rss_kib: self.peak_memory,
            rss_before_kib: self.memory_before,
            counted: self.counted,
            check: check.into(),
        };
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&line)?)?;
        Ok(())
    }
}
