//! Recorded operations, as Python says them.

use ftrack::Operation;
use ftrack::entity::Record;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::handle::SessionCore;

/// An operation: ("create", type, key, data), ("update", type, key, attribute, old, new) or ("delete", type, key).
pub(crate) fn to_python<'py>(
    session: &Bound<'py, SessionCore>,
    operation: &Operation,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = session.py();
    let record = operation.record();
    let entity_type = record.identity().entity_type().as_str();
    let key = key(py, record)?;
    match operation {
        Operation::Create { data, .. } => {
            let values = PyDict::new(py);
            for (position, value) in data {
                let attribute = &record.entity_type()[*position];
                values.set_item(attribute.name(), value_of(session, value)?)?;
            }
            for (name, value) in key.iter() {
                values.set_item(name, value)?;
            }
            ("create", entity_type, key, values).into_pyobject(py)
        }
        Operation::Update {
            attribute,
            old,
            new,
            ..
        } => {
            let attribute = &record.entity_type()[*attribute];
            let (old, new) = (value_of(session, old)?, value_of(session, new)?);
            ("update", entity_type, key, attribute.name(), old, new).into_pyobject(py)
        }
        _ => ("delete", entity_type, key).into_pyobject(py),
    }
}

fn key<'py>(py: Python<'py>, record: &Record) -> PyResult<Bound<'py, PyDict>> {
    let key = PyDict::new(py);
    let names = record.entity_type().primary_key();
    for (attribute, part) in names.zip(record.identity().key().parts()) {
        key.set_item(attribute.name(), part.to_string())?;
    }
    Ok(key)
}

/// A value with entities where it refers to some.
fn value_of<'py>(
    session: &Bound<'py, SessionCore>,
    value: &ftrack::Value,
) -> PyResult<Bound<'py, PyAny>> {
    let py = session.py();
    let entity = |identity| {
        let entity = session.get().session()?.entity(identity);
        let entity = entity.map_err(|error| crate::error::raise(py, &error))?;
        crate::handle::object(session, entity)
    };
    match value {
        ftrack::Value::Reference(identity) => entity(identity),
        ftrack::Value::Collection(members) => {
            let members: PyResult<Vec<_>> = members.iter().map(entity).collect();
            Ok(pyo3::types::PyList::new(py, members?)?.into_any())
        }
        value => crate::value::to_python(py, value),
    }
}
