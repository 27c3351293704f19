//! Sessions.

mod settings;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ftrack::{Data, Entity, FetchPolicy, Identity, Key, Session, Value};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use crate::handle::{EntityHandle, SessionCore};
use crate::hub::HubCore;
use crate::interrupt::wait;
use crate::trace::TraceCore;
use crate::types::TypeInfo;

#[pymethods]
impl SessionCore {
    #[new]
    #[pyo3(signature = (*_arguments, **_options))]
    fn new(_arguments: &Bound<'_, PyTuple>, _options: Option<&Bound<'_, PyDict>>) -> Self {
        Self::unconnected()
    }

    /// Connects to the server.
    fn _connect(slf: &Bound<'_, Self>, options: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = slf.py();
        let mut builder = crate::options::builder(options)?;
        if let Some(trace) = options.get_item("trace")?.filter(|trace| !trace.is_none()) {
            builder = builder.trace(&trace.cast::<TraceCore>()?.get().0);
        }
        let session = wait(py, move || builder.connect())?;
        slf.get().set_session(session)
    }

    /// Makes this a unit of work of `other`: its own entities and operations over the same connection.
    fn _begin(&self, other: &Bound<'_, Self>) -> PyResult<()> {
        self.set_session(other.get().session()?.begin())
    }

    /// Puts a cache of Python below the entities in memory.
    fn _use_cache(slf: &Bound<'_, Self>) -> PyResult<()> {
        crate::cache::install(slf)
    }

    #[getter]
    fn _closed(&self) -> bool {
        self.known_session().is_none_or(Session::closed)
    }

