//! A handle to a connection, to cut it from outside.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Context;

use futures_util::task::AtomicWaker;

/// A handle to a connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct CutHandle(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_cut: AtomicBool,
    reader: AtomicWaker,
}

impl CutHandle {
    /// Ends the connection at once; what was not sent yet is lost.
    pub(crate) fn cut(&self) {
        self.0.is_cut.store(true, Ordering::SeqCst);
        self.0.reader.wake();
    }

    /// Whether there is still a connection.
    pub(crate) fn is_open(&self) -> bool {
        // The connection itself holds one.
        !self.0.is_cut.load(Ordering::SeqCst) && Arc::strong_count(&self.0) > 1
    }

    /// Fails when the connection was cut; wakes the reader when that happens later.
    pub(crate) fn check_reading(&self, ctx: &Context<'_>) -> io::Result<()> {
        self.0.reader.register(ctx.waker());
        self.check()
    }

    /// Fails when the connection was cut.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.is_cut.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}
