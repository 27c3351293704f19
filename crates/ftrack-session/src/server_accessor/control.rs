//! Pausing uploads, and seeing how far they are.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// The time over which the speed is measured.
const WINDOW: Duration = Duration::from_secs(20);

/// How much time is between two measurements at least.
const INTERVAL: Duration = Duration::from_millis(250);

/// Pauses uploads and lets them go on, from any thread, and says how far they are. Clones control the same uploads;
/// give one to [`UploadOptions::control`](crate::UploadOptions::control).
///
/// A paused upload sends nothing more. Requests that are under way are held for some seconds and then ended; what they
/// had sent of their parts is sent again later.
///
/// ```
/// use ftrack_session::{UploadControl, UploadOptions};
///
/// let control = UploadControl::new();
/// let options = UploadOptions::new().control(control.clone());
/// control.pause();
/// assert!(control.is_paused() && control.status().paused);
/// control.resume();
/// assert!(!control.is_paused());
/// # drop(options);
/// ```
#[derive(Clone, Default)]
pub struct UploadControl(Arc<Shared>);

#[derive(Default)]
struct Shared {
    paused: Mutex<Option<Instant>>,
    resumed: Condvar,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    resumed: u64,
    total: u64,
    /// When how much had been sent.
    samples: VecDeque<(Instant, u64)>,
}

/// How far uploads are: all that their [`UploadControl`] was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct UploadStatus {
    /// How many bytes were sent.
    pub sent_bytes: u64,
    /// How many bytes the server had from an earlier attempt.
    pub resumed_bytes: u64,
    /// How many bytes the files have.
    pub total_bytes: u64,
    /// How many bytes were sent in each of the last seconds, once that can be said.
    pub bytes_per_second: Option<u64>,
    /// How long the rest will take at this speed.
    pub remaining: Option<Duration>,
    /// Whether the uploads are paused.
    pub paused: bool,
}

impl UploadControl {
    /// A control of uploads that are to begin.
    pub fn new() -> Self {
        Self::default()
    }

    /// Pauses the uploads. Pausing twice is fine.
    pub fn pause(&self) {
        self.0.paused.lock().get_or_insert_with(Instant::now);
    }

    /// Lets the uploads go on. Those that are not paused go on anyway.
    pub fn resume(&self) {
        if self.0.paused.lock().take().is_some() {
            // How fast it was before says nothing about the line as it is now.
            self.0.counts.lock().samples.clear();
        }
        self.0.resumed.notify_all();
    }

    /// Whether the uploads are paused.
    pub fn is_paused(&self) -> bool {
        self.0.paused.lock().is_some()
    }

    /// How far the uploads are.
    pub fn status(&self) -> UploadStatus {
        let paused = self.is_paused();
        let status = self.0.counts.lock().status(Instant::now());
        UploadStatus {
            paused,
            bytes_per_second: status.bytes_per_second.filter(|_| !paused),
            remaining: status.remaining.filter(|_| !paused),
            ..status
        }
    }

    /// For how long the uploads have been paused, if they are.
    pub(super) fn paused_for(&self) -> Option<Duration> {
        self.0.paused.lock().map(|since| since.elapsed())
    }

    /// Waits for the uploads to go on, but no longer than `limit`; whether they are paused still.
    pub(super) fn wait_while_paused(&self, limit: Duration) -> bool {
        let mut paused = self.0.paused.lock();
        if paused.is_some() {
            self.0.resumed.wait_for(&mut paused, limit);
        }
        paused.is_some()
    }

    /// So many more bytes are to be sent.
    pub(super) fn add_total(&self, bytes: u64) {
        let mut counts = self.0.counts.lock();
        counts.total = counts.total.saturating_add(bytes);
    }

    /// So many more bytes were sent.
    pub(super) fn add_sent(&self, bytes: u64) {
        if bytes > 0 {
            self.0.counts.lock().add_sent(bytes, Instant::now());
        }
    }

    /// So many more bytes turned out to be on the server.
    pub(super) fn add_resumed(&self, bytes: u64) {
        let mut counts = self.0.counts.lock();
        counts.resumed = counts.resumed.saturating_add(bytes);
    }
}

impl Counts {
    fn add_sent(&mut self, bytes: u64, now: Instant) {
        let before = self.sent;
        self.sent = self.sent.saturating_add(bytes);
        match self.samples.back() {
            None => self.samples.push_back((now, before)),
            Some((last, _)) if now.saturating_duration_since(*last) < INTERVAL => return,
            Some(_) => self.samples.push_back((now, self.sent)),
        }
        while let (Some((first, _)), true) = (self.samples.front(), self.samples.len() > 2)
            && now.saturating_duration_since(*first) > WINDOW
        {
            self.samples.pop_front();
        }
    }

    fn status(&self, now: Instant) -> UploadStatus {
        let speed = self.samples.front().and_then(|(first, before)| {
            let time = now.saturating_duration_since(*first).as_millis();
            let bytes = u128::from(self.sent.saturating_sub(*before)) * 1000;
            // The first moments are mostly the connections being made.
            (time >= 1000).then(|| u64::try_from(bytes / time).unwrap_or(u64::MAX))
        });
        let done = self.sent.saturating_add(self.resumed);
        let left = self.total.saturating_sub(done);
        let remaining = speed
            .filter(|speed| *speed > 0)
            .map(|speed| Duration::from_secs(left.div_ceil(speed)));
        UploadStatus {
            sent_bytes: self.sent,
            resumed_bytes: self.resumed,
            total_bytes: self.total,
            bytes_per_second: speed,
            remaining,
            paused: false,
        }
    }
}

impl fmt::Debug for UploadControl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UploadControl")
            .field("paused", &self.is_paused())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_estimated_by_what_was_sent_and_not_by_what_was_there() {
        let mut counts = Counts {
            total: 100_000,
            resumed: 40_000,
            ..Counts::default()
        };
        let start = Instant::now();
        counts.add_sent(0, start);
        assert_eq!(counts.status(start).remaining, None);
        for second in 1..=10 {
            counts.add_sent(1_000, start + Duration::from_secs(second));
        }
        let status = counts.status(start + Duration::from_secs(10));
        assert_eq!(status.bytes_per_second, Some(1_000));
        assert_eq!(status.remaining, Some(Duration::from_secs(50)));
        assert_eq!((status.sent_bytes, status.resumed_bytes), (10_000, 40_000));
        // A line that has become slow shows, and the measurements are bounded.
        for second in 11..=200 {
            counts.add_sent(100, start + Duration::from_secs(second));
        }
        let status = counts.status(start + Duration::from_secs(200));
        assert_eq!(status.bytes_per_second, Some(100));
        assert!(counts.samples.len() <= 22, "{}", counts.samples.len());
    }

    #[test]
    fn a_paused_upload_has_no_speed_and_starts_a_new_measurement() {
        let control = UploadControl::new();
        control.add_total(10);
        control.add_sent(5);
        control.pause();
        control.pause();
        assert!(control.wait_while_paused(Duration::ZERO));
        let status = control.status();
        assert!(status.paused && status.bytes_per_second.is_none() && status.remaining.is_none());
        control.resume();
        assert!(!control.wait_while_paused(Duration::from_secs(3600)));
        assert!(control.0.counts.lock().samples.is_empty());
        assert_eq!(control.status().sent_bytes, 5);
    }
}
