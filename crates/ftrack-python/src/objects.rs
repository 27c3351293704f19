//! One object for one entity, as long as somebody holds it.

use std::sync::{Mutex, PoisonError};

use ftrack::Identity;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use rustc_hash::FxHashMap;

/// The Python objects of a session's entities, held weakly.
#[derive(Default)]
pub(crate) struct Objects(Mutex<Table>);

#[derive(Default)]
struct Table {
    known: FxHashMap<Identity, Py<PyWeakrefReference>>,
    /// How many there may be before those that are gone are looked for.
    sweep_at: usize,
}

/// Tables up to this size are not swept.
const SMALL: usize = 1024;

impl Objects {
    /// The object of this entity, if there is one.
    pub(crate) fn get<'py>(
        &self,
        py: Python<'py>,
        identity: &Identity,
    ) -> Option<Bound<'py, PyAny>> {
        let reference = self.lock().known.get(identity)?.clone_ref(py);
        reference.bind(py).upgrade()
    }

    /// Makes `object` that of the entity, unless another thread was faster: the object that counts.
    pub(crate) fn insert<'py>(
        &self,
        identity: &Identity,
        object: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = object.py();
        let reference = PyWeakrefReference::new(&object)?.unbind();
        let dropped;
        {
            let mut table = self.lock();
            if let Some(first) = table.known.get(identity)
                && let Some(first) = first.bind(py).upgrade()
            {
                return Ok(first);
            }
            let replaced = table.known.insert(identity.clone(), reference);
            dropped = (replaced, table.sweep(py));
        }
        // Only now, for what is let go may run code of its own.
        drop(dropped);
        Ok(object)
    }

    /// All objects that there are.
    pub(crate) fn all<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyAny>> {
        let references: Vec<_> = {
            let table = self.lock();
            let known = table.known.values();
            known.map(|reference| reference.clone_ref(py)).collect()
        };
        let objects = references.iter();
        objects
            .filter_map(|reference| reference.bind(py).upgrade())
            .collect()
    }

    /// Forgets all objects: entities are made anew from now on.
    pub(crate) fn clear(&self) {
        let known = std::mem::take(&mut self.lock().known);
        drop(known);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Takes out what is gone, each time that the table has doubled.
    fn sweep(&mut self, py: Python<'_>) -> Vec<Py<PyWeakrefReference>> {
        if self.known.len() < self.sweep_at.max(SMALL) {
            return Vec::new();
        }
        let gone = |reference: &Py<PyWeakrefReference>| reference.bind(py).upgrade().is_none();
        let dead: Vec<Identity> = self
            .known
            .iter()
            .filter(|(_, reference)| gone(reference))
            .map(|(identity, _)| identity.clone())
            .collect();
        let dead = dead
            .iter()
            .filter_map(|identity| self.known.remove(identity))
            .collect();
        self.sweep_at = self.known.len() * 2;
        dead
    }
}
