//! Accessors of the engine, for Python.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ftrack::location::transfer::{TransferItem, TransferOptions, transfer as copy};
use ftrack::location::{
    Accessor, AccessorError, CreateOptions, DiskAccessor, ResourceReader, Upload,
};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::interrupt::wait;

/// An accessor of the engine.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct NativeAccessor(Arc<dyn Accessor>);

impl From<Arc<dyn Accessor>> for NativeAccessor {
    fn from(accessor: Arc<dyn Accessor>) -> Self {
        Self(accessor)
    }
}

#[pymethods]
impl NativeAccessor {
    /// Files on disk, below a folder or anywhere.
    #[staticmethod]
    #[pyo3(signature = (prefix=None))]
    fn disk(py: Python<'_>, prefix: Option<&str>) -> PyResult<Self> {
        let accessor = match prefix.filter(|prefix| !prefix.is_empty()) {
            // The official client makes the folder.
            Some(prefix) => DiskAccessor::new(prefix)
                .map_err(|error| raise(py, error))?
                .create_prefix(true),
            None => DiskAccessor::without_prefix(),
        };
        Ok(Self(Arc::new(accessor.allow_symlinks_out(true))))
    }

    fn exists(&self, py: Python<'_>, resource_identifier: &str) -> PyResult<bool> {
        self.ask(py, |accessor| accessor.exists(resource_identifier))
    }

    fn remove(&self, py: Python<'_>, resource_identifier: &str) -> PyResult<()> {
        self.ask(py, |accessor| accessor.remove(resource_identifier))
    }

    fn get_url(&self, py: Python<'_>, resource_identifier: &str) -> PyResult<String> {
        self.ask(py, |accessor| accessor.url(resource_identifier))
    }

    #[pyo3(signature = (resource_identifier, size=None))]
    fn get_thumbnail_url(
        &self,
        py: Python<'_>,
        resource_identifier: &str,
        size: Option<u32>,
    ) -> PyResult<String> {
        self.ask(py, |accessor| {
            accessor.thumbnail_url(resource_identifier, size)
        })
    }

    /// Opens a resource for reading.
    fn read(&self, py: Python<'_>, resource_identifier: &str) -> PyResult<Reader> {
        let reader = self.ask(py, |accessor| accessor.open(resource_identifier))?;
        Ok(Reader(Mutex::new(reader)))
    }

    /// Makes a resource, which is there when the writer is finished.
    #[pyo3(signature = (resource_identifier, file_name=None))]
    fn write(
        &self,
        py: Python<'_>,
        resource_identifier: &str,
        file_name: Option<&str>,
    ) -> PyResult<Writer> {
        let mut options = CreateOptions::new();
        if let Some(name) = file_name {
            options = options.file_name(name);
        }
        let upload = self.ask(py, |accessor| {
            accessor.create(resource_identifier, &options)
        })?;
        Ok(Writer(Mutex::new(Some(upload))))
    }
}

impl NativeAccessor {
    /// The accessor itself.
    pub(crate) fn shared(&self) -> Arc<dyn Accessor> {
        Arc::clone(&self.0)
    }

    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl Send + FnOnce(&dyn Accessor) -> Result<T, AccessorError>,
    ) -> PyResult<T> {
        let accessor = Arc::clone(&self.0);
        wait(py, move || ask(&*accessor).map_err(ftrack::Error::from))
    }
}

/// Reads a resource from its beginning.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct Reader(Mutex<ResourceReader>);

#[pymethods]
impl Reader {
    /// At most so many bytes; none at the end.
    fn read<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Bound<'py, PyBytes>> {
        let read = py.detach(|| {
            let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let mut content = Vec::new();
            let limit = u64::try_from(limit).unwrap_or(u64::MAX);
            reader.by_ref().take(limit).read_to_end(&mut content)?;
            std::io::Result::Ok(content)
        });
        let content = read.map_err(|error| PyOSError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &content))
    }
}

/// Writes a resource.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct Writer(Mutex<Option<Box<dyn Upload>>>);

#[pymethods]
impl Writer {
    fn write(&self, py: Python<'_>, content: &[u8]) -> PyResult<()> {
        let written = py.detach(|| match self.upload().as_mut() {
            Some(upload) => upload.write_all(content),
            None => Err(std::io::Error::other("the resource is finished")),
        });
        written.map_err(|error| PyOSError::new_err(error.to_string()))
    }

    /// Publishes what was written.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        wait(py, || {
            // Taken without the interpreter's lock: another thread may be writing.
            let upload = self.upload().take();
            upload.map_or(Ok(()), |upload| {
                upload.finish().map_err(ftrack::Error::from)
            })
        })
    }
}

impl Writer {
    fn upload(&self) -> std::sync::MutexGuard<'_, Option<Box<dyn Upload>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies resources from one accessor of the engine to another: (source, target, name of the file or nothing).
#[pyfunction]
pub(crate) fn transfer(
    py: Python<'_>,
    source: &Bound<'_, NativeAccessor>,
    target: &Bound<'_, NativeAccessor>,
    items: Vec<(String, String, Option<String>)>,
) -> PyResult<()> {
    let (source, target) = (Arc::clone(&source.get().0), Arc::clone(&target.get().0));
    let items: Vec<TransferItem> = items
        .into_iter()
        .map(|(from, to, name)| {
            let item = TransferItem::new(from, to);
            match name {
                Some(name) => item.with_file_name(name),
                None => item,
            }
        })
        .collect();
    let result = py.detach(|| copy(&*source, &*target, &items, &TransferOptions::from_env()));
    result
        .map(drop)
        .map_err(|error| PyOSError::new_err(crate::error::with_causes(&error)))
}

fn raise(py: Python<'_>, error: AccessorError) -> PyErr {
    crate::error::raise_from(py, error)
}
