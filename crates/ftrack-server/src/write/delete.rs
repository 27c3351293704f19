//! Deleting entities, and what goes with them.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Batch;
use super::decode::{entity_key, missing};
use crate::catalog::{Edge, OnDelete};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::{RowRef, Store};
use crate::value::Value;

impl Batch<'_> {
    /// Deletes an entity and everything that belongs to it.
    ///
    /// # Errors
    /// Refuses an entity that does not exist or that others need.
    pub(crate) fn delete(
        &mut self,
        entity_type: &str,
        key: Option<&Json>,
    ) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let called = catalog
            .find(entity_type)
            .ok_or_else(|| RequestError::unknown_type(entity_type))?;
        let key = entity_key(called, key)?;
        if catalog.is_custom_value(called.id) {
            return self.delete_custom(called, &key);
        }
        match self.find_seen(called, &key) {
            Some(row) => {
                self.refuse_deleting(row)?;
                self.remove(row)
            }
            None if self.deleted.contains(&(called.root, key.clone())) => Ok(()),
            None => Err(missing(called, &key)),
        }
    }

    /// Removes a row with all that belongs to it, without recursion: trees can be deep.
    pub(super) fn remove(&mut self, row: RowRef) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let mut doomed = vec![row];
        let mut seen = rustc_hash::FxHashSet::default();
        let mut order = Vec::new();
        while let Some(current) = doomed.pop() {
            if !seen.insert(current) {
                continue;
            }
            order.push(current);
            let id = self.store().id(current).clone();
            for edge in catalog.edges_to(current.type_id) {
                if edge.on_delete == OnDelete::Cascade {
                    self.naming_rows(edge, &id, &mut doomed);
                }
            }
        }
        self.refuse_cascade(&seen)?;
        for current in &order {
            self.release(*current, &seen)?;
        }
        for current in order {
            if self.is_a(current, "CustomAttributeConfiguration") {
                self.forget_values(current);
            }
            let root = catalog.get(current.type_id).root;
            self.deleted.insert((root, self.store().key(current)));
            self.transaction.delete(current);
        }
        Ok(())
    }

    /// Removes the values of a custom attribute that is gone.
    fn forget_values(&mut self, configuration: RowRef) {
        let set: Vec<RowRef> = self
            .store()
            .custom()
            .iter()
            .filter(|(_, row, _)| *row == configuration.row)
            .map(|(entity, _, _)| entity)
            .collect();
        for entity in set {
            self.transaction.set_custom(entity, configuration.row, None);
        }
    }

    /// Makes rows that stay forget a row that goes.
    fn release(
        &mut self,
        row: RowRef,
        doomed: &rustc_hash::FxHashSet<RowRef>,
    ) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let id = self.store().id(row).clone();
        for edge in catalog.edges_to(row.type_id) {
            if edge.on_delete == OnDelete::Cascade {
                continue;
            }
            let mut naming = Vec::new();
            self.naming_rows(edge, &id, &mut naming);
            naming.retain(|row| !doomed.contains(row));
            if edge.on_delete == OnDelete::Refuse && !naming.is_empty() {
                return Err(RequestError::new(
                    RequestErrorKind::Integrity,
                    format!(
                        "{} {} is used by {} entities of type {}",
                        self.type_name(row),
                        self.store().key(row).display(),
                        naming.len(),
                        catalog.get(edge.child).name
                    ),
                ));
            }
            for other in naming {
                if !self.takes_along(other) {
                    return Err(beyond());
                }
                self.released.insert((other, edge.slot));
                self.transaction.set(other, edge.slot, Value::Null);
            }
        }
        Ok(())
    }

    fn naming_rows(&self, edge: &Edge, id: &Value, found: &mut Vec<RowRef>) {
        naming_rows(self.store(), edge, id, found);
    }
}

fn naming_rows(store: &Store, edge: &Edge, id: &Value, found: &mut Vec<RowRef>) {
    // Without an index this would look at every row of the table for every row that is deleted.
    if store.table(edge.child).index(edge.slot).is_some()
        || store.catalog().get(edge.child).primary_key == [edge.slot]
    {
        store.collect_with(edge.child, edge.slot, id, found);
    }
}

/// How many rows go when an entity is deleted. It does not count on when there are more than `most`.
pub(crate) fn count_deleted(
    store: &Store,
    entity_type: &str,
    key: Option<&Json>,
    most: usize,
) -> usize {
    let catalog = store.catalog();
    let called = catalog.find(entity_type);
    let row = called.and_then(|called| store.find(called.id, &entity_key(called, key).ok()?));
    let mut doomed: Vec<RowRef> = row.into_iter().collect();
    let mut seen = rustc_hash::FxHashSet::default();
    while seen.len() + doomed.len() <= most
        && let Some(current) = doomed.pop()
    {
        if !seen.insert(current) {
            continue;
        }
        let id = store.id(current);
        for edge in catalog.edges_to(current.type_id) {
            if edge.on_delete == OnDelete::Cascade {
                naming_rows(store, edge, id, &mut doomed);
            }
        }
    }
    seen.len() + doomed.len()
}

/// Refuses to change with a deletion what its user may not change.
pub(super) fn beyond() -> RequestError {
    RequestError::new(
        RequestErrorKind::Permission,
        "your security roles do not let you change everything that this would change",
    )
}
