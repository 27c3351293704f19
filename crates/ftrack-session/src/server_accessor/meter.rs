//! Telling how much was sent, and hearing whether to go on.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ftrack_location::Watch;

use super::control::UploadControl;

/// How often an upload checks whether it was cancelled, and tells its progress.
pub(super) const GLANCE: Duration = Duration::from_millis(50);

/// Nobody wants the upload any more.
#[derive(Debug)]
pub(super) struct Stopped;

/// Tells how much was sent, and stops everything that sends if nobody wants it any more.
pub(super) struct Meter<'run> {
    watch: &'run Watch<'run>,
    control: &'run UploadControl,
    stopped: AtomicBool,
}

impl<'run> Meter<'run> {
    pub(super) fn new(watch: &'run Watch<'run>, control: &'run UploadControl) -> Self {
        Self {
            watch,
            control,
            stopped: AtomicBool::new(false),
        }
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Lets sending begin again after a failure stopped it.
    pub(super) fn restart(&self) {
        self.stopped.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Tells that `sent` bytes of a piece were sent, of which so many are known. What is sent again does not count.
    pub(super) fn tell(&self, sent: u64, told: &mut u64) -> Result<(), Stopped> {
        let more = sent.saturating_sub(*told);
        *told += more;
        self.control.add_sent(more);
        self.pass_on(more)
    }

    /// Tells that the server has `bytes` of a piece, of which so many are known.
    pub(super) fn tell_resumed(&self, bytes: u64, told: &mut u64) -> Result<(), Stopped> {
        let more = bytes.saturating_sub(*told);
        *told += more;
        self.control.add_resumed(more);
        self.pass_on(more)
    }

    fn pass_on(&self, more: u64) -> Result<(), Stopped> {
        if self.is_stopped() {
            return Err(Stopped);
        }
        match (self.watch)(more) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                self.stop();
                Err(Stopped)
            }
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.control.is_paused()
    }

    pub(super) fn paused_for(&self) -> Option<Duration> {
        self.control.paused_for()
    }

    /// Waits until the upload goes on.
    pub(super) fn wait_while_paused(&self) -> Result<(), Stopped> {
        while self.control.wait_while_paused(GLANCE) {
            self.pass_on(0)?;
        }
        Ok(())
    }

    pub(super) fn sleep(&self, pause: Duration) -> Result<(), Stopped> {
        let start = Instant::now();
        while let Some(left) = pause.checked_sub(start.elapsed()) {
            self.pass_on(0)?;
            std::thread::sleep(left.min(GLANCE));
        }
        Ok(())
    }
}
