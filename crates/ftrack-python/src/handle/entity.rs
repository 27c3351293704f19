//! What an entity keeps for Python.

use std::sync::{Arc, Mutex, PoisonError};

use ftrack::{Entity, Json, Timestamp};
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use super::session::SessionCore;
use crate::types::TypeInfo;

/// An entity of a session.
#[pyclass(
    name = "EntityHandle",
    module = "ftrack_rust._engine",
    subclass,
    weakref,
    mapping,
    frozen
)]
pub struct EntityHandle {
    pub(crate) entity: Entity,
    pub(crate) session: Py<SessionCore>,
    pub(crate) kind: Arc<TypeInfo>,
    cached: Mutex<Vec<(usize, CachedObject)>>,
}

/// A Python object that was made for a value, and is given out again while the value is the same.
pub(crate) enum CachedObject {
    Time(Timestamp, Py<PyAny>),
    /// As `Time`, but what was set here: it counts as long as it is not committed.
    SetTime(Timestamp, Py<PyAny>),
    Json(Json, Py<PyAny>),
    View(Py<PyWeakrefReference>),
}

impl EntityHandle {
    pub(super) fn of(entity: Entity, session: Py<SessionCore>, kind: Arc<TypeInfo>) -> Self {
        Self {
            entity,
            session,
            kind,
            cached: Mutex::default(),
        }
    }

    /// The entity of the engine.
    pub(crate) fn entity(&self) -> &Entity {
        &self.entity
    }

    /// What was made for the attribute at `position`, where `look` takes it.
    pub(crate) fn find<T>(
        &self,
        position: usize,
        look: impl FnMut(&CachedObject) -> Option<T>,
    ) -> Option<T> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let of_attribute = cached.iter().filter(|(of, _)| *of == position);
        of_attribute.map(|(_, cached)| cached).find_map(look)
    }

    /// Keeps what was made for the attribute at `position`.
    pub(crate) fn keep(&self, position: usize, object: CachedObject) {
        let replaced = {
            let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
            match cached.iter_mut().find(|(of, _)| *of == position) {
                Some((_, known)) => Some(std::mem::replace(known, object)),
                None => {
                    if cached.is_empty() {
                        // There are as many of these lists as entities, and few have more than three objects.
                        cached.reserve_exact(3);
                    }
                    cached.push((position, object));
                    None
                }
            }
        };
        // Only now, for what is let go may run code of its own.
        drop(replaced);
    }
}
