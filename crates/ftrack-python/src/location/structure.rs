//! Structures and transformers of Python, for the engine, and those of the engine, for Python.

use std::cell::RefCell;

use ftrack::LocationConfiguration;
use ftrack::entity::{Identity, ReadEntity};
use ftrack::location::{
    EntityIdStructure, IdStructure, OriginStructure, ResourceIdentifierTransformer,
    StandardStructure, Structure, StructureContext, StructureError, TransformError, structure,
};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};

use crate::handle::SessionCore;

thread_local! {
    /// The sessions for which the engine works on this thread, the last one for the call that goes on.
    static CURRENT: RefCell<Vec<Py<SessionCore>>> = const { RefCell::new(Vec::new()) };
}

/// While it is there, what the engine calls on this thread is for a session: entities become its objects.
pub(super) struct InSession;

impl InSession {
    pub(super) fn new(session: &Bound<'_, SessionCore>) -> Self {
        let session = session.clone().unbind();
        CURRENT.with_borrow_mut(|current| current.push(session));
        Self
    }
}

impl Drop for InSession {
    fn drop(&mut self) {
        // Let go outside of the list, for that may run code of Python.
        drop(CURRENT.with_borrow_mut(Vec::pop));
    }
}

/// The object for an entity of the current session.
fn object<'py>(py: Python<'py>, identity: &Identity) -> PyResult<Bound<'py, PyAny>> {
    let session = CURRENT.with_borrow(|current| current.last().map(|last| last.clone_ref(py)));
    let session = session.ok_or_else(|| PyRuntimeError::new_err("no session asks for this"))?;
    let session = session.bind(py);
    let entity = session.get().session()?.entity(identity);
    let entity = entity.map_err(|error| crate::error::raise(py, &error))?;
    crate::handle::object(session, entity)
}

/// An object of Python that its location holds.
struct Weak(Py<PyWeakrefReference>);

impl Weak {
    fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(PyWeakrefReference::new(object)?.unbind()))
    }

    /// Calls a method that takes a resource identifier or an entity and gives a resource identifier.
    fn call(
        &self,
        arguments: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<String>,
    ) -> Result<String, PyErr> {
        Python::attach(|py| {
            let called = match self.0.bind(py).upgrade() {
                Some(held) => arguments(py, &held),
                None => Err(PyRuntimeError::new_err("the location is gone")),
            };
            called.map_err(|raised| super::cause::kept(py, raised))
        })
    }
}

/// A structure that is an object of Python.
pub(super) struct PythonStructure(Weak);

impl PythonStructure {
    pub(super) fn new(structure: &Bound<'_, PyAny>) -> PyResult<Self> {
        Weak::new(structure).map(Self)
    }
}

impl Structure for PythonStructure {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        context: &StructureContext<'_>,
    ) -> structure::Result<String> {
        let called = self.0.call(|py, structure| {
            let known = PyDict::new(py);
            if let Some(source) = context.source_resource_identifier() {
                known.set_item("source_resource_identifier", source)?;
            }
            let entity = object(py, entity.identity())?;
            structure
                .call_method1("get_resource_identifier", (entity, known))?
                .extract()
        });
        called.map_err(StructureError::other)
    }
}

/// A transformer that is an object of Python.
pub(super) struct PythonTransformer(Weak);

impl PythonTransformer {
    pub(super) fn new(transformer: &Bound<'_, PyAny>) -> PyResult<Self> {
        Weak::new(transformer).map(Self)
    }

    fn transform(
        &self,
        method: &str,
        resource_identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        let called = self.0.call(|py, transformer| {
            let context = PyDict::new(py);
            context.set_item("component", object(py, component.identity())?)?;
            let options = PyDict::new(py);
            options.set_item("context", context)?;
            let transformed =
                transformer.call_method(method, (resource_identifier,), Some(&options))?;
            transformed.extract()
        });
        called.map_err(TransformError::from_error)
    }
}

impl ResourceIdentifierTransformer for PythonTransformer {
    fn encode(
        &self,
        resource_identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        self.transform("encode", resource_identifier, component)
    }

    fn decode(&self, stored: &str, component: &dyn ReadEntity) -> Result<String, TransformError> {
        self.transform("decode", stored, component)
    }
}

/// A structure of the engine.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct NativeStructure(Kind);

enum Kind {
    Id(String),
    Standard(StandardStructure),
    Origin,
    EntityId,
}

#[pymethods]
impl NativeStructure {
    /// Folders made of the ids of components, below a folder.
    #[staticmethod]
    fn id(prefix: String) -> Self {
        Self(Kind::Id(prefix))
    }

    /// Folders of the hierarchy of the project.
    #[staticmethod]
    #[pyo3(signature = (project_versions_prefix=None, illegal_character_substitute=None))]
    fn standard(
        project_versions_prefix: Option<String>,
        illegal_character_substitute: Option<&str>,
    ) -> Self {
        let mut structure =
            StandardStructure::new().illegal_character_substitute(illegal_character_substitute);
        if let Some(prefix) = project_versions_prefix {
            structure = structure.project_versions_prefix(prefix);
        }
        Self(Kind::Standard(structure))
    }

    /// Where the source is.
    #[staticmethod]
    fn origin() -> Self {
        Self(Kind::Origin)
    }

    /// The id of the component.
    #[staticmethod]
    fn entity_id() -> Self {
        Self(Kind::EntityId)
    }
}

impl NativeStructure {
    /// The configuration with this structure.
    pub(super) fn give(&self, configuration: LocationConfiguration) -> LocationConfiguration {
        match &self.0 {
            Kind::Id(prefix) => configuration.structure(IdStructure::with_prefix(prefix.as_str())),
            Kind::Standard(structure) => configuration.structure(structure.clone()),
            Kind::Origin => configuration.structure(OriginStructure),
            Kind::EntityId => configuration.structure(EntityIdStructure),
        }
    }
}
