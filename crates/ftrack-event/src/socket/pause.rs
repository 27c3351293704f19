//! How long to wait before connecting again.

use std::time::Duration;

use crate::ReconnectPolicy;

/// Makes pauses that double, each between half and the whole of its value at random.
#[derive(Debug, Clone)]
pub(super) struct Pauses {
    policy: ReconnectPolicy,
    /// The state of a small generator: clients only have to differ from each other.
    random: u64,
    attempts: u32,
}

impl Pauses {
    pub(super) fn new(policy: ReconnectPolicy, seed: u64) -> Self {
        Self {
            policy,
            // The generator never leaves zero.
            random: seed | 1,
            attempts: 0,
        }
    }

    /// The pause before the next attempt; `None` if there are to be no more.
    pub(super) fn next(&mut self) -> Option<Duration> {
        if self
            .policy
            .attempts
            .is_some_and(|limit| self.attempts >= limit)
        {
            return None;
        }
        let doubled = 2_u32.saturating_pow(self.attempts);
        let whole = self.policy.first_pause.saturating_mul(doubled);
        let whole = whole.min(self.policy.longest_pause);
        self.attempts = self.attempts.saturating_add(1);
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let share = u32::try_from(self.random % 1024).unwrap_or(0);
        Some(whole / 2 + whole.saturating_mul(share) / 2048)
    }

    /// Begins anew.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let seconds = Duration::from_secs;
        let policy = ReconnectPolicy::default().pauses(seconds(1), seconds(10));
        let mut pauses = Pauses::new(policy, 42);
        for whole in [1, 2, 4, 8, 10, 10] {
            let pause = pauses.next().unwrap();
            assert!(
                (seconds(whole) / 2..=seconds(whole)).contains(&pause),
                "{pause:?}"
            );
        }
        for _ in 0..100 {
            assert!(pauses.next().unwrap() <= seconds(10));
        }
        pauses.reset();
        assert!(pauses.next().unwrap() <= seconds(1));
    }

    #[test]
    fn clients_differ() {
        let pauses = |seed| Pauses::new(ReconnectPolicy::default(), seed);
        assert_ne!(pauses(2).next(), pauses(12_345_678_901).next());
        assert!(pauses(0).next().is_some());
    }

    #[test]
    fn attempts_may_be_limited() {
        let mut pauses = Pauses::new(ReconnectPolicy::default().attempts(2), 1);
        assert!(pauses.next().is_some() && pauses.next().is_some());
        assert_eq!(pauses.next(), None);
    }
}
