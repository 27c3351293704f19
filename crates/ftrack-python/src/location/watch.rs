//! Whom to tell how far copying is, and what stops it.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use ftrack::location::transfer::{CancellationToken as Token, TransferOptions};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::interrupt::{is_main_thread, signals_raise};

/// Stops copying, from any thread.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct CancellationToken(Token);

#[pymethods]
impl CancellationToken {
    #[new]
    fn new() -> Self {
        Self(Token::new())
    }

    /// Stops what uses this token, at the next chunk.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether somebody has cancelled.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// A call that copies files: Ctrl-C on the main thread ends it, and so does what the program's own code raises when it
/// is told how far it is.
pub(super) struct Watch {
    token: Token,
    progress: Option<Py<PyAny>>,
    main: Option<ThreadId>,
    raised: Mutex<Option<PyErr>>,
}

impl Watch {
    pub(super) fn new(
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
        cancellation: Option<&Bound<'_, CancellationToken>>,
    ) -> PyResult<Arc<Self>> {
        let token = cancellation.map(|token| token.get().0.clone());
        Ok(Arc::new(Self {
            token: token.unwrap_or_default(),
            progress,
            main: is_main_thread(py)?.then(|| thread::current().id()),
            raised: Mutex::default(),
        }))
    }

    /// How files are copied, as the environment says.
    pub(super) fn transfer(self: &Arc<Self>) -> TransferOptions {
        let options = TransferOptions::from_env().cancellation(self.token.clone());
        if self.main.is_none() && self.progress.is_none() {
            return options;
        }
        let watch = Arc::clone(self);
        options.progress(move |now| {
            watch.tell((now.files, now.total_files, now.bytes, now.total_bytes));
        })
    }

    pub(super) fn token(&self) -> Token {
        self.token.clone()
    }

    /// Tells the program how far it is. The engine calls this on any thread, one after the other, with no lock held.
    pub(super) fn tell<T>(&self, now: T)
    where
        T: for<'py> IntoPyObject<
                'py,
                Target = PyTuple,
                Output = Bound<'py, PyTuple>,
                Error = PyErr,
            >,
    {
        if self.token.is_cancelled() {
            return;
        }
        if self.main == Some(thread::current().id()) && signals_raise() {
            self.token.cancel();
            return;
        }
        let Some(progress) = &self.progress else {
            return;
        };
        Python::attach(|py| {
            let told = now.into_pyobject(py);
            if let Err(raised) = told.and_then(|now| progress.bind(py).call1(now)) {
                self.keep(raised);
                self.token.cancel();
            }
        });
    }

    /// What came of the call; what the program's own code raised meanwhile goes before.
    pub(super) fn outcome<T>(&self, outcome: PyResult<T>) -> PyResult<T> {
        let raised = self
            .raised
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        raised.map_or(outcome, Err)
    }

    fn keep(&self, raised: PyErr) {
        let later = {
            let mut first = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
            if first.is_none() {
                *first = Some(raised);
                None
            } else {
                Some(raised)
            }
        };
        // Only now, for what is let go may run code of its own.
        drop(later);
    }
}
