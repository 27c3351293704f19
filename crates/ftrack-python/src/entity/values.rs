//! Reading and setting attributes.

use ftrack::{EntityState, FetchPolicy, Timestamp, Value};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyWeakrefMethods, PyWeakrefReference};

use crate::handle::{CachedObject, EntityHandle, SessionCore, object};

impl EntityHandle {
    /// The value of the attribute at `position`.
    pub(super) fn read<'py>(
        slf: &Bound<'py, Self>,
        position: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let this = slf.get();
        let definition = this.entity.definition();
        if this.kind.is_relation(position) && definition.attributes()[position].is_collection() {
            return Self::view(slf, position);
        }
        let mut value = this.known(position);
        if value.is_not_set() && this.entity.fetch_policy() != FetchPolicy::Off {
            let entity = this.entity.clone();
            value = crate::interrupt::wait(slf.py(), move || {
                entity.value(entity.definition().attributes()[position].name())
            })?;
        }
        Self::convert(slf, position, value)
    }

    /// The Python object for a value of the attribute at `position`.
    fn convert<'py>(
        slf: &Bound<'py, Self>,
        position: usize,
        value: Value,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        match value {
            Value::Reference(identity) => Self::related(slf, &identity),
            Value::DateTime(time) => Self::time(slf, position, time),
            Value::Date(date) => Self::time(slf, position, date.into()),
            Value::Json(json) => {
                let this = slf.get();
                let found = this.find(position, |cached| match cached {
                    CachedObject::Json(known, object) if *known == json => {
                        Some(object.clone_ref(py))
                    }
                    _ => None,
                });
                if let Some(object) = found {
                    return Ok(object.into_bound(py));
                }
                let object = crate::known::loads(py)?.call1((json.as_str(),))?;
                this.keep(position, CachedObject::Json(json, object.clone().unbind()));
                Ok(object)
            }
            value => crate::value::to_python(py, &value),
        }
    }

    /// The object for a point in time: the one that was given out or set before, if it says the same.
    fn time<'py>(
        slf: &Bound<'py, Self>,
        position: usize,
        time: Timestamp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (this, py) = (slf.get(), slf.py());
        let mut was_set = false;
        let found = this.find(position, |cached| match cached {
            CachedObject::Time(known, object) if *known == time => Some(object.clone_ref(py)),
            CachedObject::SetTime(known, object) if *known == time => {
                was_set = true;
                Some(object.clone_ref(py))
            }
            _ => None,
        });
        if let Some(object) = found
            && (!was_set || this.has_local(position))
        {
            return Ok(object.into_bound(py));
        }
        let object = crate::times::to_python(py, time)?;
        this.keep(position, CachedObject::Time(time, object.clone().unbind()));
        Ok(object)
    }

    /// The view of a collection, which is the same object as long as somebody holds it.
    fn view<'py>(slf: &Bound<'py, Self>, position: usize) -> PyResult<Bound<'py, PyAny>> {
        let (this, py) = (slf.get(), slf.py());
        let found = this.find(position, |cached| match cached {
            CachedObject::View(view) => Some(view.clone_ref(py)),
            _ => None,
        });
        if let Some(view) = found.and_then(|view| view.bind(py).upgrade()) {
            return Ok(view);
        }
        let view = crate::known::make_collection(py)?.call1((slf, this.kind.name(py, position)))?;
        this.keep(
            position,
            CachedObject::View(PyWeakrefReference::new(&view)?.unbind()),
        );
        Ok(view)
    }

    /// Sets the attribute at `position`.
    pub(super) fn write(
        slf: &Bound<'_, Self>,
        position: usize,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (this, py) = (slf.get(), slf.py());
        let attribute = &this.entity.definition().attributes()[position];
        let name = attribute.name().to_owned();
        let converted = crate::value::from_python(value, Some(attribute))?;
        let time = converted.as_timestamp();
        let entity = this.entity.clone();
        let is_mapping = matches!(attribute.kind(), ftrack::AttributeKind::MappedCollection(_));
        if is_mapping && matches!(converted, Value::Json(_)) && name != "metadata" {
            // The view of the mapping knows what Python raises for keys that there are not.
            let view = Self::view(slf, position)?;
            for item in value.call_method0(intern!(py, "items"))?.try_iter()? {
                let (key, value): (String, Bound<'_, PyAny>) = item?.extract()?;
                view.set_item(key, value)?;
            }
            return Ok(());
        }
        crate::interrupt::wait(py, move || entity.set(&name, converted))?;
        if let Some(time) = time {
            this.keep(
                position,
                CachedObject::SetTime(time, value.clone().unbind()),
            );
        }
        Ok(())
    }

    /// The value of an attribute of this name, loaded if need be.
    pub(super) fn value_of(slf: &Bound<'_, Self>, name: &str) -> PyResult<Value> {
        let entity = &slf.get().entity;
        let known = entity
            .attribute(name)
            .map(|attribute| attribute.known_value());
        let known = known.map_err(|error| crate::error::raise(slf.py(), &error))?;
        let is_new = entity.state() == Some(EntityState::Created);
        if !known.is_not_set() || is_new || entity.fetch_policy() == FetchPolicy::Off {
            return Ok(known);
        }
        let (entity, name) = (entity.clone(), name.to_owned());
        crate::interrupt::wait(slf.py(), move || entity.value(&name))
    }

    /// The local or the remote value of an attribute.
    pub(super) fn side<'py>(
        slf: &Bound<'py, Self>,
        name: &str,
        local: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (this, py) = (slf.get(), slf.py());
        let attribute = this.entity.attribute(name);
        let attribute = attribute.map_err(|error| crate::error::raise(py, &error))?;
        let value = if local {
            attribute.local_value()
        } else {
            attribute.remote_value()
        };
        if let Value::Collection(members) = &value {
            let objects: PyResult<Vec<_>> = members
                .iter()
                .map(|identity| Self::related(slf, identity))
                .collect();
            return Ok(PyList::new(py, objects?)?.into_any());
        }
        let position = this.entity.definition().position(name);
        Self::convert(slf, position.map_or(0, usize::from), value)
    }

    /// The object for an entity that this one refers to.
    pub(super) fn related<'py>(
        slf: &Bound<'py, Self>,
        identity: &ftrack::Identity,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (this, py) = (slf.get(), slf.py());
        let session = this.session.bind(py);
        SessionCore::prepare(session, identity.entity_type())?;
        if let Some(known) = session.get().objects().get(py, identity) {
            return Ok(known);
        }
        let related = this.entity.related(identity);
        let related = related.map_err(|error| crate::error::raise(py, &error))?;
        object(session, related)
    }

    fn known(&self, position: usize) -> Value {
        let attribute = self.entity.attribute_at(position);
        attribute.map_or(Value::NotSet, |attribute| attribute.known_value())
    }

    fn has_local(&self, position: usize) -> bool {
        let attribute = self.entity.attribute_at(position);
        attribute.is_some_and(|attribute| !attribute.local_value().is_not_set())
    }
}
