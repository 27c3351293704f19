//! Changes of one batch to a copy of the store, with what they changed from.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::{Row, RowRef, Store};
use crate::catalog::{Slot, TypeId};
use crate::value::Value;

/// Changes to a store that nobody else sees yet: whoever owns it makes them known together, or throws it away.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    store: &'a mut Store,
    undo: Vec<Undo>,
}

/// What one change was made from.
#[derive(Debug)]
pub(crate) enum Undo {
    /// A row was added.
    Insert(RowRef),
    /// A value was changed from this one.
    Set(RowRef, Slot, Value),
    /// A row with these values was removed.
    Delete(RowRef, Row),
    /// A custom attribute value was changed from this one.
    Custom(RowRef, u32, Option<Value>),
}

/// What a transaction touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Change {
    /// A row, now there or gone.
    Row(RowRef),
    /// A custom attribute value of an entity, by the row number of its configuration.
    Custom(RowRef, u32),
}

impl<'a> Transaction<'a> {
    /// Starts a transaction.
    pub(crate) fn new(store: &'a mut Store) -> Self {
        Self {
            store,
            undo: Vec::new(),
        }
    }

    /// The store with the changes so far.
    pub(crate) fn store(&self) -> &Store {
        self.store
    }

    /// Adds a row.
    pub(crate) fn insert(&mut self, type_id: TypeId, values: Vec<Value>) -> RowRef {
        let row = self.store.insert(type_id, values.into());
        self.undo.push(Undo::Insert(row));
        row
    }

    /// As `insert`, of very many rows one after the other: before anything looks for them but by their keys, or
    /// changes them, `list` has to be called.
    pub(crate) fn insert_unlisted(&mut self, type_id: TypeId, values: Vec<Value>) -> RowRef {
        let row = self.store.insert_unlisted(type_id, values.into());
        self.undo.push(Undo::Insert(row));
        row
    }

    /// Makes the indexes for all rows.
    pub(crate) fn list(&mut self) {
        self.store.list();
    }

    /// Changes one value.
    pub(crate) fn set(&mut self, row: RowRef, slot: Slot, value: Value) {
        if *self.store.value(row, slot) == value {
            return;
        }
        let old = self.store.set(row, slot, value);
        self.undo.push(Undo::Set(row, slot, old));
    }

    /// Changes the value of a named attribute, where the type stores one.
    pub(crate) fn set_named(&mut self, row: RowRef, name: &str, value: Value) {
        if let Some(slot) = self.store.catalog().slot(row.type_id, name) {
            self.set(row, slot, value);
        }
    }

    /// Removes a row.
    pub(crate) fn delete(&mut self, row: RowRef) {
        let configurations: Vec<u32> = self.store.custom.configurations_of(row).collect();
        for configuration in configurations {
            self.set_custom(row, configuration, None);
        }
        if let Some(values) = self.store.delete(row) {
            self.undo.push(Undo::Delete(row, values));
        }
    }

    /// Sets or forgets the value of a custom attribute.
    pub(crate) fn set_custom(&mut self, entity: RowRef, configuration: u32, value: Option<Value>) {
        let old = self.store.custom.set(entity, configuration, value);
        self.undo.push(Undo::Custom(entity, configuration, old));
    }

    /// Takes changes over that others made: they are not those of this transaction.
    pub(crate) fn take_over(&mut self, other: &Store, changes: &[Change]) {
        self.store.take_over(other, changes);
    }

    /// What the changes so far were made from, oldest first.
    pub(crate) fn undo(&self) -> &[Undo] {
        &self.undo
    }

    /// What the changes were made from, oldest first.
    pub(crate) fn into_undo(self) -> Vec<Undo> {
        self.undo
    }

    /// Everything touched so far, each once, in order.
    pub(crate) fn changes(&self) -> Vec<Change> {
        self.changes_after(0)
    }

    /// Everything touched after so many steps of the log, each once, in order.
    pub(crate) fn changes_after(&self, steps: usize) -> Vec<Change> {
        let changes: IndexSet<Change, FxBuildHasher> = self
            .undo
            .iter()
            .skip(steps)
            .map(|undo| match undo {
                Undo::Insert(row) | Undo::Set(row, ..) | Undo::Delete(row, _) => Change::Row(*row),
                Undo::Custom(entity, configuration, _) => Change::Custom(*entity, *configuration),
            })
            .collect();
        changes.into_iter().collect()
    }

    /// Every row inserted by this transaction, and every slot changed by it.
    pub(crate) fn touched(&self) -> (Vec<RowRef>, Vec<(RowRef, Slot)>) {
        let mut inserted = Vec::new();
        let mut changed = Vec::new();
        for undo in &self.undo {
            match undo {
                Undo::Insert(row) => inserted.push(*row),
                Undo::Set(row, slot, _) => changed.push((*row, *slot)),
                Undo::Delete(..) | Undo::Custom(..) => {}
            }
        }
        (inserted, changed)
    }
}
