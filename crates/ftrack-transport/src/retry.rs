//! When a request is tried again, and after what pause.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

/// How often and how patiently requests are tried again.
///
/// A request that changes nothing is repeated after a failed or broken connection, a time-out and
/// the statuses 429, 502, 503 and 504. Any other is repeated only when no connection came about,
/// that is, when the server cannot have seen it.
///
/// The pauses double from one attempt to the next, between half and the whole of the value at
/// random, so that many clients do not come back at the same moment. A `Retry-After` in the answer
/// is honoured.
///
/// ```
/// use std::time::Duration;
/// use ftrack_transport::RetryPolicy;
///
/// let patient = RetryPolicy::default().retries(8).deadline(Duration::from_secs(300));
/// assert_eq!(patient.retries, 8);
/// assert_eq!(RetryPolicy::none().retries, 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a request is repeated at most; 4 unless told otherwise.
    pub retries: u32,
    /// The pause before the first repetition; 250 ms unless told otherwise.
    pub first_pause: Duration,
    /// The longest pause; 10 s unless told otherwise.
    pub longest_pause: Duration,
    /// No attempt begins later than this after the first; 90 s unless told otherwise.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 4,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
            deadline: Duration::from_secs(90),
        }
    }
}

impl RetryPolicy {
    /// Every request is tried once.
    pub fn none() -> Self {
        Self {
            retries: 0,
            ..Self::default()
        }
    }

    /// Sets how often a request is repeated at most.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets the first and the longest pause.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// Sets the time after which no further attempt begins.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The pause before the next attempt, or nothing if there is to be none.
    ///
    /// `attempts` counts those made so far, `asked` is what the server asked for.
    pub fn pause(
        &self,
        attempts: u32,
        elapsed: Duration,
        asked: Option<Duration>,
    ) -> Option<Duration> {
        if attempts > self.retries {
            return None;
        }
        let doublings = attempts.saturating_sub(1).min(30);
        let whole = self
            .first_pause
            .saturating_mul(1 << doublings)
            .min(self.longest_pause);
        let pause = jittered(whole).max(asked.unwrap_or_default());
        (elapsed.saturating_add(pause) <= self.deadline).then_some(pause)
    }
}

/// Whether a status says that the server cannot answer just now.
pub(crate) fn is_temporary(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// A duration between half of this one and all of it.
fn jittered(whole: Duration) -> Duration {
    // Each `RandomState` has random keys; that is random enough to spread clients out.
    let random = RandomState::new().hash_one(0_u8) % 1000;
    let random = u32::try_from(random).unwrap_or_default();
    whole.mul_f64(0.5 + f64::from(random) / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn policy() -> RetryPolicy {
        RetryPolicy::default()
            .retries(20)
            .pauses(SECOND, 8 * SECOND)
            .deadline(60 * SECOND)
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        for (attempts, whole) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 8), (20, 8)] {
            let pause = policy().pause(attempts, Duration::ZERO, None).unwrap();
            assert!(
                pause >= whole * SECOND / 2 && pause <= whole * SECOND,
                "{attempts}: {pause:?}"
            );
        }
    }

    #[test]
    fn pauses_differ() {
        let pauses: std::collections::HashSet<_> = (0..20)
            .map(|_| policy().pause(4, Duration::ZERO, None))
            .collect();
        assert!(pauses.len() > 1);
    }

    #[test]
    fn attempts_and_the_deadline_end_it() {
        assert_eq!(policy().pause(21, Duration::ZERO, None), None);
        assert_eq!(policy().pause(1, 60 * SECOND, None), None);
        assert_eq!(RetryPolicy::none().pause(1, Duration::ZERO, None), None);
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_past_the_deadline() {
        assert_eq!(
            policy().pause(1, Duration::ZERO, Some(30 * SECOND)),
            Some(30 * SECOND)
        );
        assert_eq!(policy().pause(1, Duration::ZERO, Some(61 * SECOND)), None);
        assert!(
            policy()
                .pause(1, Duration::ZERO, Some(Duration::ZERO))
                .unwrap()
                >= SECOND / 2
        );
    }
}
