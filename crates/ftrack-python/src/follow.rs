//! Listeners that miss nothing.

mod dead_letters;
mod handler;
mod options;
mod running;
mod stopping;

use std::sync::{Mutex, PoisonError};

use ftrack::follow::{Error, FollowEnded};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

pub(crate) use self::dead_letters::DeadLettersCore;
use self::handler::{Offered, Offers};
use self::running::Running;
use self::stopping::Stopping;
use crate::handle::SessionCore;

/// A listener. What it is told by Python it holds only while it runs.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct FollowCore {
    stopping: Stopping,
    loop_over: Mutex<Option<Loop>>,
}

/// A listener whose events a loop of Python takes, one after the other.
struct Loop {
    running: Running,
    offers: Offers,
}

#[pymethods]
impl FollowCore {
    #[new]
    fn new() -> Self {
        Self {
            stopping: Stopping::default(),
            loop_over: Mutex::default(),
        }
    }

    /// Ends the listener, whenever it runs.
    fn stop(&self) {
        self.stopping.stop();
    }

    /// Calls `handler` with the parts of each event until the end: "stopped" or "interrupted".
    fn run(
        &self,
        session: &Bound<'_, SessionCore>,
        expression: &str,
        options: &Bound<'_, PyDict>,
        handler: Py<PyAny>,
    ) -> PyResult<&'static str> {
        let py = session.py();
        let follow = options::follow(session, expression, options)?;
        self.stopping.will_stop(follow.stopper())?;
        let handler = handler::calls(handler, self.stopping.clone());
        let running = Running::start(follow, handler)?;
        running.finish(py, &self.stopping)
    }

    /// Begins to listen for a loop that takes events by `next`.
    fn begin(
        &self,
        session: &Bound<'_, SessionCore>,
        expression: &str,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        // What a loop has not done with is not given up, but comes again.
        let follow = options::follow(session, expression, options)?
            .concurrency(1)
            .retries(u32::MAX);
        self.stopping.will_stop(follow.stopper())?;
        let (offers, handler) = Offers::new();
        let running = Running::start(follow, handler)?;
        *self.loop_over() = Some(Loop { running, offers });
        Ok(())
    }

    /// The parts of the next event, when there is one; nothing when the listener is to end. The one before is done
    /// with.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Option<handler::Parts<'py>>> {
        let listening = self.take()?;
        listening.offers.done();
        loop {
            listening.running.check_process(py)?;
            if self.stopping.is_stopped() {
                *self.loop_over() = Some(listening);
                return Ok(None);
            }
            match py.detach(|| listening.offers.next()) {
                Offered::Event(followed) => {
                    let parts = handler::parts(py, &followed);
                    *self.loop_over() = Some(listening);
                    return parts.map(Some);
                }
                Offered::Nothing => {
                    if let Err(raised) = py.check_signals() {
                        *self.loop_over() = Some(listening);
                        return Err(raised);
                    }
                }
                Offered::End => {
                    *self.loop_over() = Some(listening);
                    return Ok(None);
                }
            }
        }
    }

    /// Ends what `begin` began; what was given out and not followed by `next` comes again.
    fn finish(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.stopping.stop();
        let Loop { running, offers } = self.take()?;
        py.detach(|| drop(offers));
        running.finish(py, &self.stopping)
    }
}

impl FollowCore {
    /// The loop, which one thread has at a time.
    fn take(&self) -> PyResult<Loop> {
        let listening = self.loop_over().take();
        listening.ok_or_else(|| {
            PyRuntimeError::new_err("nobody listens, or another thread takes the next event")
        })
    }

    fn loop_over(&self) -> std::sync::MutexGuard<'_, Option<Loop>> {
        self.loop_over
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The word for how a listener has ended.
fn word(ended: FollowEnded) -> &'static str {
    match ended {
        FollowEnded::Interrupted => "interrupted",
        _ => "stopped",
    }
}

/// The exception for why following ended, or did not begin.
fn raise(py: Python<'_>, error: Error) -> PyErr {
    let raised = match error {
        Error::Session(error) => return crate::error::raise(py, &error),
        Error::Events(error) => return crate::error::raise_from(py, error),
        ref other => find(other).map(|raised| raised.clone_ref(py)),
    };
    let kind = match error {
        Error::InvalidExpression { .. } => "Parse",
        _ => "Follow",
    };
    let arguments = (
        kind,
        crate::error::with_causes(&error),
        PyDict::new(py),
        false,
    );
    let made = crate::known::make_exception(py).and_then(|make| make.call1(arguments));
    let made = made.map_or_else(|failure| failure, PyErr::from_value);
    if raised.is_some() {
        made.set_cause(py, raised);
    }
    made
}

/// What code of Python raised, if that is why.
fn find(error: &Error) -> Option<&PyErr> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(raised) = error.downcast_ref::<PyErr>() {
            return Some(raised);
        }
        cause = error.source();
    }
    None
}
