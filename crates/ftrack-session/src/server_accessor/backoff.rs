//! Pauses before something is tried again.

use std::time::Duration;

use ftrack_transport::RetryPolicy;

/// Counts what failed in a row.
#[derive(Debug)]
pub(super) struct Backoff {
    policy: RetryPolicy,
    failures: u32,
    /// How long nothing moved: at the ends of the attempts that failed, and in the pauses.
    lost: Duration,
}

impl Backoff {
    /// As patient as the user asked for; without a wish, within the deadline of single requests, and with more attempts
    /// in it, for much may have been sent already.
    pub(super) fn new(policy: Option<&RetryPolicy>) -> Self {
        let patient = || {
            RetryPolicy::default()
                .retries(8)
                .backoff(Duration::from_millis(250), Duration::from_secs(16))
        };
        Self {
            policy: policy.cloned().unwrap_or_else(patient),
            failures: 0,
            lost: Duration::ZERO,
        }
    }

    /// How long to wait before the next attempt; nothing if there should be none. `silence` is how long nothing had
    /// moved when this one failed.
    pub(super) fn next(&mut self, silence: Duration) -> Option<Duration> {
        self.failures += 1;
        self.lost = self.lost.saturating_add(silence);
        let pause = self.policy.delay(self.failures, self.lost, None)?;
        self.lost = self.lost.saturating_add(pause);
        Some(pause)
    }

    /// It goes on: what failed before does not count any more.
    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        self.lost = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut backoff = Backoff::new(None);
        let pauses: Vec<Duration> = std::iter::from_fn(|| backoff.next(Duration::ZERO)).collect();
        assert_eq!(pauses.len(), 8);
        assert!(pauses[0] <= Duration::from_millis(250) && pauses[7] <= Duration::from_secs(16));
        assert!(pauses[7] >= Duration::from_secs(8));
        backoff.succeed();
        assert!(
            backoff
                .next(Duration::ZERO)
                .is_some_and(|pause| pause <= pauses[2])
        );
    }

    #[test]
    fn silence_counts_and_the_first_one_too() {
        let mut backoff = Backoff::new(None);
        assert!(backoff.next(Duration::from_secs(60)).is_some());
        assert_eq!(backoff.next(Duration::from_secs(60)), None);
    }

    #[test]
    fn a_wish_is_honoured() {
        assert_eq!(
            Backoff::new(Some(&RetryPolicy::none())).next(Duration::ZERO),
            None
        );
    }
}
