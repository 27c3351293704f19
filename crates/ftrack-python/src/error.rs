//! Errors of the engine as exceptions.

use ftrack::Error;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception for an error of the engine; which class it has, the Python package decides.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) => exception,
        Err(failure) => failure,
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let details = PyDict::new(py);
    for (name, value) in error.details() {
        details.set_item(*name, crate::json::to_python(py, value)?)?;
    }
    let arguments = (
        format!("{:?}", error.kind()),
        full_message(error),
        details,
        error.is_retryable(),
    );
    let exception = crate::known::make_exception(py)?.call1(arguments)?;
    Ok(PyErr::from_value(exception))
}

/// What happened, and why.
fn full_message(error: &Error) -> String {
    let mut message = error.message().to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

/// The exception for any error that is an error of a session as well.
pub(crate) fn raise_from(py: Python<'_>, error: impl Into<Error>) -> PyErr {
    raise(py, &error.into())
}

/// What an error says, and why.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    message
}
