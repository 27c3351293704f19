//! Whether a thread is just running code of a user.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    /// How many handlers are running, one inside the other.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Marks this thread as one that runs a handler, for as long as it lives.
pub(super) struct Handling(PhantomData<*const ()>);

impl Handling {
    pub(super) fn begin() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self(PhantomData)
    }

    /// Whether this thread runs a handler, so that it should not be held up.
    pub(super) fn is_going_on() -> bool {
        DEPTH.get() > 0
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}
