//! Caches of Python below the entities in memory.

use std::sync::Arc;

use ftrack::cache::{Cache, Error, SharedCache};
use ftrack::{Entity, Session};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use crate::handle::{EntityHandle, SessionCore};

/// The cache that the Python session has in `_lower_cache`. It is reached through the session, weakly, so that the
/// engine keeps neither alive.
struct PythonCache {
    session: Py<PyWeakrefReference>,
}

/// Puts the session's Python cache below its memory.
pub(crate) fn install(session: &Bound<'_, SessionCore>) -> PyResult<()> {
    let engine: &Session = session.get().session()?;
    let cache = PythonCache {
        session: PyWeakrefReference::new(session)?.unbind(),
    };
    let cache: SharedCache<String, Entity> = Arc::new(cache);
    let layers = engine.cache();
    layers.set_layers(layers.layers().into_iter().chain([cache]));
    Ok(())
}

impl PythonCache {
    /// Calls `work` with the session and its cache.
    fn with<T>(
        &self,
        key: Option<&str>,
        work: impl FnOnce(&Bound<'_, PyAny>, &Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T, Error> {
        Python::attach(|py| {
            let result = match self.session.bind(py).upgrade() {
                Some(session) => session
                    .getattr("_lower_cache")
                    .and_then(|cache| work(&session, &cache)),
                None => Err(PyKeyError::new_err("the session is gone")),
            };
            result.map_err(|error| {
                if error.is_instance_of::<PyKeyError>(py) {
                    Error::key_not_found(&key.unwrap_or_default())
                } else {
                    Error::backend(error)
                }
            })
        })
    }
}

impl Cache<String, Entity> for PythonCache {
    fn get(&self, key: &String) -> Result<Option<Entity>, Error> {
        let found = self.with(Some(key), |_, cache| {
            let found = cache.call_method1("get", (key,))?;
            let entity = found.cast::<EntityHandle>()?;
            Ok(entity.get().entity().clone())
        });
        // Python's caches raise `KeyError` where they have nothing.
        match found {
            Ok(entity) => Ok(Some(entity)),
            Err(error) if error.is_key_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn set(&self, key: String, value: Entity) -> Result<(), Error> {
        self.with(Some(&key.clone()), |session, cache| {
            let session = session.cast::<SessionCore>()?;
            let object = crate::handle::object(session, value)?;
            cache.call_method1("set", (key, object)).map(drop)
        })
    }

    fn remove(&self, key: &String) -> Result<(), Error> {
        self.with(Some(key), |_, cache| {
            cache.call_method1("remove", (key,)).map(drop)
        })
    }

    fn keys(&self) -> Result<Vec<String>, Error> {
        self.with(None, |_, cache| cache.call_method0("keys")?.extract())
    }
}
