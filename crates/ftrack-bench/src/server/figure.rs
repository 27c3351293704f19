//! What was measured, a line each.

use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::Outcome;

/// One figure, and what it is to be at the most.
#[derive(Debug)]
pub(super) struct Figure {
    line: Value,
}

impl Figure {
    pub(super) fn seconds(scenario: &str, took: Duration) -> Self {
        Self::new(scenario, took.as_secs_f64(), "s")
    }

    pub(super) fn milliseconds(scenario: &str, took: Duration) -> Self {
        Self::new(scenario, took.as_secs_f64() * 1e3, "ms")
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn count(scenario: &str, count: u64, unit: &str) -> Self {
        Self::new(scenario, count as f64, unit)
    }

    fn new(scenario: &str, figure: f64, unit: &str) -> Self {
        let figure = (figure * 1e3).round() / 1e3;
        Self {
            line: json!({"scenario": scenario, "figure": figure, "unit": unit}),
        }
    }

    /// Says what the figure is to be at the most, and whether it is.
    pub(super) fn at_most(mut self, target: f64) -> Self {
        let is_met = self.line["figure"]
            .as_f64()
            .is_some_and(|figure| figure <= target);
        self.line["target"] = json!(target);
        self.line["is_met"] = json!(is_met);
        self
    }

    /// Says something more.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.line[name] = value.into();
        self
    }

    pub(super) fn print(self) -> Outcome {
        writeln!(std::io::stdout(), "{}", self.line)?;
        Ok(())
    }
}

/// The middle one of several durations.
pub(super) fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations
        .get(durations.len() / 2)
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_say_whether_they_are_what_they_should_be() {
        let figure = Figure::milliseconds("x", Duration::from_micros(1_500)).at_most(1.0);
        let expected =
            json!({"scenario": "x", "figure": 1.5, "unit": "ms", "target": 1.0, "is_met": false});
        assert_eq!(figure.line, expected);
        let figure = Figure::count("x", 3, "rows").at_most(3.0).with("more", 1);
        assert_eq!(figure.line["is_met"], true);
        assert_eq!(figure.line["more"], 1);
    }

    #[test]
    fn one_slow_spell_does_not_count() {
        let durations = [9, 1, 2].map(Duration::from_secs);
        assert_eq!(median(durations.to_vec()), Duration::from_secs(2));
        assert_eq!(median(Vec::new()), Duration::ZERO);
    }
}
