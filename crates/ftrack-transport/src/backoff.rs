//! How long to wait between attempts.

use std::time::Duration;

/// Delays that double from one attempt to the next, up to a maximum.
///
/// Each delay is between half and the whole of its value, at random, so that many clients do not
/// come back at the same moment. Everything that is tried again uses this type.
///
/// ```
/// use std::time::Duration;
/// use ftrack_transport::Backoff;
///
/// let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10));
/// assert!(backoff.next_delay() <= Duration::from_secs(1));
/// assert!(backoff.next_delay() <= Duration::from_secs(2));
/// backoff.reset();
/// assert_eq!(backoff.attempts(), 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
    attempts: u32,
}

impl Backoff {
    /// Delays that begin with `initial` and never exceed `max`.
    pub fn new(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            attempts: 0,
        }
    }

    /// The delay before the next attempt.
    pub fn next_delay(&mut self) -> Duration {
        let delay = delay(self.initial, self.max, self.attempts);
        self.attempts = self.attempts.saturating_add(1);
        delay
    }

    /// How many delays were given out since the beginning or the last reset.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Begins anew with the initial delay.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

/// The delay after `failures` earlier ones: the initial delay, doubled that often.
pub(crate) fn delay(initial: Duration, max: Duration, failures: u32) -> Duration {
    let doubled = initial.saturating_mul(2_u32.saturating_pow(failures));
    let whole = doubled.min(max);
    whole / 2 + whole.saturating_mul(fastrand::u32(..=1024)) / 2048
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_double_up_to_the_maximum() {
        let mut backoff = Backoff::new(SECOND, 10 * SECOND);
        for whole in [1, 2, 4, 8, 10, 10] {
            let delay = backoff.next_delay();
            assert!(
                (whole * SECOND / 2..=whole * SECOND).contains(&delay),
                "{delay:?} of {whole} s"
            );
        }
        backoff.reset();
        assert!(backoff.next_delay() <= SECOND);
    }

    #[test]
    fn clients_differ() {
        let delays: HashSet<_> = (0..50)
            .map(|_| Backoff::new(SECOND, SECOND).next_delay())
            .collect();
        assert!(delays.len() > 1, "{delays:?}");
    }

    #[test]
    fn no_delay_is_too_long_to_compute() {
        assert!(delay(Duration::MAX, Duration::MAX, u32::MAX) >= Duration::MAX / 2);
        assert_eq!(delay(Duration::ZERO, SECOND, 40), Duration::ZERO);
    }
}
