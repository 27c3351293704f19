//! Events that could not be handled.

use std::path::PathBuf;
use std::sync::OnceLock;

use ftrack::follow::{BoxError, DeadLetter, DeadLetters, FollowStopper};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::handler::call;
use super::raise;

/// Id, when it was given up (RFC 3339), attempts, the last error, origin, what kept its order, and the event's parts.
type Row<'py> = (
    String,
    String,
    u32,
    String,
    &'static str,
    String,
    Bound<'py, PyDict>,
);

/// A list of events that could not be handled.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct DeadLettersCore(DeadLetters);

#[pymethods]
impl DeadLettersCore {
    #[new]
    #[pyo3(signature = (path, limit=None))]
    fn new(py: Python<'_>, path: PathBuf, limit: Option<usize>) -> PyResult<Self> {
        let letters = py.detach(|| DeadLetters::open(path));
        let letters = letters.map_err(|error| raise(py, error))?;
        Ok(Self(match limit {
            Some(limit) => letters.limit(limit),
            None => letters,
        }))
    }

    /// All letters, oldest first.
    fn all<'py>(&self, py: Python<'py>) -> PyResult<Vec<Row<'py>>> {
        let letters = py.detach(|| self.0.all());
        let letters = letters.map_err(|error| raise(py, error))?;
        letters.iter().map(|letter| row(py, letter)).collect()
    }

    /// How many letters there are.
    fn len(&self, py: Python<'_>) -> PyResult<usize> {
        let length = py.detach(|| self.0.len());
        length.map_err(|error| raise(py, error))
    }

    /// Calls `handler` with the parts of each event: how many were handled, and how many failed again. What ends the
    /// program, such as `KeyboardInterrupt`, leaves the rest as it is.
    fn replay(&self, py: Python<'_>, handler: Py<PyAny>) -> PyResult<(usize, usize)> {
        let stopper = FollowStopper::default();
        let ends = OnceLock::new();
        let replayed = py.detach(|| {
            self.0.replay_until_stopped(&stopper, |followed| {
                let called = call(&handler, followed, None);
                if let Some(raised) = ending(&called) {
                    stopper.stop();
                    let _ = ends.set(raised);
                }
                called
            })
        });
        if let Some(raised) = ends.into_inner() {
            return Err(raised);
        }
        let replayed = replayed.map_err(|error| raise(py, error))?;
        Ok((replayed.handled, replayed.failed))
    }

    /// Takes letters out by their ids: how many there were.
    fn remove(&self, py: Python<'_>, ids: Vec<String>) -> PyResult<usize> {
        let removed = py.detach(|| self.0.remove(&ids));
        removed.map_err(|error| raise(py, error))
    }
}

impl DeadLettersCore {
    pub(super) fn letters(&self) -> DeadLetters {
        self.0.clone()
    }
}

/// What ends the program and no handler may swallow: raised by the handler, or by a signal meanwhile.
fn ending(called: &Result<(), BoxError>) -> Option<PyErr> {
    Python::attach(|py| match called {
        Ok(()) => py.check_signals().err(),
        Err(error) => {
            let raised = error.downcast_ref::<PyErr>()?;
            let is_usual = raised.is_instance_of::<PyException>(py);
            (!is_usual).then(|| raised.clone_ref(py))
        }
    })
}

fn row<'py>(py: Python<'py>, letter: &DeadLetter) -> PyResult<Row<'py>> {
    Ok((
        letter.id.clone(),
        letter.failed_at.to_rfc3339(),
        letter.attempts,
        letter.error.clone(),
        letter.origin.as_str(),
        letter.key.clone(),
        crate::hub::parts(py, &letter.event)?,
    ))
}
