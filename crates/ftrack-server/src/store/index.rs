//! Rows by the value of one attribute.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::chunks::Column;
use super::row_list::{RowList, Rows};
use super::shared::SharedTable;
use super::shared_map::SharedMap;
use crate::text::folded;
use crate::value::Value;

/// Rows by the value that they have in a slot, each list in ascending order. Rows without a value are not listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index<'t> {
    lists: &'t Lists,
    values: Column<'t>,
}

/// The lists of an index. The value of a list is the one that its rows have, so it is not kept here once more.
///
/// Its hashes are seeded at random: values are chosen by clients, who must not be able to choose such that collide.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists {
    rows: SharedTable<Rows>,
    hasher: RandomState,
    /// The texts that are not in the spelling that stands for all others, by that spelling.
    spellings: SharedMap<Box<str>, Arc<Vec<Value>>>,
}

impl<'t> Index<'t> {
    pub(super) fn new(lists: &'t Lists, values: Column<'t>) -> Self {
        Self { lists, values }
    }

    /// The rows that have this value.
    pub(crate) fn rows(self, value: &Value) -> RowList<'t> {
        let hash = self.lists.hasher.hash_one(value);
        let is_meant = |rows: &Rows| has(rows, value, self.values);
        let rows = self.lists.rows.get(hash, is_meant);
        rows.map_or_else(RowList::default, Rows::list)
    }

    /// The texts among the values that are the same as this one but for their case.
    pub(crate) fn spellings(self, value: &Value) -> Vec<Value> {
        let Value::Text(text) = value else {
            return vec![value.clone()];
        };
        let folded = folded(text);
        let others = self.lists.spellings.get(&folded.as_ref().into());
        let mut spellings = vec![Value::text(&folded)];
        spellings.extend(others.into_iter().flat_map(|others| others.iter().cloned()));
        spellings
    }
}

impl Lists {
    /// Whether nothing is listed.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().next().is_none() && self.spellings.is_empty()
    }

    /// The lists of these rows, which are in ascending order.
    pub(super) fn of(rows: impl Iterator<Item = u32>, values: Column<'_>) -> Self {
        let mut lists = Self::default();
        let mut found: FxHashMap<HashedValue<'_>, Rows> = FxHashMap::default();
        for row in rows {
            let Some(value) = values.get(row).filter(|value| !value.is_null()) else {
                continue;
            };
            let hash = lists.hasher.hash_one(value);
            match found.entry(HashedValue { hash, value }) {
                Entry::Occupied(known) => known.into_mut().add(row),
                Entry::Vacant(place) => {
                    place.insert(Rows::new(row));
                    lists.add_spelling(value);
                }
            }
        }
        let entries = found.into_iter().map(|(key, rows)| (key.hash, rows));
        let mut entries: Vec<(u64, Rows)> = entries.collect();
        entries.sort_unstable_by_key(|(hash, _)| *hash);
        lists.rows = SharedTable::from_sorted(entries);
        lists
    }

    /// Lists a row that does not have the value yet.
    pub(super) fn insert(&mut self, value: &Value, row: u32, values: Column<'_>) {
        if value.is_null() {
            return;
        }
        let hash = self.hasher.hash_one(value);
        let is_meant = |rows: &Rows| has(rows, value, values);
        let is_new = self
            .rows
            .put(hash, is_meant, Rows::new(row), |rows, _| rows.add(row));
        if is_new {
            self.add_spelling(value);
        }
    }

    /// Takes a row out of the list of a value that it still has.
    pub(super) fn remove(&mut self, value: &Value, row: u32, values: Column<'_>) {
        if value.is_null() {
            return;
        }
        let hash = self.hasher.hash_one(value);
        let is_meant = |rows: &Rows| has(rows, value, values);
        let Some(rows) = self.rows.get_mut(hash, is_meant) else {
            return;
        };
        if rows.list().len() > 1 {
            rows.remove(row);
        } else if rows.first() == Some(row) {
            self.rows.remove(hash, is_meant);
            self.remove_spelling(value);
        }
    }

    fn add_spelling(&mut self, value: &Value) {
        let Some(folded) = odd_spelling(value) else {
            return;
        };
        match self.spellings.get_mut(&folded) {
            Some(known) => Arc::make_mut(known).push(value.clone()),
            None => {
                self.spellings.insert(folded, Arc::new(vec![value.clone()]));
            }
        }
    }

    fn remove_spelling(&mut self, value: &Value) {
        let Some(folded) = odd_spelling(value) else {
            return;
        };
        let Some(known) = self.spellings.get_mut(&folded) else {
            return;
        };
        let known = Arc::make_mut(known);
        known.retain(|other| other != value);
        if known.is_empty() {
            self.spellings.remove(&folded);
        }
    }
}

/// A value with its hash, which needs no other.
#[derive(Debug, PartialEq, Eq)]
struct HashedValue<'v> {
    hash: u64,
    value: &'v Value,
}

impl Hash for HashedValue<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Whether it is the list of a value.
fn has(rows: &Rows, value: &Value, values: Column<'_>) -> bool {
    let first = rows.first();
    first.is_some_and(|first| values.get(first) == Some(value))
}

/// The spelling that stands for a text, where that is another.
fn odd_spelling(value: &Value) -> Option<Box<str>> {
    let Value::Text(text) = value else {
        return None;
    };
    match folded(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(folded) => Some(folded.into()),
    }
}
