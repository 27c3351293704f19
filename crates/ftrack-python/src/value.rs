//! Values of attributes in both worlds.

use ftrack::{Attribute, AttributeKind, DataType, Value};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PySet, PyString, PyTuple};

use crate::handle::EntityHandle;

/// The Python object for a plain value. Relations are made by their entity, which knows the session.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::NotSet => crate::known::not_set(py)?.clone(),
        Value::Null => PyNone::get(py).to_owned().into_any(),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => PyFloat::new(py, *value).into_any(),
        Value::Text(value) => PyString::new(py, value).into_any(),
        Value::Date(date) => crate::times::to_python(py, (*date).into())?,
        Value::DateTime(time) => crate::times::to_python(py, *time)?,
        Value::Json(json) => crate::known::loads(py)?.call1((json.as_str(),))?,
        Value::Reference(identity) => PyString::new(py, &identity.to_string()).into_any(),
        other => PyString::new(py, &format!("{other:?}")).into_any(),
    })
}

/// The value that a Python object says, for `attribute` where it is for one.
pub(crate) fn from_python(
    value: &Bound<'_, PyAny>,
    attribute: Option<&Attribute>,
) -> PyResult<Value> {
    let py = value.py();
    if value.is_none() {
        return Ok(match attribute.map(Attribute::kind) {
            Some(AttributeKind::Collection(_)) => Value::Collection(Vec::new().into()),
            _ => Value::Null,
        });
    }
    if value.is(crate::known::not_set(py)?) {
        return Ok(Value::NotSet);
    }
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_cow()?;
        return Ok(number(&text, attribute).unwrap_or_else(|| Value::from(text.as_ref())));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        let number = value.extract::<i64>();
        return number.map(Value::Int).map_err(|_| {
            PyValueError::new_err(format!("{value} is beyond what a whole number can be"))
        });
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        let number = number.value();
        return if number.is_finite() {
            Ok(Value::Float(number))
        } else {
            Err(PyValueError::new_err(format!(
                "{number} cannot be sent to a server"
            )))
        };
    }
    if let Ok(entity) = value.cast::<EntityHandle>() {
        return Ok(Value::Reference(entity.get().entity().identity().clone()));
    }
    if let Some(members) = members(value, attribute)? {
        return Ok(members);
    }
    if let Some(time) = crate::times::from_python(value)? {
        return Ok(Value::DateTime(time));
    }
    plain(value)
}

/// The number that a text says where `attribute` takes one. Programs set what a form or a file name gave them, and
/// servers take it; what says no number stays text, which the attribute refuses.
fn number(text: &str, attribute: Option<&Attribute>) -> Option<Value> {
    match attribute?.kind() {
        AttributeKind::Scalar(DataType::Integer) => text.trim().parse().ok().map(Value::Int),
        AttributeKind::Scalar(DataType::Number) => {
            let number = text.trim().parse::<f64>().ok();
            number.filter(|number| number.is_finite()).map(Value::Float)
        }
        _ => None,
    }
}

/// The members that are set for a collection.
fn members(value: &Bound<'_, PyAny>, attribute: Option<&Attribute>) -> PyResult<Option<Value>> {
    if !attribute.is_some_and(Attribute::is_collection) {
        return Ok(None);
    }
    let rows = value.getattr_opt(pyo3::intern!(value.py(), "collection"))?;
    let value = rows.as_ref().unwrap_or(value);
    if value.is_instance_of::<PyDict>() {
        return Ok(None);
    }
    let mut identities = Vec::new();
    for member in value.try_iter()? {
        let member = member?;
        let member = member.cast::<EntityHandle>().map_err(|_| {
            PyTypeError::new_err(format!(
                "{member} cannot be in a collection: only entities can"
            ))
        })?;
        identities.push(member.get().entity().identity().clone());
    }
    Ok(Some(Value::Collection(identities.into())))
}

/// Lists, mappings and whatever else JSON can carry.
fn plain(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let is_container = value.is_instance_of::<PyDict>()
        || value.is_instance_of::<PyList>()
        || value.is_instance_of::<PyTuple>();
    if value.is_instance_of::<PySet>() {
        return Err(PyTypeError::new_err(format!(
            "{value} is not JSON serializable"
        )));
    }
    let json = crate::json::from_python(value)?;
    Ok(if is_container {
        Value::Json(json.into())
    } else {
        Value::from(json)
    })
}
