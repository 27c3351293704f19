//! What ends a listener.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ftrack::follow::FollowStopper;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How long waiting goes on before Python may look at its signals.
pub(super) const SLICE: Duration = Duration::from_millis(100);

/// What ends a listener, also before it has begun.
#[derive(Clone, Default)]
pub(super) struct Stopping(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_stopped: bool,
    stopper: Option<FollowStopper>,
    /// What a handler raised that ends the program.
    raised: Option<PyErr>,
}

impl Stopping {
    pub(super) fn stop(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        if let Some(stopper) = &state.stopper {
            stopper.stop();
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// From now on it ends this listener, the only one.
    pub(super) fn will_stop(&self, stopper: FollowStopper) -> PyResult<()> {
        let mut state = self.state();
        if state.stopper.is_some() {
            return Err(PyRuntimeError::new_err(
                "a listener runs once: make another one by Session.follow",
            ));
        }
        if state.is_stopped {
            stopper.stop();
        }
        state.stopper = Some(stopper);
        Ok(())
    }

    /// Ends it because a handler raised this.
    pub(super) fn end_by(&self, raised: PyErr) {
        let before = self.state().raised.replace(raised);
        // Only now, for what is let go may run code of its own.
        drop(before);
        self.stop();
    }

    pub(super) fn take_raised(&self) -> Option<PyErr> {
        self.state().raised.take()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