    /// What the server said of itself.
    fn _server_information<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let information = PyDict::new(py);
        for (name, value) in self.session()?.server_information().iter() {
            information.set_item(name, crate::json::to_python(py, value)?)?;
        }
        Ok(information)
    }

    /// The names of the entity types, in the order of the server.
    fn _type_names(&self) -> PyResult<Vec<&'static str>> {
        Ok(self.session()?.types().collect())
    }

    /// All schemas.
    fn _all_schemas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = self.session()?.schema().text();
        crate::json::parse(py, text.unwrap_or(b"[]"))
    }

    /// The schema of one type.
    fn _schema<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let text = self.session()?.schema().text_of(name);
        text.map(|text| crate::json::parse(py, text)).transpose()
    }

    /// Tells which class stands for an entity type, which attributes have a way of their own, and whether the class
    /// has its own `__init__`. Answers with the class that counts: one that stands for the type already, unless it is
    /// to be replaced.
    #[pyo3(signature = (name, class, custom=None, initialises=false, replace=false))]
    fn _register_type(
        &self,
        py: Python<'_>,
        name: &str,
        class: &Bound<'_, PyType>,
        custom: Option<Bound<'_, PyDict>>,
        initialises: bool,
        replace: bool,
    ) -> PyResult<Py<PyType>> {
        let session = self.session()?;
        let definition = session.schema().entity_type(name);
        let definition = definition.map_err(|error| crate::error::raise_from(py, error))?;
        let info = TypeInfo::new(class, definition, custom, initialises)?;
        Ok(self.register(py, definition.name(), info, replace))
    }

    /// Whether the built-in locations are to be configured before anybody gets a location.
    fn _locations_due(&self) -> bool {
        self.locations_are_due.load(Ordering::Acquire)
    }

    fn _set_locations_due(&self, due: bool) {
        self.locations_are_due.store(due, Ordering::Release);
    }

    /// Creates an entity; values for names that are not attributes are left out.
    fn _create<'py>(
        slf: &Bound<'py, Self>,
        entity_type: &str,
        data: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let session = slf.get().session()?;
        let definition = session.schema().entity_type(entity_type);
        let definition = definition.map_err(|error| crate::error::raise_from(py, error))?;
        let mut values: Vec<(String, Value)> = Vec::new();
        let mut mappings = Vec::new();
        for (name, value) in data.iter() {
            let name = crate::known::text(&name)?;
            let Some(attribute) = definition.get(&name) else {
                continue;
            };
            let value_of = crate::value::from_python(&value, Some(attribute))?;
            let is_mapping = matches!(attribute.kind(), ftrack::AttributeKind::MappedCollection(_));
            if is_mapping && name != "metadata" && matches!(value_of, Value::Json(_)) {
                mappings.push((name, value));
            } else if !value_of.is_not_set() {
                values.push((name, value_of));
            }
        }
        let entity = wait(py, || session.create(entity_type, values))?;
        let object = crate::handle::bare_object(slf, entity.clone())?;
        let object = slf.get().objects().insert(entity.identity(), object)?;
        for (name, value) in mappings {
            object.set_item(name, value)?;
        }
        Ok(object)
    }

    /// The entity of this type and key, whether or not anything is known of it; `data` is what the server has.
    fn _reconstruct<'py>(slf: &Bound<'py, Self>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let session = slf.get().session()?;
        let decoded = session.decode(text);
        let data = decoded.map_err(|error| crate::error::raise(py, &error))?;
        let Some(entity) = data.as_entity() else {
            return Err(PyRuntimeError::new_err("this is not an entity"));
        };
        let merged = wait(py, || session.merge(entity))?;
        crate::handle::object(slf, merged)
    }

    /// The entity that is known under this key, or nothing; below memory the caches are asked.
    fn _known<'py>(
        slf: &Bound<'py, Self>,
        entity_type: &str,
        key: Vec<String>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let session = slf.get().session()?;
        let identity = Identity::new(entity_type, Key::composite(key));
        let cached = session.cache_key(&identity);
        let found = wait(slf.py(), || {
            use ftrack::cache::Cache;
            let memory = &session.cache().layers()[0];
            if let Ok(Some(entity)) = memory.get(&cached) {
                return Ok(Some(entity));
            }
            match session.cache().get(&cached)? {
                // What a cache below memory knows is apart from the session's entities.
                Some(found) => session.merge(&found).map(Some),
                None => Ok(None),
            }
        })?;
        found
            .map(|entity| crate::handle::object(slf, entity))
            .transpose()
    }

    /// The keys of the entities in memory.
    fn _memory_keys(slf: &Bound<'_, Self>) -> PyResult<Vec<String>> {
        let session = slf.get().session()?;
        wait(slf.py(), || {
            use ftrack::cache::Cache;
            Ok(session.cache().layers()[0].keys()?)
        })
    }

    /// The entity under this key in memory, or nothing.
    fn _memory_get<'py>(
        slf: &Bound<'py, Self>,
        key: String,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let session = slf.get().session()?;
        let found = wait(slf.py(), || {
            use ftrack::cache::Cache;
            Ok(session.cache().layers()[0].get(&key)?)
        })?;
        found
            .map(|entity| crate::handle::object(slf, entity))
            .transpose()
    }

    /// Forgets the entity under this key in memory, and says whether there was one.
    fn _memory_remove(slf: &Bound<'_, Self>, key: String) -> PyResult<bool> {
        let session = slf.get().session()?;
        wait(slf.py(), || {
            use ftrack::cache::Cache;
            match session.cache().layers()[0].remove(&key) {
                Ok(()) => Ok(true),
                Err(error) if error.is_key_not_found() => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Records that an entity is deleted.
    fn _delete(slf: &Bound<'_, Self>, entity: &Bound<'_, EntityHandle>) -> PyResult<()> {
        let session = slf.get().session()?;
        let entity = entity.get().entity();
        wait(slf.py(), || {
            session.delete(&session.entity(entity.identity())?)
        })
    }

    /// Loads projections for entities.
    fn _populate(
        slf: &Bound<'_, Self>,
        entities: Vec<Bound<'_, EntityHandle>>,
        projections: Vec<String>,
    ) -> PyResult<()> {
        let session = slf.get().session()?;
        let entities: Vec<Entity> = entities
            .iter()
            .map(|entity| entity.get().entity().clone())
            .collect();
        wait(slf.py(), || session.populate(&entities, projections))
    }

    fn _commit(slf: &Bound<'_, Self>) -> PyResult<()> {
        let session = slf.get().session()?;
        wait(slf.py(), || session.commit().map(drop))
    }

    fn _rollback(slf: &Bound<'_, Self>) -> PyResult<()> {
        let session = slf.get().session()?;
        wait(slf.py(), || {
            session.rollback();
            Ok(())
        })
    }

    /// Forgets all entities and operations.
    fn _reset(slf: &Bound<'_, Self>) -> PyResult<()> {
        let session = slf.get().session()?;
        wait(slf.py(), || {
            session.reset();
            Ok(())
        })?;
        slf.get().objects().clear();
        Ok(())
    }

    fn _close(slf: &Bound<'_, Self>) -> PyResult<()> {
        if let Some(session) = slf.get().known_session() {
            slf.py().detach(|| session.close());
        }
        slf.get().objects().clear();
        Ok(())
    }

    /// The entities in a state: "created", "modified" or "deleted".
    fn _in_state<'py>(slf: &Bound<'py, Self>, state: &str) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let session = slf.get().session()?;
        let entities = slf.py().detach(|| match state {
            "created" => session.created(),
            "modified" => session.modified(),
            _ => session.deleted(),
        });
        let entities = entities.into_iter();
        entities
            .map(|entity| crate::handle::object(slf, entity))
            .collect()
    }

    /// The states of entities.
    fn _states(
        &self,
        py: Python<'_>,
        entities: Vec<Bound<'_, EntityHandle>>,
    ) -> PyResult<Vec<Option<&'static str>>> {
        let session = self.session()?;
        let entities: Vec<Entity> = entities
            .iter()
            .map(|entity| entity.get().entity().clone())
            .collect();
        let states = py.detach(|| session.states(&entities));
        Ok(states.into_iter().map(crate::entity::state_name).collect())
    }

    fn _operation_count(&self) -> PyResult<usize> {
        Ok(self.session()?.operation_count())
    }

    fn _discard_operations(&self) -> PyResult<()> {
        self.session()?.discard_operations();
        Ok(())
    }

    /// The recorded operations, oldest first; see [`crate::operation`].
    fn _operations<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyList>> {
        let operations = slf.get().session()?.recorded_operations();
        let list = PyList::empty(slf.py());
        for operation in &operations {
            list.append(crate::operation::to_python(slf, operation)?)?;
        }
        Ok(list)
    }

    /// Takes the last operation out.
    fn _pop_operation<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let operation = slf.get().session()?.pop_operation();
        operation
            .map(|operation| crate::operation::to_python(slf, &operation))
            .transpose()
    }

    /// Sends a batch of actions in JSON, and answers with the JSON of the results.
    fn _call(slf: &Bound<'_, Self>, batch: &str) -> PyResult<String> {
        let session = slf.get().session()?;
        let batch: Vec<serde_json::Value> = serde_json::from_str(batch)
            .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
        let answers = wait(slf.py(), || session.call(&batch))?;
        Ok(serde_json::Value::from(answers).to_string())
    }

    /// The Python objects for encoded data, with detached entities in it.
    fn _decode<'py>(slf: &Bound<'py, Self>, text: &str) -> PyResult<Bound<'py, PyAny>> {
        let session = slf.get().session()?;
        let data = slf.py().detach(|| session.decode(text));
        let data = data.map_err(|error| crate::error::raise(slf.py(), &error))?;
        decoded(slf, data)
    }

    /// Takes over what an entity, detached or of another session, knows: the session's own entity.
    fn _merge<'py>(
        slf: &Bound<'py, Self>,
        entity: &Bound<'py, EntityHandle>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let session = slf.get().session()?;
        let entity = entity.get().entity();
        let merged = wait(slf.py(), || session.merge(entity))?;
        crate::handle::object(slf, merged)
    }

    /// The session's own entity for one of another unit of work.
    fn _attach<'py>(
        slf: &Bound<'py, Self>,
        entity: &Bound<'py, EntityHandle>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let session = slf.get().session()?;
        let entity = entity.get().entity();
        let attached = wait(slf.py(), || session.attach(entity))?;
        crate::handle::object(slf, attached)
    }

    /// All entity objects that somebody holds.
    fn _objects<'py>(slf: &Bound<'py, Self>) -> Vec<Bound<'py, PyAny>> {
        slf.get().objects().all(slf.py())
    }

    /// Whether attributes are loaded on access, on this thread.
    #[getter]
    fn _auto_populate(&self) -> PyResult<bool> {
        Ok(self.session()?.fetch_policy() != FetchPolicy::Off)
    }

    /// Sets whether attributes are loaded on access, on this thread.
    fn _set_auto_populate(&self, populate: bool) -> PyResult<()> {
        let session = self.session()?;
        settings::switch(self.number, "populate", populate, || {
            session.auto_populating(populate)
        });
        Ok(())
    }

    /// Whether operations are recorded, on this thread.
    #[getter]
    fn _record_operations(&self) -> bool {
        settings::switched(self.number, "record").unwrap_or(true)
    }

    /// Sets whether operations are recorded, on this thread.
    fn _set_record_operations(&self, record: bool) -> PyResult<()> {
        let session = self.session()?;
        settings::switch(self.number, "record", record, || {
            session.operation_recording(record)
        });
        Ok(())
    }

    /// The name of the fetch policy on this thread.
    #[getter]
    fn _fetch_policy(&self) -> PyResult<&'static str> {
        Ok(crate::options::policy_name(self.session()?.fetch_policy()))
    }

    /// Sets the fetch policy for this thread, or takes the setting back.
    #[pyo3(signature = (name=None))]
    fn _set_fetch_policy(&self, name: Option<&str>) -> PyResult<()> {
        let session = self.session()?;
        let setting = match name {
            Some(name) => Some(session.fetching(crate::options::policy(name)?)),
            None => None,
        };
        settings::set_policy(self.number, setting);
        Ok(())
    }

    /// Forgets the settings of this thread.
    fn _forget_settings(&self) {
        settings::forget(self.number);
    }

    /// The event hub.
    fn _hub(&self) -> PyResult<HubCore> {
        Ok(HubCore::from(self.session()?.event_hub().clone()))
    }

    /// The accessor of what the server keeps itself.
    fn _server_accessor(slf: &Bound<'_, Self>) -> PyResult<crate::accessor::NativeAccessor> {
        let known = &slf.get().server_accessor;
        if known.get().is_none() {
            let session = slf.get().session()?;
            let accessor = wait(slf.py(), || {
                Ok(session.location("ftrack.server")?.accessor())
            })?;
            let accessor =
                accessor.ok_or_else(|| PyRuntimeError::new_err("the server has no accessor"))?;
            let _ = known.set(accessor);
        }
        let accessor = known.get().map(Arc::clone);
        let accessor = accessor.ok_or_else(|| PyRuntimeError::new_err("there is no accessor"))?;
        Ok(accessor.into())
    }

    /// Counts the requests from now on.
    fn _trace(&self) -> PyResult<TraceCore> {
        Ok(TraceCore(self.session()?.trace()))
    }
}

/// Decoded data as Python objects.
fn decoded<'py>(session: &Bound<'py, SessionCore>, data: Data) -> PyResult<Bound<'py, PyAny>> {
    let py = session.py();
    match data {
        Data::Entity(entity) => crate::handle::detached_object(session, entity),
        Data::List(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(decoded(session, item)?)?;
            }
            Ok(list.into_any())
        }
        Data::Map(items) => {
            let dict = PyDict::new(py);
            for (name, item) in items {
                dict.set_item(PyString::new(py, &name), decoded(session, item)?)?;
            }
            Ok(dict.into_any())
        }
        Data::Value(value) => crate::value::to_python(py, &value),
        other => Err(pyo3::exceptions::PyNotImplementedError::new_err(format!(
            "{other:?} cannot be shown in Python"
        ))),
    }
}
