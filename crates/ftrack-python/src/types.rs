//! What is known of the Python class of an entity type.

use std::sync::Arc;

use ftrack::{AttributeKind, EntityType};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

/// The class of an entity type, and what reading attributes of its entities needs.
pub(crate) struct TypeInfo {
    class: Py<PyType>,
    /// `class.__new__`, so that an object can be made without the class's initialisation.
    new: Py<PyAny>,
    /// The position of each attribute by its name.
    positions: Py<PyDict>,
    names: Box<[Py<PyAny>]>,
    relations: Box<[bool]>,
    /// Attributes with a way of their own to read and set values, by name.
    custom: Option<Py<PyDict>>,
    /// Whether the class has an `__init__` of its own, which is called for entities of the server too.
    initialises: bool,
}

impl TypeInfo {
    /// What there is to know of `class`. It has to have the attributes of `entity_type`.
    pub(crate) fn new(
        class: &Bound<'_, PyType>,
        entity_type: &EntityType,
        custom: Option<Bound<'_, PyDict>>,
        initialises: bool,
    ) -> PyResult<Arc<Self>> {
        let py = class.py();
        let positions = PyDict::new(py);
        let mut names = Vec::new();
        let mut relations = Vec::new();
        for (position, attribute) in entity_type.attributes().iter().enumerate() {
            let name = pyo3::types::PyString::intern(py, attribute.name());
            positions.set_item(&name, position)?;
            names.push(name.into_any().unbind());
            relations.push(!matches!(attribute.kind(), AttributeKind::Scalar(_)));
        }
        Ok(Arc::new(Self {
            class: class.clone().unbind(),
            new: class.getattr(intern!(py, "__new__"))?.unbind(),
            positions: positions.unbind(),
            names: names.into(),
            relations: relations.into(),
            custom: custom
                .filter(|custom| !custom.is_empty())
                .map(Bound::unbind),
            initialises,
        }))
    }

    /// The class.
    pub(crate) fn class(&self, py: Python<'_>) -> Py<PyType> {
        self.class.clone_ref(py)
    }

    /// Where the attribute of this name is.
    pub(crate) fn position(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        match self.positions.bind(name.py()).get_item(name)? {
            Some(position) => position.extract().map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn name<'py>(&self, py: Python<'py>, position: usize) -> &Bound<'py, PyAny> {
        self.names[position].bind(py)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether the attribute refers to other entities.
    pub(crate) fn is_relation(&self, position: usize) -> bool {
        self.relations[position]
    }

    /// The attribute of this name, if it has a way of its own.
    pub(crate) fn custom<'py>(
        &self,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.custom {
            Some(custom) => custom.bind(name.py()).get_item(name),
            None => Ok(None),
        }
    }

    /// A new object of the class; what it stands for is found by the module `handle`.
    pub(crate) fn make<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.new.bind(py).call1((self.class.bind(py),))
    }

    /// Calls the `__init__` of the class, where it has one of its own.
    pub(crate) fn initialise(
        &self,
        object: &Bound<'_, PyAny>,
        session: &Bound<'_, PyAny>,
        data: &Bound<'_, PyDict>,
        reconstructing: bool,
    ) -> PyResult<()> {
        if self.initialises {
            let arguments = (session, data, reconstructing);
            object.call_method1(intern!(object.py(), "__init__"), arguments)?;
        }
        Ok(())
    }
}
