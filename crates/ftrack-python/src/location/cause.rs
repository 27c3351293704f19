//! Why components could not be added or removed, as exceptions of Python.

use std::error::Error as StdError;

use ftrack::Error;
use ftrack::location::AccessorError;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception for an error, with its cause as the cause.
pub(super) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let made = crate::error::raise(py, error);
    match cause(py, error) {
        Ok(cause) => {
            made.set_cause(py, cause);
            made
        }
        Err(failure) => failure,
    }
}

/// What code of Python raised, if that is why, else the exception for the error.
pub(super) fn raised_or_made(py: Python<'_>, error: &Error) -> PyErr {
    raised(py, error).unwrap_or_else(|| crate::error::raise(py, error))
}

/// The same exception; one that ends the program, such as `KeyboardInterrupt`, goes through the engine as well.
pub(super) fn kept(py: Python<'_>, raised: PyErr) -> PyErr {
    if !raised.is_instance_of::<PyException>(py) {
        crate::interrupt::keep(raised.clone_ref(py));
    }
    raised
}

/// What code of Python raised, if that is why.
fn raised(py: Python<'_>, error: &Error) -> Option<PyErr> {
    find::<PyErr>(error).map(|raised| raised.clone_ref(py))
}

/// What code of Python raised, else what the accessor or the engine below says.
fn cause(py: Python<'_>, error: &Error) -> PyResult<Option<PyErr>> {
    if let Some(raised) = raised(py, error) {
        return Ok(Some(raised));
    }
    if let Some(AccessorError::ResourceExists {
        resource_identifier,
    }) = find(error)
    {
        let message = format!(
            "Cannot add component as data already exists and overwriting could result in data loss. Computed target \
             resource identifier was: {resource_identifier}"
        );
        return exception(py, "Location", &message).map(Some);
    }
    if let Some(error) = find::<AccessorError>(error) {
        return exception(py, kind(error), &crate::error::with_causes(error)).map(Some);
    }
    let below = StdError::source(error).map(|below| match below.downcast_ref::<Error>() {
        Some(below) => Ok(crate::error::raise(py, below)),
        None => exception(py, "Location", &crate::error::with_causes(below)),
    });
    below.transpose()
}

/// The first of the causes that is a `T`.
fn find<T: StdError + 'static>(error: &Error) -> Option<&T> {
    let mut cause = StdError::source(error);
    while let Some(error) = cause {
        // What a stream failed with is inside of its error, and not its cause.
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<T>());
        if let Some(found) = error.downcast_ref::<T>().or(inner) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// What the engine calls such an error.
fn kind(error: &AccessorError) -> &'static str {
    match error {
        AccessorError::UnsupportedOperation { .. } => "AccessorUnsupportedOperation",
        AccessorError::PermissionDenied { .. } => "AccessorPermissionDenied",
        AccessorError::ResourceIdentifier { .. } => "AccessorResourceIdentifier",
        AccessorError::FilesystemPath { .. } => "AccessorFilesystemPath",
        AccessorError::ResourceNotFound { .. } => "AccessorResourceNotFound",
        AccessorError::ParentResourceNotFound { .. } => "AccessorParentResourceNotFound",
        AccessorError::ResourceInvalid { .. } => "AccessorResourceInvalid",
        AccessorError::ContainerNotEmpty { .. } => "AccessorContainerNotEmpty",
        _ => "AccessorOperationFailed",
    }
}

fn exception(py: Python<'_>, kind: &str, message: &str) -> PyResult<PyErr> {
    let arguments = (kind, message, PyDict::new(py), false);
    let made = crate::known::make_exception(py)?.call1(arguments)?;
    Ok(PyErr::from_value(made))
}
