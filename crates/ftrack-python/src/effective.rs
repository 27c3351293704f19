//! What custom attributes come to in the end.

use ftrack::{EffectiveAttribute, Entity, Origin};
use pyo3::prelude::*;

use crate::handle::{EntityHandle, SessionCore};
use crate::interrupt::wait;

/// Key, value, origin, the entity that it is inherited from, kind, and the id of the configuration.
type Row<'py> = (
    String,
    Bound<'py, PyAny>,
    &'static str,
    Option<Bound<'py, PyAny>>,
    String,
    String,
);

/// The effective values of each entity, in their order; those of these keys, or all if there are none.
#[pyfunction]
pub(crate) fn effective_custom_attributes<'py>(
    session: &Bound<'py, SessionCore>,
    entities: Vec<Bound<'py, EntityHandle>>,
    keys: Vec<String>,
) -> PyResult<Vec<Vec<Row<'py>>>> {
    let engine = session.get().session()?;
    let entities: Vec<Entity> = entities
        .iter()
        .map(|entity| entity.get().entity().clone())
        .collect();
    let found = wait(session.py(), || {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        engine.effective_custom_attributes(&entities, &keys)
    })?;
    entities
        .iter()
        .map(|entity| {
            let own = found.for_entity(entity).iter();
            own.map(|attribute| row(session, attribute)).collect()
        })
        .collect()
}

fn row<'py>(
    session: &Bound<'py, SessionCore>,
    attribute: &EffectiveAttribute,
) -> PyResult<Row<'py>> {
    let py = session.py();
    let (origin, from) = match &attribute.origin {
        Origin::Explicit => ("explicit", None),
        Origin::Inherited { from, .. } => {
            let entity = session.get().session()?.entity(from);
            let entity = entity.map_err(|error| crate::error::raise(py, &error))?;
            ("inherited", Some(crate::handle::object(session, entity)?))
        }
        _ => ("default", None),
    };
    Ok((
        attribute.key.clone(),
        crate::value::to_python(py, &attribute.value)?,
        origin,
        from,
        attribute.kind.clone(),
        attribute.configuration.key().to_string(),
    ))
}
