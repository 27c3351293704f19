//! A listener at work, on a thread of its own, so that Ctrl-C is noticed on the thread that waits for its end.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use ftrack::follow::{Error, Follow, FollowEnded};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::handler::Handler;
use super::stopping::{SLICE, Stopping};

/// A listener at work.
pub(super) struct Running {
    ended: Mutex<Receiver<Result<FollowEnded, Error>>>,
    process: u32,
}

impl Running {
    pub(super) fn start(follow: Follow, handler: Handler) -> PyResult<Self> {
        let (sender, ended) = channel();
        let thread = thread::Builder::new().name("ftrack-follow-run".to_owned());
        thread.spawn(move || {
            let result = follow.run(handler);
            // Nobody asks any more after a second Ctrl-C.
            let _ = sender.send(result);
        })?;
        Ok(Self {
            ended: Mutex::new(ended),
            process: std::process::id(),
        })
    }

    /// Waits for the end, and says what it was. Ctrl-C stops the listener; a second one does not wait for its end.
    pub(super) fn finish(&self, py: Python<'_>, stopping: &Stopping) -> PyResult<&'static str> {
        let mut interrupted: Option<PyErr> = None;
        let result = loop {
            self.check_process(py)?;
            let received = py.detach(|| {
                let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
                ended.recv_timeout(SLICE)
            });
            match received {
                Ok(result) => break result,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(PyRuntimeError::new_err("the listener has ended by a panic"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Err(raised) = py.check_signals() {
                if interrupted.is_some() {
                    return Err(raised);
                }
                stopping.stop();
                interrupted = Some(raised);
            }
        };
        if let Some(raised) = interrupted.or_else(|| stopping.take_raised()) {
            return Err(raised);
        }
        result
            .map(super::word)
            .map_err(|error| super::raise(py, error))
    }

    /// A process that was forked has none of the threads.
    pub(super) fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        let message = "the listener runs in the process that this one was forked from";
        let arguments = ("Forked", message, PyDict::new(py), false);
        let made = crate::known::make_exception(py)?.call1(arguments)?;
        Err(PyErr::from_value(made))
    }
}
