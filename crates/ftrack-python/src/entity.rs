//! What Python's classes of entity types have from the engine.

mod values;

use ftrack::{Entity, EntityState, FetchPolicy};
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use crate::handle::{EntityHandle, SessionCore};

#[pymethods]
impl EntityHandle {
    #[new]
    #[pyo3(signature = (session=None, data=None, reconstructing=false))]
    fn new(
        session: Option<&Bound<'_, PyAny>>,
        data: Option<&Bound<'_, PyAny>>,
        reconstructing: bool,
    ) -> PyResult<Self> {
        let _ = (session, data, reconstructing);
        EntityHandle::pending().ok_or_else(|| {
            PyTypeError::new_err("entities are made by Session.create and by queries")
        })
    }

    /// The session that the entity belongs to.
    #[getter]
    fn session(&self, py: Python<'_>) -> Py<SessionCore> {
        self.session.clone_ref(py)
    }

    fn __getitem__<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let kind = &slf.get().kind;
        if let Some(attribute) = kind.custom(key)? {
            return attribute.call_method1(intern!(slf.py(), "get_value"), (slf,));
        }
        match kind.position(key)? {
            Some(position) => Self::read(slf, position),
            None => Err(PyKeyError::new_err(key.clone().unbind())),
        }
    }

    fn __setitem__(
        slf: &Bound<'_, Self>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let kind = &slf.get().kind;
        if let Some(attribute) = kind.custom(key)? {
            let set = intern!(slf.py(), "set_local_value");
            return attribute.call_method1(set, (slf, value)).map(drop);
        }
        match kind.position(key)? {
            Some(position) => Self::write(slf, position, value),
            None => Err(PyKeyError::new_err(key.clone().unbind())),
        }
    }

    fn __delitem__(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>) -> PyResult<()> {
        let not_set = crate::known::not_set(slf.py())?.clone();
        Self::__setitem__(slf, key, &not_set)
    }

    fn __len__(&self) -> usize {
        self.kind.len()
    }

    fn __contains__(&self, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        // Whatever cannot be a key is not one.
        Ok(key.hash().is_ok() && self.kind.position(key)?.is_some())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let names = (0..self.kind.len()).map(|position| self.kind.name(py, position));
        Ok(PyList::new(py, names)?.try_iter()?.into_any())
    }

    fn __richcmp__<'py>(
        &self,
        py: Python<'py>,
        other: &Bound<'py, PyAny>,
        operator: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let equal = other
            .cast::<Self>()
            .is_ok_and(|other| other.get().entity.identity() == self.entity.identity());
        Ok(match operator {
            CompareOp::Eq => equal.into_pyobject(py)?.to_owned().into_any(),
            CompareOp::Ne => (!equal).into_pyobject(py)?.to_owned().into_any(),
            _ => py.NotImplemented().into_bound(py),
        })
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{BuildHasher, BuildHasherDefault};
        BuildHasherDefault::<rustc_hash::FxHasher>::default().hash_one(self.entity.identity())
    }

    /// The names and values of the primary key.
    fn _primary_key<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let key = PyDict::new(py);
        for (name, value) in self.entity.primary_key() {
            key.set_item(name, value)?;
        }
        Ok(key)
    }

    /// The values of the primary key.
    fn _key<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let parts = self.entity.identity().key().parts();
        PyList::new(py, parts.iter().map(ToString::to_string))
    }

    /// What recorded operations make of the entity: "created", "modified", "deleted", or nothing.
    fn _state(&self) -> Option<&'static str> {
        state_name(self.entity.state())
    }

    /// The value that was set and is not committed, as Python says it.
    fn _local<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        Self::side(slf, name, true)
    }

    /// The value that the server sent, as Python says it.
    fn _remote<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        Self::side(slf, name, false)
    }

    /// Whether a value is known.
    fn _is_set(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        let attribute = self.entity.attribute(name);
        Ok(attribute
            .map_err(|error| crate::error::raise(py, &error))?
            .is_set())
    }

    /// Whether a value was set that is another than the server's.
    fn _is_modified(&self, py: Python<'_>, name: &str) -> PyResult<bool> {
        let attribute = self.entity.attribute(name);
        Ok(attribute
            .map_err(|error| crate::error::raise(py, &error))?
            .is_modified())
    }

    /// Reads an attribute as the engine does, whatever the class makes of it.
    fn _native_get<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match slf.get().kind.position(key)? {
            Some(position) => Self::read(slf, position),
            None => Err(PyKeyError::new_err(key.clone().unbind())),
        }
    }

    /// Sets an attribute as the engine does, whatever the class makes of it.
    fn _native_set(
        slf: &Bound<'_, Self>,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        match slf.get().kind.position(key)? {
            Some(position) => Self::write(slf, position, value),
            None => Err(PyKeyError::new_err(key.clone().unbind())),
        }
    }

    /// The names of the scalar attributes that are not known.
    fn _unset_scalars(&self) -> Vec<String> {
        let attributes = self.entity.attributes();
        let unset = attributes.filter(|attribute| {
            attribute.definition().is_scalar() && attribute.remote_value().is_not_set()
        });
        unset.map(|attribute| attribute.name().to_owned()).collect()
    }

    /// The members of a collection, loaded if need be.
    fn _members<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let value = Self::value_of(slf, name)?;
        let members = value.as_collection().unwrap_or_default();
        let mut objects = Vec::with_capacity(members.len());
        for identity in members {
            objects.push(Self::related(slf, identity)?);
        }
        Ok(objects)
    }

    /// How many members a collection has.
    fn _member_count(slf: &Bound<'_, Self>, name: &str) -> PyResult<usize> {
        let value = Self::value_of(slf, name)?;
        Ok(value.as_collection().map_or(0, <[_]>::len))
    }

    /// Whether an entity is in a collection.
    fn _has_member(slf: &Bound<'_, Self>, name: &str, member: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(member) = member.cast::<Self>() else {
            return Ok(false);
        };
        let value = Self::value_of(slf, name)?;
        let members = value.as_collection().unwrap_or_default();
        Ok(members.contains(member.get().entity.identity()))
    }

    /// The keys of a mapping.
    fn _mapping_keys(slf: &Bound<'_, Self>, name: &str) -> PyResult<Vec<String>> {
        let entity = slf.get().entity.clone();
        if is_left_unknown(slf.py(), &entity, name)? {
            return Ok(Vec::new());
        }
        let is_metadata = name == "metadata";
        crate::interrupt::wait(slf.py(), move || {
            if is_metadata {
                entity.metadata()?.keys()
            } else {
                entity.custom_attributes()?.keys()
            }
        })
    }

    /// The value of a key of a mapping, and whether there is one.
    fn _mapping_get<'py>(
        slf: &Bound<'py, Self>,
        name: &str,
        key: String,
    ) -> PyResult<Option<(Bound<'py, PyAny>,)>> {
        let entity = slf.get().entity.clone();
        if is_left_unknown(slf.py(), &entity, name)? {
            return Ok(None);
        }
        let is_metadata = name == "metadata";
        let value = crate::interrupt::wait(slf.py(), move || {
            if is_metadata {
                entity.metadata()?.value(&key)
            } else {
                entity.custom_attributes()?.value(&key)
            }
        })?;
        value
            .map(|value| Ok((crate::value::to_python(slf.py(), &value)?,)))
            .transpose()
    }

    /// Sets a key of a mapping.
    fn _mapping_set(
        slf: &Bound<'_, Self>,
        name: &str,
        key: String,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let entity = slf.get().entity.clone();
        let is_metadata = name == "metadata";
        let value = crate::value::from_python(value, None)?;
        crate::interrupt::wait(slf.py(), move || {
            if is_metadata {
                entity.metadata()?.set(&key, value)
            } else {
                entity.custom_attributes()?.set(&key, value)
            }
        })
    }

    /// Removes a key of a mapping, and says whether there was one.
    fn _mapping_remove(slf: &Bound<'_, Self>, name: &str, key: String) -> PyResult<bool> {
        let entity = slf.get().entity.clone();
        if is_left_unknown(slf.py(), &entity, name)? {
            return Ok(false);
        }
        let is_metadata = name == "metadata";
        crate::interrupt::wait(slf.py(), move || {
            if is_metadata {
                entity.metadata()?.remove(&key)
            } else {
                entity.custom_attributes()?.remove(&key)
            }
        })
    }

    /// Takes back all that was set and not committed.
    fn _clear(&self, py: Python<'_>) {
        let entity = self.entity.clone();
        py.detach(|| entity.clear());
    }

    /// Takes over what `other`, another object of the same entity, knows: the changes, as tuples of
    /// (is local, name, old value, new value).
    fn _merge<'py>(
        &self,
        py: Python<'py>,
        other: &Bound<'py, Self>,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let (entity, other) = (self.entity.clone(), other.get().entity.clone());
        let changes = crate::interrupt::wait(py, move || entity.merge(&other))?;
        let mut tuples = Vec::new();
        for change in &changes {
            tuples.push(
                (
                    change.side == ftrack::ValueSide::Local,
                    change.name.as_str(),
                    crate::value::to_python(py, &change.old_value)?,
                    crate::value::to_python(py, &change.new_value)?,
                )
                    .into_pyobject(py)?,
            );
        }
        Ok(tuples)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.session)
    }
}

/// Whether nothing is known of a mapping and nothing is to be loaded: then it is empty, as in the original.
fn is_left_unknown(py: Python<'_>, entity: &Entity, name: &str) -> PyResult<bool> {
    if entity.fetch_policy() != FetchPolicy::Off || entity.state() == Some(EntityState::Created) {
        return Ok(false);
    }
    let attribute = entity.attribute(name);
    let attribute = attribute.map_err(|error| crate::error::raise(py, &error))?;
    Ok(attribute.known_value().is_not_set())
}

/// What Python calls a state.
pub(crate) fn state_name(state: Option<EntityState>) -> Option<&'static str> {
    state.map(|state| match state {
        EntityState::Created => "created",
        EntityState::Modified => "modified",
        EntityState::Deleted => "deleted",
    })
}
