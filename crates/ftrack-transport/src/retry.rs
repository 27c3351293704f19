//! When a request is tried again, and after what delay.

use std::time::Duration;

use crate::backoff;

/// How often and how patiently requests are tried again.
///
/// A request that changes nothing is repeated after a failed or broken connection, a time-out and
/// the statuses 429, 502, 503 and 504. Any other is repeated only where the server cannot have
/// carried it out: when no connection came about, and after status 429.
///
/// The delays double from one attempt to the next, between half and the whole of the value at
/// random, so that many clients do not come back at the same moment. A `Retry-After` in the answer
/// is honoured, unless it goes beyond the deadline.
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
    /// How often a request is repeated at most. Defaults to 4.
    pub retries: u32,
    /// The delay before the first repetition. Defaults to 250 ms.
    pub initial_backoff: Duration,
    /// The longest delay. Defaults to 10 s.
    pub max_backoff: Duration,
    /// No attempt begins later than this after the first. Defaults to 90 s.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 4,
            initial_backoff: Duration::from_millis(250),
            max_backoff: Duration::from_secs(10),
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

    /// Sets the delay before the first repetition and the longest delay.
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }

    /// Sets the time after which no further attempt begins.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The delay before the next attempt, or `None` if there is to be none.
    ///
    /// `attempts` counts those made so far, `requested` is the delay that the server asked for.
    pub fn delay(
        &self,
        attempts: u32,
        elapsed: Duration,
        requested: Option<Duration>,
    ) -> Option<Duration> {
        if attempts > self.retries {
            return None;
        }
        let failures = attempts.saturating_sub(1);
        let delay = backoff::delay(self.initial_backoff, self.max_backoff, failures)
            .max(requested.unwrap_or_default());
        (elapsed.saturating_add(delay) <= self.deadline).then_some(delay)
    }
}

/// The status of a server that rejected a request unseen because too many came.
pub(crate) const TOO_MANY_REQUESTS: u16 = 429;

/// Whether a status says that the server cannot answer just now.
pub(crate) fn is_temporary(status: u16) -> bool {
    matches!(status, TOO_MANY_REQUESTS | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn policy() -> RetryPolicy {
        RetryPolicy::default()
            .retries(20)
            .backoff(SECOND, 8 * SECOND)
            .deadline(60 * SECOND)
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        for (attempts, whole) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 8), (20, 8)] {
            let delay = policy().delay(attempts, Duration::ZERO, None).unwrap();
            assert!(
                delay >= whole * SECOND / 2 && delay <= whole * SECOND,
                "{attempts}: {delay:?}"
            );
        }
    }

    #[test]
    fn attempts_and_the_deadline_end_it() {
        assert_eq!(policy().delay(21, Duration::ZERO, None), None);
        assert_eq!(policy().delay(1, 60 * SECOND, None), None);
        assert_eq!(RetryPolicy::none().delay(1, Duration::ZERO, None), None);
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_past_the_deadline() {
        assert_eq!(
            policy().delay(1, Duration::ZERO, Some(30 * SECOND)),
            Some(30 * SECOND)
        );
        assert_eq!(policy().delay(1, Duration::ZERO, Some(61 * SECOND)), None);
        assert!(
            policy()
                .delay(1, Duration::ZERO, Some(Duration::ZERO))
                .unwrap()
                >= SECOND / 2
        );
    }
}
