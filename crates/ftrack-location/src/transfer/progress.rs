//! How far a transfer is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use super::{TransferItem, TransferOptions};

/// How far a transfer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes were copied.
    pub bytes: u64,
    /// How many bytes there will be, if that is known of all resources.
    pub total_bytes: Option<u64>,
    /// How many resources are whole.
    pub files: u64,
    /// How many resources there will be.
    pub total_files: u64,
}

/// Counts, and tells the caller from time to time.
pub(super) struct Reporter<'run> {
    options: &'run TransferOptions,
    bytes: AtomicU64,
    files: AtomicU64,
    total_bytes: Option<u64>,
    total_files: u64,
    last: Mutex<Instant>,
}

impl<'run> Reporter<'run> {
    pub(super) fn new(items: &[TransferItem], options: &'run TransferOptions) -> Self {
        Self {
            options,
            bytes: AtomicU64::new(0),
            files: AtomicU64::new(0),
            total_bytes: items
                .iter()
                .try_fold(0_u64, |total, item| Some(total.saturating_add(item.size?))),
            total_files: items.len() as u64,
            last: Mutex::new(Instant::now()),
        }
    }

    pub(super) fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.tell_sometimes();
    }

    pub(super) fn add_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.tell_sometimes();
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            bytes: self.bytes.load(Ordering::Relaxed),
            total_bytes: self.total_bytes,
            files: self.files.load(Ordering::Relaxed),
            total_files: self.total_files,
        }
    }

    /// Tells how it ended.
    pub(super) fn tell(&self) {
        if let Some(callback) = &self.options.progress {
            callback(&self.progress());
        }
    }

    /// Whoever finds another thread telling goes on copying instead.
    fn tell_sometimes(&self) {
        if self.options.progress.is_some()
            && let Some(mut last) = self.last.try_lock()
            && last.elapsed() >= self.options.progress_interval
        {
            self.tell();
            *last = Instant::now();
        }
    }
}
