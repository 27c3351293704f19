//! The locks of what is checked by a model: `tests/models.rs` puts others in their place.

pub(crate) use std::thread::ThreadId;

pub(crate) use parking_lot::{Condvar, Mutex};

/// Which thread this is.
pub(crate) fn current_thread() -> ThreadId {
    std::thread::current().id()
}

/// Runs a test, here once; in the model with all interleavings of its threads.
#[cfg(test)]
pub(crate) fn model(test: impl Fn() + Send + Sync + 'static) {
    test();
}

/// A thread of a test.
#[cfg(test)]
pub(crate) fn spawn<T: Send + 'static>(
    run: impl FnOnce() -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::spawn(run)
}
