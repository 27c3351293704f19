//! What there was before a batch, rows that it deleted included.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{Key, RowRef, Store, Undo};
use crate::catalog::{Slot, TypeId};
use crate::value::Value;

/// A store with changes that are not kept yet, and what they took away.
#[derive(Debug)]
pub(crate) struct PriorState<'a> {
    store: &'a Store,
    rows: IndexMap<RowRef, History<'a>, FxBuildHasher>,
    /// Deleted rows by the topmost type of their family and their key.
    deleted: FxHashMap<(TypeId, Key), RowRef>,
}

/// What happened to a row.
#[derive(Debug, Default)]
pub(crate) struct History<'a> {
    /// Whether it was not there before.
    pub(crate) is_new: bool,
    /// Its last values, when it is gone.
    pub(crate) last: Option<&'a [Value]>,
    /// What values were before, by slot.
    pub(crate) old: IndexMap<Slot, &'a Value, FxBuildHasher>,
    /// What values of custom attributes were before, by the row number of the configuration.
    pub(crate) custom: IndexMap<u32, Option<&'a Value>, FxBuildHasher>,
}

impl<'a> PriorState<'a> {
    /// What a log says that tells what the changes were made from.
    pub(crate) fn new(store: &'a Store, log: &'a [Undo]) -> Self {
        let mut prior = Self {
            store,
            rows: IndexMap::default(),
            deleted: FxHashMap::default(),
        };
        for undo in log {
            match undo {
                Undo::Insert(row) => prior.history_mut(*row).is_new = true,
                Undo::Set(row, slot, old) => {
                    prior.history_mut(*row).old.entry(*slot).or_insert(old);
                }
                Undo::Delete(row, last) => {
                    prior.history_mut(*row).last = Some(last);
                    let root = store.catalog().get(row.type_id).root;
                    prior.deleted.insert((root, prior.key(*row)), *row);
                }
                Undo::Custom(row, configuration, old) => {
                    let custom = &mut prior.history_mut(*row).custom;
                    custom.entry(*configuration).or_insert(old.as_ref());
                }
            }
        }
        prior
    }

    /// The store as it is now.
    pub(crate) fn store(&self) -> &'a Store {
        self.store
    }

    /// The rows that were touched, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = RowRef> + '_ {
        self.rows.keys().copied()
    }

    /// What happened to a row.
    pub(crate) fn history(&self, row: RowRef) -> Option<&History<'a>> {
        self.rows.get(&row)
    }

    /// The value of a slot; the last one where the row is gone.
    pub(crate) fn value(&self, row: RowRef, slot: Slot) -> &'a Value {
        match self.rows.get(&row).and_then(|history| history.last) {
            Some(last) => last.get(slot).unwrap_or(&Value::Null),
            None => self.store.value(row, slot),
        }
    }

    /// The value of the attribute `name`; null where the type stores no such attribute.
    pub(crate) fn named(&self, row: RowRef, name: &str) -> &'a Value {
        match self.store.catalog().slot(row.type_id, name) {
            Some(slot) => self.value(row, slot),
            None => &Value::Null,
        }
    }

    /// The primary key.
    pub(crate) fn key(&self, row: RowRef) -> Key {
        let slots = &self.store.catalog().get(row.type_id).primary_key;
        let parts = slots.iter().map(|slot| self.value(row, *slot).clone());
        Key::new(parts.collect())
    }

    /// The row with this id among those that queries on `family` see or saw.
    pub(crate) fn find(&self, family: TypeId, id: &Value) -> Option<RowRef> {
        if let Some(row) = self.store.find_id(family, id) {
            return Some(row);
        }
        let catalog = self.store.catalog();
        let key = (catalog.get(family).root, Key::One(id.clone()));
        let row = *self.deleted.get(&key)?;
        catalog.is_member(row.type_id, family).then_some(row)
    }

    fn history_mut(&mut self, row: RowRef) -> &mut History<'a> {
        self.rows.entry(row).or_default()
    }
}
