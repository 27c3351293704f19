//! In what two copies of a store differ, and how one takes over what the other has.

use std::sync::Arc;

use super::{Change, RowRef, Store};

impl Store {
    /// What is not the same as in the store that this one was copied from, or that was copied from this one. It looks
    /// only at what the two do not share.
    pub(crate) fn differences(&self, before: &Self) -> Vec<Change> {
        let tables = self.catalog.types().iter().zip(&self.tables);
        let tables = tables.zip(&before.tables);
        let tables = tables.filter(|((_, own), others)| !Arc::ptr_eq(own, others));
        let rows = tables.flat_map(|((info, own), others)| {
            let rows = own.differing(others);
            rows.map(|row| {
                Change::Row(RowRef {
                    type_id: info.id,
                    row,
                })
            })
        });
        let custom = self.custom.differing(&before.custom).into_iter();
        rows.chain(custom.map(|(entity, configuration)| Change::Custom(entity, configuration)))
            .collect()
    }

    /// Makes rows and values what they are in another copy.
    pub(super) fn take_over(&mut self, other: &Self, changes: &[Change]) {
        for change in changes {
            match *change {
                Change::Row(row) => {
                    self.delete(row);
                    if let Some(values) = other.table(row.type_id).shared(row.row) {
                        self.restore(row, values);
                    }
                }
                Change::Custom(entity, configuration) => {
                    let value = other.custom.get(entity, configuration).cloned();
                    self.custom.set(entity, configuration, value);
                }
            }
        }
    }

    /// Lets the rows that come next have the numbers that this copy gave to new rows. It is going to be dropped.
    pub(crate) fn give_back(&self, before: &Self) {
        let tables = self.tables.iter().zip(&before.tables);
        // What it never changed is not its own.
        for (own, _) in tables.filter(|(own, others)| !Arc::ptr_eq(own, others)) {
            own.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::schema::Schema;
    use crate::store::{Key, Transaction};
    use crate::value::Value;

    /// A store with rows of a type whose first part of the key is a number.
    fn store(count: i64) -> (Store, Vec<RowRef>) {
        let mut store = Store::new(Arc::new(Catalog::new(&Schema::builtin())));
        let rows = (0..count)
            .map(|number| insert(&mut store, number))
            .collect();
        (store, rows)
    }

    fn insert(store: &mut Store, number: i64) -> RowRef {
        let catalog = store.shared_catalog();
        let info = catalog.find("Scope").unwrap();
        let mut values = vec![Value::Null; info.slots.len()];
        values[info.primary_key[0]] = Value::text(&number.to_string());
        Transaction::new(store).insert(info.id, values)
    }

    #[test]
    fn what_two_copies_did_comes_together() {
        let (base, rows) = store(1_000);
        let (mut ours, mut theirs) = (base.clone(), base.clone());
        let name = base.catalog().slot(rows[0].type_id, "name").unwrap();
        let added = insert(&mut ours, 5_000);
        let other = insert(&mut theirs, 6_000);
        Transaction::new(&mut ours).set(rows[1], name, Value::text("ours"));
        {
            let mut transaction = Transaction::new(&mut theirs);
            transaction.set(rows[2], name, Value::text("theirs"));
            transaction.delete(rows[3]);
            transaction.set_custom(rows[4], 7, Some(Value::Int(1)));
        }
        let changes = theirs.differences(&base);
        let expected = [rows[2], rows[3], other].map(Change::Row);
        assert_eq!(changes[..3], expected);
        assert_eq!(changes[3..], [Change::Custom(rows[4], 7)]);
        ours.take_over(&theirs, &changes);
        assert_eq!(ours.len(), 1_001);
        assert_eq!(*ours.value(rows[1], name), Value::text("ours"));
        assert_eq!(*ours.value(rows[2], name), Value::text("theirs"));
        assert!(ours.contains(added) && ours.contains(other) && !ours.contains(rows[3]));
        assert_eq!(ours.custom().get(rows[4], 7), Some(&Value::Int(1)));
        let find = |number: i64| {
            let key = Key::One(Value::text(&number.to_string()));
            ours.find(rows[0].type_id, &key)
        };
        assert_eq!(
            (find(5_000), find(6_000), find(3)),
            (Some(added), Some(other), None)
        );
        // What is the same again is no difference.
        assert_eq!(ours.differences(&theirs), [rows[1], added].map(Change::Row));
    }
}
