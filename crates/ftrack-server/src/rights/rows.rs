//! Rows that rights are about: those that are there, and those that a batch took away.

use crate::catalog::{Catalog, Slot, TypeId};
use crate::store::{PriorState, RowRef, Store};
use crate::value::Value;

/// Rows to look at.
pub(crate) trait Rows {
    /// The schema of the rows.
    fn catalog(&self) -> &Catalog;

    /// The value of a slot.
    fn value(&self, row: RowRef, slot: Slot) -> &Value;

    /// The row with this id among those of a family.
    fn find(&self, family: TypeId, id: &Value) -> Option<RowRef>;

    /// Adds the rows of a concrete type that have this id in a slot.
    fn naming(&self, type_id: TypeId, slot: Slot, id: &Value, found: &mut Vec<RowRef>);

    /// The value of the attribute of this name; null where the type stores none.
    fn named(&self, row: RowRef, name: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        match self.catalog().slot(row.type_id, name) {
            Some(slot) => self.value(row, slot),
            None => NULL,
        }
    }

    /// The first part of the primary key: the id of most rows.
    fn id(&self, row: RowRef) -> &Value {
        let key = &self.catalog().get(row.type_id).primary_key;
        self.value(row, key.first().copied().unwrap_or(usize::MAX))
    }
}

impl Rows for Store {
    fn catalog(&self) -> &Catalog {
        self.catalog()
    }

    fn value(&self, row: RowRef, slot: Slot) -> &Value {
        self.value(row, slot)
    }

    fn find(&self, family: TypeId, id: &Value) -> Option<RowRef> {
        self.find_id(family, id)
    }

    fn naming(&self, type_id: TypeId, slot: Slot, id: &Value, found: &mut Vec<RowRef>) {
        self.collect_with(type_id, slot, id, found);
    }
}

impl Rows for PriorState<'_> {
    fn catalog(&self) -> &Catalog {
        self.store().catalog()
    }

    fn value(&self, row: RowRef, slot: Slot) -> &Value {
        self.value(row, slot)
    }

    fn find(&self, family: TypeId, id: &Value) -> Option<RowRef> {
        self.find(family, id)
    }

    fn naming(&self, type_id: TypeId, slot: Slot, id: &Value, found: &mut Vec<RowRef>) {
        self.store().collect_with(type_id, slot, id, found);
        let gone = self.rows().filter(|row| {
            row.type_id == type_id
                && self
                    .history(*row)
                    .is_some_and(|history| history.last.is_some())
        });
        found.extend(gone.filter(|row| self.value(*row, slot) == id));
    }
}
