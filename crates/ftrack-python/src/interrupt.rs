//! Waiting without the interpreter's lock, and Ctrl-C meanwhile.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::OnceLock;
use std::thread::{self, ThreadId};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

thread_local! {
    /// What Python code raised that has to go through the engine, such as `KeyboardInterrupt` in a handler.
    static RAISED: Cell<Option<PyErr>> = const { Cell::new(None) };
}

/// Keeps an exception for whoever called the engine.
pub(crate) fn keep(error: PyErr) {
    RAISED.set(Some(error));
}

/// The exception that was kept on this thread, if there is one.
pub(crate) fn take() -> Option<PyErr> {
    RAISED.take()
}

/// Does `work` without the interpreter's lock. On the main thread Ctrl-C ends its waiting.
pub(crate) fn wait<T, F>(py: Python<'_>, work: F) -> PyResult<T>
where
    T: Send,
    F: Send + FnOnce() -> ftrack::Result<T>,
{
    let interruptible = is_main_thread(py)?;
    let result = py.detach(|| {
        if !interruptible {
            return work();
        }
        let interrupted = Rc::new(Cell::new(false));
        let seen = Rc::clone(&interrupted);
        ftrack::transport::interruptible(
            move || {
                if !seen.get() && signals_raise() {
                    seen.set(true);
                }
                seen.get()
            },
            work,
        )
    });
    match (result, take()) {
        (_, Some(raised)) => Err(raised),
        (Ok(value), None) => Ok(value),
        (Err(error), None) => Err(crate::error::raise(py, &error)),
    }
}

/// Lets Python handle its signals; whether a handler raised something, which is kept.
pub(crate) fn signals_raise() -> bool {
    Python::attach(|py| match py.check_signals() {
        Ok(()) => false,
        Err(raised) => {
            keep(raised);
            true
        }
    })
}

/// Whether this is the thread on which Python handles signals, or may be: where it is not, it handles none.
pub(crate) fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    static MAIN: OnceLock<(u32, Option<ThreadId>)> = OnceLock::new();
    static IDENT: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();
    let here = thread::current().id();
    // The first call of a process learns which thread it is; a child after `fork` is made of one thread.
    if let Some((process, main)) = MAIN.get()
        && *process == std::process::id()
    {
        return Ok(*main == Some(here));
    }
    let modules = py.import("sys")?.getattr("modules")?;
    if IDENT.get(py).is_none() && !modules.contains("threading")? {
        // A program without this module has hardly more threads than one, and loading it takes longer than asking.
        return Ok(true);
    }
    let (current, main) = IDENT.get_or_try_init(py, || {
        let threading = py.import("threading")?;
        PyResult::Ok((
            threading.getattr("current_thread")?.unbind(),
            threading.getattr("main_thread")?.unbind(),
        ))
    })?;
    let is_main = current.bind(py).call0()?.is(&main.bind(py).call0()?);
    if is_main {
        let _ = MAIN.set((std::process::id(), Some(here)));
    }
    Ok(is_main)
}
