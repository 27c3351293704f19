//! Objects for entities.

use std::cell::Cell;
use std::sync::Arc;

use ftrack::Entity;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::entity::EntityHandle;
use super::session::SessionCore;

thread_local! {
    /// What the object that is made next stands for.
    static PENDING: Cell<Option<EntityHandle>> = const { Cell::new(None) };
}

impl EntityHandle {
    /// What the object that is being made on this thread stands for.
    pub(crate) fn pending() -> Option<Self> {
        PENDING.take()
    }
}

/// The object that stands for `entity`: the one that there is, else a new one.
pub(crate) fn object<'py>(
    session: &Bound<'py, SessionCore>,
    entity: Entity,
) -> PyResult<Bound<'py, PyAny>> {
    let core = session.get();
    let py = session.py();
    SessionCore::prepare(session, entity.identity().entity_type())?;
    if let Some(known) = core.objects().get(py, entity.identity()) {
        return Ok(known);
    }
    let identity = entity.identity().clone();
    let object = detached_object(session, entity)?;
    core.objects().insert(&identity, object)
}

/// A new object that stands for `entity` beside any other.
pub(crate) fn detached_object<'py>(
    session: &Bound<'py, SessionCore>,
    entity: Entity,
) -> PyResult<Bound<'py, PyAny>> {
    let object = bare_object(session, entity)?;
    let py = session.py();
    let kind = &object.cast::<EntityHandle>()?.get().kind;
    kind.initialise(&object, session.as_any(), &PyDict::new(py), true)?;
    Ok(object)
}

/// A new object, without the initialisation of its class.
pub(crate) fn bare_object<'py>(
    session: &Bound<'py, SessionCore>,
    entity: Entity,
) -> PyResult<Bound<'py, PyAny>> {
    let py = session.py();
    SessionCore::prepare(session, entity.identity().entity_type())?;
    let kind = SessionCore::type_info(session, entity.identity().entity_type())?;
    let handle = EntityHandle::of(entity, session.clone().unbind(), Arc::clone(&kind));
    let before = PENDING.replace(Some(handle));
    let object = kind.make(py);
    PENDING.set(before);
    object
}
