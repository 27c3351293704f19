//! What ends a listener from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends [`Follow::run`](crate::Follow::run) from elsewhere: what is in hand is finished, the position is stored.
///
/// It sets a flag and does nothing else, so even a signal handler may use it. The flag is noticed within a tenth of a
/// second.
#[derive(Debug, Clone, Default)]
pub struct FollowStopper(Arc<AtomicBool>);

impl FollowStopper {
    /// Ends it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody wants it to end.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
