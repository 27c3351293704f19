//! What a session keeps for Python.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use ftrack::Session;
use ftrack::entity::EntityTypeName;
use ftrack::location::Accessor;
use pyo3::exceptions::{PyKeyError, PyRuntimeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyType;
use rustc_hash::FxHashMap;

use crate::objects::Objects;
use crate::types::TypeInfo;

/// A session, as the class of the Python package derives from it.
#[pyclass(
    name = "SessionCore",
    module = "ftrack_rust._engine",
    subclass,
    weakref,
    frozen
)]
pub struct SessionCore {
    /// Tells sessions apart that are at the same address one after the other.
    pub(crate) number: u64,
    session: OnceLock<Session>,
    objects: Objects,
    types: Mutex<FxHashMap<EntityTypeName, Arc<TypeInfo>>>,
    /// Whether the built-in locations are to be configured before anybody gets a location.
    pub(crate) locations_are_due: AtomicBool,
    /// What reaches the files that the server keeps, whatever the program has made of its location.
    pub(crate) server_accessor: OnceLock<Arc<dyn Accessor>>,
}

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

impl SessionCore {
    /// A session that is not connected yet.
    pub(crate) fn unconnected() -> Self {
        Self {
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            session: OnceLock::new(),
            objects: Objects::default(),
            types: Mutex::default(),
            locations_are_due: AtomicBool::new(false),
            server_accessor: OnceLock::new(),
        }
    }

    /// Makes `session` the session of the engine, once.
    pub(crate) fn set_session(&self, session: Session) -> PyResult<()> {
        self.session
            .set(session)
            .map_err(|_| PyRuntimeError::new_err("the session is connected already"))
    }

    /// The session of the engine, if it is connected.
    pub(crate) fn known_session(&self) -> Option<&Session> {
        self.session.get()
    }

    /// The session of the engine.
    pub(crate) fn session(&self) -> PyResult<&Session> {
        self.session
            .get()
            .ok_or_else(|| PyRuntimeError::new_err("the session is not connected"))
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Lets `info` stand for an entity type, unless something does so already and is not to be replaced: the class that
    /// counts.
    pub(crate) fn register(
        &self,
        py: Python<'_>,
        name: EntityTypeName,
        info: Arc<TypeInfo>,
        replace: bool,
    ) -> Py<PyType> {
        let (counts, dropped) = {
            let mut types = self.types();
            match types.get(&name).map(Arc::clone) {
                Some(first) if !replace => (first, Some(info)),
                _ => {
                    let before = types.insert(name, Arc::clone(&info));
                    (info, before)
                }
            }
        };
        // Only now, for what is let go may run code of its own.
        drop(dropped);
        counts.class(py)
    }

    /// What is known of the class of an entity type; the class is made now if it was not needed before.
    pub(crate) fn type_info(
        slf: &Bound<'_, Self>,
        name: EntityTypeName,
    ) -> PyResult<Arc<TypeInfo>> {
        if let Some(info) = slf.get().types().get(&name) {
            return Ok(Arc::clone(info));
        }
        // Making the class registers it.
        let types = slf.getattr(intern!(slf.py(), "types"))?;
        types.get_item(name.as_str())?;
        let info = slf.get().types().get(&name).cloned();
        info.ok_or_else(|| PyKeyError::new_err(name.as_str()))
    }

    /// Before an object for an entity of this type is given out: has the built-in locations configured, if it is a
    /// location and that has not been done.
    pub(crate) fn prepare(slf: &Bound<'_, Self>, name: EntityTypeName) -> PyResult<()> {
        if slf.get().locations_are_due.load(Ordering::Acquire) && name.as_str() == "Location" {
            slf.call_method0(intern!(slf.py(), "_first_location"))?;
        }
        Ok(())
    }

    fn types(&self) -> MutexGuard<'_, FxHashMap<EntityTypeName, Arc<TypeInfo>>> {
        self.types.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
