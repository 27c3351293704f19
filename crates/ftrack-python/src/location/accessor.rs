//! Accessors of Python, for the engine.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use ftrack::location::accessor::Result;
use ftrack::location::{Accessor, AccessorError, CreateOptions, ResourceReader, Upload};
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyWeakrefMethods, PyWeakrefReference};

use super::cause::kept;

/// An accessor that is an object of Python, referred to weakly. Its location holds it.
pub(super) struct PythonAccessor(Py<PyWeakrefReference>);

impl PythonAccessor {
    pub(super) fn new(accessor: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(PyWeakrefReference::new(accessor)?.unbind()))
    }

    /// Has the accessor do something.
    fn ask<T>(
        &self,
        operation: &'static str,
        resource_identifier: &str,
        work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T> {
        Python::attach(|py| {
            let done = match self.0.bind(py).upgrade() {
                Some(accessor) => work(&accessor),
                None => Err(PyRuntimeError::new_err("the accessor is gone")),
            };
            done.map_err(|raised| error(py, operation, resource_identifier, raised))
        })
    }

    /// Whether the accessor says yes.
    fn is(&self, method: &'static str, resource_identifier: &str) -> Result<bool> {
        self.ask(method, resource_identifier, |accessor| {
            accessor
                .call_method1(method, (resource_identifier,))?
                .is_truthy()
        })
    }
}

impl Accessor for PythonAccessor {
    fn list(&self, resource_identifier: &str) -> Result<Vec<String>> {
        self.ask("list", resource_identifier, |accessor| {
            accessor
                .call_method1("list", (resource_identifier,))?
                .extract()
        })
    }

    fn exists(&self, resource_identifier: &str) -> Result<bool> {
        self.is("exists", resource_identifier)
    }

    fn is_file(&self, resource_identifier: &str) -> Result<bool> {
        self.is("is_file", resource_identifier)
    }

    fn is_container(&self, resource_identifier: &str) -> Result<bool> {
        self.is("is_container", resource_identifier)
    }

    fn is_sequence(&self, resource_identifier: &str) -> Result<bool> {
        self.is("is_sequence", resource_identifier)
    }

    fn open_at(&self, resource_identifier: &str, offset: u64) -> Result<ResourceReader> {
        let data = self.ask("open", resource_identifier, |accessor| {
            let data = accessor.call_method1("open", (resource_identifier, "rb"))?;
            if offset > 0 {
                data.call_method1("seek", (offset,))?;
            }
            Ok(data.unbind())
        })?;
        Ok(ResourceReader::new(PythonReader {
            data,
            left: Vec::new(),
        }))
    }

    fn create(&self, resource_identifier: &str, _: &CreateOptions) -> Result<Box<dyn Upload>> {
        if self.exists(resource_identifier)? {
            return Err(AccessorError::ResourceExists {
                resource_identifier: resource_identifier.to_owned(),
            });
        }
        let data = self.ask("open", resource_identifier, |accessor| {
            let data = accessor.call_method1("open", (resource_identifier, "wb"))?;
            Ok(data.unbind())
        })?;
        let accessor = Python::attach(|py| Self(self.0.clone_ref(py)));
        Ok(Box::new(PythonUpload {
            accessor,
            resource_identifier: resource_identifier.to_owned(),
            data: Some(data),
        }))
    }

    fn remove(&self, resource_identifier: &str) -> Result<()> {
        self.ask("remove", resource_identifier, |accessor| {
            accessor
                .call_method1("remove", (resource_identifier,))
                .map(drop)
        })
    }

    fn remove_container(&self, resource_identifier: &str) -> Result<()> {
        self.ask("remove_container", resource_identifier, |accessor| {
            accessor
                .call_method1("remove_container", (resource_identifier,))
                .map(drop)
        })
    }

    fn make_container(&self, resource_identifier: &str, recursive: bool) -> Result<()> {
        self.ask("make_container", resource_identifier, |accessor| {
            accessor
                .call_method1("make_container", (resource_identifier, recursive))
                .map(drop)
        })
    }

