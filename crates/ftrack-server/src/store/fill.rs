//! Everything at once: a store is filled, and its indexes are made when all rows are there.

use std::cmp::Reverse;

use super::index::Lists;
use super::keys::Keys;
use super::{Row, RowRef, Store, key_of};
use crate::catalog::{Slot, TypeId};
use crate::parallel;

/// Something by which rows are found, made from the rows.
enum Job {
    Index(TypeId, Slot),
    Keys(TypeId),
}

enum Made {
    Index(TypeId, Slot, Lists),
    Keys(TypeId, Keys),
}

impl Store {
    /// Fills an empty store with rows under the numbers that they had.
    pub(crate) fn fill(&mut self, rows: impl Iterator<Item = (RowRef, Row)>) {
        for (row, values) in rows {
            self.table_mut(row.type_id).put_unlisted(row.row, values);
        }
        let keys = self.catalog.types().iter();
        let keys = keys.filter(|info| info.root == info.id);
        let keys = keys.map(|info| (self.family(info.id).count(), Job::Keys(info.id)));
        self.perform(self.indexes().into_iter().chain(keys).collect());
    }

    /// Makes all indexes, for rows that were put in without being listed.
    pub(super) fn list(&mut self) {
        self.perform(self.indexes());
    }

    /// Does jobs, the longest first; each comes with the number of its rows.
    fn perform(&mut self, mut jobs: Vec<(usize, Job)>) {
        jobs.sort_by_key(|(rows, _)| Reverse(*rows));
        for made in parallel::each(&jobs, |(_, job)| self.make(job)) {
            match made {
                Made::Index(type_id, slot, lists) => {
                    self.table_mut(type_id).set_index(slot, lists);
                }
                Made::Keys(root, made) => {
                    if let Some(keys) = self.keys.get_mut(usize::from(root.0)) {
                        *keys = made;
                    }
                }
            }
        }
    }

    fn indexes(&self) -> Vec<(usize, Job)> {
        let mut jobs = Vec::new();
        for info in self.catalog.types() {
            let table = self.table(info.id);
            if table.len() > 0 {
                let slots = table.indexed();
                jobs.extend(slots.map(|slot| (table.len(), Job::Index(info.id, slot))));
            }
        }
        jobs
    }

    fn make(&self, job: &Job) -> Made {
        match *job {
            Job::Index(type_id, slot) => {
                Made::Index(type_id, slot, self.table(type_id).lists_of(slot))
            }
            Job::Keys(root) => {
                let key = |row| key_of(&self.catalog, &self.tables, row);
                Made::Keys(root, Keys::of(self.family(root), key))
            }
        }
    }

    /// All rows whose keys are apart from each other.
    fn family(&self, root: TypeId) -> impl Iterator<Item = RowRef> + '_ {
        let members = self.catalog.types().iter();
        let members = members.filter(move |info| info.root == root);
        members.flat_map(|info| {
            let rows = self.table(info.id).rows();
            rows.map(|row| RowRef {
                type_id: info.id,
                row,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::Catalog;
    use crate::schema::Schema;
    use crate::store::Key;
    use crate::value::Value;

    /// The number of a row and what it is found by.
    fn rows(store: &Store) -> Vec<(RowRef, Row)> {
        let info = store.catalog().find("Scope").unwrap();
        let name = store.catalog().slot(info.id, "name").unwrap();
        let row = |number: u32| {
            let mut values = vec![Value::Null; info.slots.len()];
            values[info.primary_key[0]] = Value::text(&format!("id {number}"));
            values[name] = match number % 7 {
                0 => Value::Null,
                1 => Value::text(&format!("Name {number}")),
                other => Value::text(&format!("name {}", other % 4)),
            };
            let row = RowRef {
                type_id: info.id,
                row: number * 3,
            };
            (row, Row::from(values))
        };
        (0..5_000).map(row).collect()
    }

    #[test]
    fn a_store_that_was_filled_is_one_whose_rows_came_one_by_one() {
        let catalog = Arc::new(Catalog::new(&Schema::builtin()));
        let [mut filled, mut grown, mut pushed] =
            std::array::from_fn(|_| Store::new(Arc::clone(&catalog)));
        let rows = rows(&filled);
        filled.fill(rows.clone().into_iter());
        for (row, values) in rows.clone() {
            grown.restore(row, values);
        }
        let type_id = rows[0].0.type_id;
        let name = filled.catalog().slot(type_id, "name").unwrap();
        let listed = |store: &Store, value: &Value| -> Vec<u32> {
            let index = store.table(type_id).index(name).unwrap();
            let spellings = index.spellings(value);
            let rows = spellings.iter().flat_map(|value| index.rows(value).iter());
            rows.copied().collect()
        };
        for (row, values) in &rows {
            let key = Key::One(filled.id(*row).clone());
            assert_eq!(filled.find(type_id, &key), Some(*row));
            let name = &values[name];
            assert_eq!(listed(&filled, name), listed(&grown, name));
        }
        assert_eq!(filled.len(), grown.len());
        for (row, values) in rows.clone() {
            let unlisted = pushed.insert_unlisted(type_id, values);
            assert_eq!(pushed.id(unlisted), filled.id(row));
        }
        pushed.list();
        for (row, values) in &rows {
            let key = Key::One(filled.id(*row).clone());
            let found = pushed.find(type_id, &key).unwrap();
            assert_eq!(pushed.key(found), key);
            let found = listed(&pushed, &values[name]);
            assert!(
                found
                    .into_iter()
                    .map(|row| row * 3)
                    .eq(listed(&grown, &values[name]))
            );
        }
        let added = filled.insert(type_id, rows[0].1.clone());
        assert_eq!(added, grown.insert(type_id, rows[0].1.clone()));
    }
}
