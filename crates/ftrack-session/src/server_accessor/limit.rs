//! A limit to how fast files are sent.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How far sending may run ahead after it was held up by something else.
const BURST: Duration = Duration::from_millis(100);

/// How many bytes a second may be sent to the server, by all uploads that share the limit: clones are the same limit.
///
/// ```
/// use ftrack_session::{RateLimit, UploadOptions};
///
/// let line = RateLimit::new(20_000_000);
/// let options = UploadOptions::new().limit(line.clone());
/// assert_eq!(line.bytes_per_second(), 20_000_000);
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct RateLimit(Arc<Bucket>);

/// A token bucket, kept as the moment at which everything that was taken is paid for.
struct Bucket {
    bytes_per_second: u64,
    paid: Mutex<Instant>,
}

impl RateLimit {
    /// The lowest limit, in bytes a second. With less, servers take the connection for a dead one.
    pub const LOWEST: u64 = 16 * 1024;

    /// A limit of so many bytes a second; [`LOWEST`](Self::LOWEST) where that is more.
    pub fn new(bytes_per_second: u64) -> Self {
        Self(Arc::new(Bucket {
            bytes_per_second: bytes_per_second.max(Self::LOWEST),
            paid: Mutex::new(Instant::now()),
        }))
    }

    /// The limit.
    pub fn bytes_per_second(&self) -> u64 {
        self.0.bytes_per_second
    }

    /// Takes so many bytes at `now`, and says how long to wait before the next ones.
    pub(super) fn take(&self, bytes: u64, now: Instant) -> Duration {
        let nanoseconds =
            u128::from(bytes) * 1_000_000_000 / u128::from(self.0.bytes_per_second.max(1));
        let price = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        let mut paid = self.0.paid.lock();
        // What was not used is lost, but for a little.
        let since = now.checked_sub(BURST).unwrap_or(now).max(*paid);
        *paid = since.checked_add(price).unwrap_or(since);
        paid.saturating_duration_since(now)
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RateLimit({} B/s)", self.0.bytes_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_paid_for_by_waiting() {
        let limit = RateLimit::new(1_000_000);
        let start = Instant::now() + Duration::from_secs(60);
        // A minute of rest is worth no more than the burst.
        assert_eq!(limit.take(100_000, start), Duration::ZERO);
        assert_eq!(limit.take(500_000, start), Duration::from_millis(500));
        // Whoever shares the limit waits for both.
        assert_eq!(limit.clone().take(500_000, start), Duration::from_secs(1));
        let later = start + Duration::from_millis(400);
        assert_eq!(limit.take(0, later), Duration::from_millis(600));
    }

    #[test]
    fn no_limit_is_lower_than_connections_stand() {
        assert_eq!(RateLimit::new(0).bytes_per_second(), RateLimit::LOWEST);
        let limit = RateLimit::new(1);
        assert!(limit.take(u64::MAX, Instant::now()) > Duration::ZERO);
    }
}
