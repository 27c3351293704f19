//! Telling the caller how far a transfer is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use super::{Progress, TransferItem, TransferOptions};

/// Counts, and tells the caller from time to time.
pub(super) struct Reporter<'run> {
    options: &'run TransferOptions,
    bytes: AtomicU64,
    files: AtomicU64,
    total_bytes: Option<u64>,
    total_files: u64,
    last: Mutex<Instant>,
    is_telling: AtomicBool,
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
            is_telling: AtomicBool::new(false),
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

    /// Whoever finds another thread telling goes on copying instead. The time is locked only to be looked at, for the
    /// callback is somebody else's code.
    fn tell_sometimes(&self) {
        if self.options.progress.is_none() || !self.is_due() {
            return;
        }
        if !self.is_telling.swap(true, Ordering::Acquire) {
            self.tell();
            *self.last.lock() = Instant::now();
            self.is_telling.store(false, Ordering::Release);
        }
    }

    fn is_due(&self) -> bool {
        let last = self.last.try_lock();
        last.is_some_and(|last| last.elapsed() >= self.options.progress_interval)
    }
}
