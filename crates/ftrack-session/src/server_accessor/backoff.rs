//! Pauses before something is tried again.

use std::time::{Duration, Instant};

use ftrack_transport::RetryPolicy;

/// Counts what failed in a row.
#[derive(Debug)]
pub(super) struct Backoff {
    policy: RetryPolicy,
    failures: u32,
    /// When the first of them failed.
    since: Option<Instant>,
}

impl Backoff {
    /// As patient as the user asked for; without a wish, more patient than for single requests, for much may have been
    /// sent already.
    pub(super) fn new(policy: Option<&RetryPolicy>) -> Self {
        let patient = || {
            RetryPolicy::default()
                .retries(8)
                .pauses(Duration::from_millis(250), Duration::from_secs(16))
                .deadline(Duration::from_secs(600))
        };
        Self {
            policy: policy.cloned().unwrap_or_else(patient),
            failures: 0,
            since: None,
        }
    }

    /// How long to wait before the next attempt; nothing if there should be none.
    pub(super) fn next(&mut self) -> Option<Duration> {
        self.failures += 1;
        let since = *self.since.get_or_insert_with(Instant::now);
        self.policy.pause(self.failures, since.elapsed(), None)
    }

    /// It goes on: what failed before does not count any more.
    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut backoff = Backoff::new(None);
        let pauses: Vec<Duration> = std::iter::from_fn(|| backoff.next()).collect();
        assert_eq!(pauses.len(), 8);
        assert!(pauses[0] <= Duration::from_millis(250) && pauses[7] <= Duration::from_secs(16));
        assert!(pauses[7] >= Duration::from_secs(8));
        backoff.succeed();
        assert!(backoff.next().is_some_and(|pause| pause <= pauses[2]));
    }

    #[test]
    fn a_wish_is_honoured() {
        assert_eq!(Backoff::new(Some(&RetryPolicy::none())).next(), None);
    }
}