    fn container(&self, resource_identifier: &str) -> Result<String> {
        let container = self.ask("get_container", resource_identifier, |accessor| {
            accessor
                .call_method1("get_container", (resource_identifier,))?
                .extract::<Option<String>>()
        })?;
        container.ok_or_else(|| AccessorError::ParentResourceNotFound {
            resource_identifier: resource_identifier.to_owned(),
        })
    }

    fn filesystem_path(&self, resource_identifier: &str) -> Result<PathBuf> {
        self.ask("get_filesystem_path", resource_identifier, |accessor| {
            accessor
                .call_method1("get_filesystem_path", (resource_identifier,))?
                .extract()
        })
    }

    fn url(&self, resource_identifier: &str) -> Result<String> {
        self.ask("get_url", resource_identifier, |accessor| {
            accessor
                .call_method1("get_url", (resource_identifier,))?
                .extract()
        })
    }
}

/// A file that Python reads.
struct PythonReader {
    data: Py<PyAny>,
    /// What it gave more than was asked for.
    left: Vec<u8>,
}

impl Read for PythonReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            self.left = Python::attach(|py| {
                let read = self.data.bind(py).call_method1("read", (buffer.len(),));
                read.and_then(|content| Ok(content.cast::<PyBytes>()?.as_bytes().to_vec()))
                    .map_err(|raised| io::Error::other(kept(py, raised)))
            })?;
        }
        let count = self.left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.left[..count]);
        self.left.drain(..count);
        Ok(count)
    }
}

impl Drop for PythonReader {
    fn drop(&mut self) {
        Python::attach(|py| {
            if let Err(raised) = self.data.bind(py).call_method0("close") {
                raised.write_unraisable(py, Some(self.data.bind(py)));
            }
        });
    }
}

/// A file that Python writes. What is not finished is removed.
struct PythonUpload {
    accessor: PythonAccessor,
    resource_identifier: String,
    data: Option<Py<PyAny>>,
}

impl Write for PythonUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        Python::attach(|py| {
            let Some(data) = &self.data else {
                return Err(io::Error::other("the resource is finished"));
            };
            let content_of = PyBytes::new(py, content);
            match data
                .bind(py)
                .call_method1(intern!(py, "write"), (content_of,))
            {
                Ok(_) => Ok(content.len()),
                Err(raised) => Err(io::Error::other(kept(py, raised))),
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for PythonUpload {
    fn finish(mut self: Box<Self>) -> Result<()> {
        let Some(data) = self.data.take() else {
            return Ok(());
        };
        let closed = Python::attach(|py| {
            let closed = data.bind(py).call_method0("close");
            closed
                .map(drop)
                .map_err(|raised| error(py, "write", &self.resource_identifier, raised))
        });
        if closed.is_err() {
            self.remove();
        }
        closed
    }
}

impl PythonUpload {
    /// Removes what was written, so that no half of a file stays.
    fn remove(&self) {
        // Why it was not finished is told already, and that there may be nothing to remove is expected.
        drop(self.accessor.remove(&self.resource_identifier));
    }
}

impl Drop for PythonUpload {
    fn drop(&mut self) {
        if let Some(data) = self.data.take() {
            Python::attach(|py| drop(data.bind(py).call_method0("close")));
            self.remove();
        }
    }
}

/// What Python raised, as an error that keeps it.
fn error(
    py: Python<'_>,
    operation: &'static str,
    resource_identifier: &str,
    raised: PyErr,
) -> AccessorError {
    let resource_identifier = resource_identifier.to_owned();
    let name = raised.get_type(py).name();
    let name = name.map(|name| name.to_string()).unwrap_or_default();
    // What the engine goes on after; everything else comes out as it was raised.
    match name.as_str() {
        "AccessorResourceNotFoundError" => AccessorError::ResourceNotFound {
            resource_identifier,
        },
        "AccessorParentResourceNotFoundError" => AccessorError::ParentResourceNotFound {
            resource_identifier,
        },
        "AccessorContainerNotEmptyError" => AccessorError::ContainerNotEmpty {
            resource_identifier,
        },
        "AccessorUnsupportedOperationError" => AccessorError::UnsupportedOperation { operation },
        _ => AccessorError::OperationFailed {
            operation,
            resource_identifier,
            source: kept(py, raised).into(),
        },
    }
}
