//! What there was before a batch, rows that it deleted included.

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::catalog::{Slot, TypeId};
use crate::store::{Key, RowRef, Store, Undo};
use crate::value::Value;

/// A store with changes that are not kept yet, and what they took away.
#[derive(Debug)]
pub(super) struct Past<'a> {
    store: &'a Store,
    rows: IndexMap<RowRef, History<'a>>,
    /// Deleted rows by the topmost type of their family and their key.
    deleted: FxHashMap<(TypeId, Key), RowRef>,
}

/// What happened to a row.
#[derive(Debug, Default)]
pub(super) struct History<'a> {
    /// Whether it was not there before.
    pub(super) is_new: bool,
    /// Its last values, when it is gone.
    pub(super) last: Option<&'a [Value]>,
    /// What values were before, by slot.
    pub(super) old: IndexMap<Slot, &'a Value>,
    /// What values of custom attributes were before, by the row number of the configuration.
    pub(super) custom: IndexMap<u32, Option<&'a Value>>,
}

impl<'a> Past<'a> {
    /// What a log says that tells how to take the changes back.
    pub(super) fn new(store: &'a Store, log: &'a [Undo]) -> Self {
        let mut past = Self {
            store,
            rows: IndexMap::new(),
            deleted: FxHashMap::default(),
        };
        for undo in log {
            match undo {
                Undo::Insert(row) => past.history_mut(*row).is_new = true,
                Undo::Set(row, slot, old) => {
                    past.history_mut(*row).old.entry(*slot).or_insert(old);
                }
                Undo::Delete(row, last) => {
                    past.history_mut(*row).last = Some(last);
                    let root = store.catalog().get(row.type_id).root;
                    past.deleted.insert((root, past.key(*row)), *row);
                }
                Undo::Custom(row, configuration, old) => {
                    let custom = &mut past.history_mut(*row).custom;
                    custom.entry(*configuration).or_insert(old.as_ref());
                }
            }
        }
        past
    }

    /// The store as it is now.
    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// The rows that were touched, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = RowRef> + '_ {
        self.rows.keys().copied()
    }

    /// What happened to a row.
    pub(super) fn history(&self, row: RowRef) -> Option<&History<'a>> {
        self.rows.get(&row)
    }

    /// The value of a slot; the last one where the row is gone.
    pub(super) fn value(&self, row: RowRef, slot: Slot) -> &'a Value {
        match self.rows.get(&row).and_then(|history| history.last) {
            Some(last) => last.get(slot).unwrap_or(&Value::Null),
            None => self.store.value(row, slot),
        }
    }

    /// The value of the attribute `name`; null where the type stores no such attribute.
    pub(super) fn named(&self, row: RowRef, name: &str) -> &'a Value {
        match self.store.catalog().slot(row.type_id, name) {
            Some(slot) => self.value(row, slot),
            None => &Value::Null,
        }
    }

    /// The primary key.
    pub(super) fn key(&self, row: RowRef) -> Key {
        let slots = &self.store.catalog().get(row.type_id).primary_key;
        let parts = slots.iter().map(|slot| self.value(row, *slot).clone());
        Key::new(parts.collect())
    }

    /// The row with this id among those that queries on `family` see or saw.
    pub(super) fn find(&self, family: TypeId, id: &Value) -> Option<RowRef> {
        if let Some(row) = self.store.find_id(family, id) {
            return Some(row);
        }
        let catalog = self.store.catalog();
        let key = (catalog.get(family).root, Key::One(id.clone()));
        let row = *self.deleted.get(&key)?;
        catalog.is_member(row.type_id, family).then_some(row)
    }

    /// The projects on which a user had a role that this took away.
    pub(super) fn projects_lost<'p>(
        &'p self,
        user: &'p Value,
    ) -> impl Iterator<Item = &'a Value> + 'p {
        let catalog = self.store.catalog();
        let find = |name: &str| catalog.find(name).map(|info| info.id);
        let (links, roles) = (find("UserSecurityRoleProject"), find("UserSecurityRole"));
        let gone = self
            .rows
            .iter()
            .filter(move |(row, history)| Some(row.type_id) == links && history.last.is_some());
        gone.filter_map(move |(link, _)| {
            let role = self.find(roles?, self.named(*link, "user_security_role_id"))?;
            (self.named(role, "user_id") == user).then(|| self.named(*link, "project_id"))
        })
    }

    fn history_mut(&mut self, row: RowRef) -> &mut History<'a> {
        self.rows.entry(row).or_default()
    }
}
