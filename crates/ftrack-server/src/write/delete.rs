//! Deleting entities, and what goes with them.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Batch;
use super::decode::{entity_key, missing};
use crate::catalog::{Edge, OnDelete};
use crate::refusal::{Refusal, RefusalKind};
use crate::store::RowRef;
use crate::value::Value;

impl Batch<'_> {
    /// Deletes an entity and everything that belongs to it.
    ///
    /// # Errors
    /// Refuses an entity that does not exist or that others need.
    pub(crate) fn delete(&mut self, entity_type: &str, key: Option<&Json>) -> Result<(), Refusal> {
        let catalog = Arc::clone(&self.catalog);
        let called = catalog
            .find(entity_type)
            .ok_or_else(|| Refusal::unknown_type(entity_type))?;
        let key = entity_key(called, key)?;
        if catalog.is_custom_value(called.id) {
            return self.delete_custom(called, &key);
        }
        match self.store().find(called.id, &key) {
            Some(row) => {
                self.refuse_writing(row)?;
                self.remove(row)
            }
            None if self.deleted.contains(&(called.root, key.clone())) => Ok(()),
            None => Err(missing(called, &key)),
        }
    }

    /// Removes a row with all that belongs to it, without recursion: trees can be deep.
    pub(super) fn remove(&mut self, row: RowRef) -> Result<(), Refusal> {
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

    /// Removes the values of a custom attribute that is no more.
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
    ) -> Result<(), Refusal> {
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
                return Err(Refusal::new(
                    RefusalKind::Integrity,
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
                self.transaction.set(other, edge.slot, Value::Null);
            }
        }
        Ok(())
    }

    fn naming_rows(&self, edge: &Edge, id: &Value, found: &mut Vec<RowRef>) {
        // Without an index this would look at every row of the table for every row that is deleted.
        if self.store().table(edge.child).index(edge.slot).is_some()
            || self.catalog.get(edge.child).primary_key == [edge.slot]
        {
            self.store().collect_with(edge.child, edge.slot, id, found);
        }
    }
}
