//! Rows by primary key.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::RowRef;
use super::shared::SharedTable;
use crate::value::Value;

/// The rows of a family by primary key. The keys are those that the rows have, so they are not kept here once more.
///
/// Its hashes are seeded at random: keys are chosen by clients, who must not be able to choose such that collide.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    rows: SharedTable<RowRef>,
    hasher: RandomState,
}

impl Keys {
    /// The keys of rows; of two with the same, the last one counts.
    pub(super) fn of<'v, K: Iterator<Item = &'v Value>>(
        rows: impl Iterator<Item = RowRef>,
        key: impl Fn(RowRef) -> K,
    ) -> Self {
        let mut keys = Self::default();
        let mut hashed: Vec<(u64, RowRef)> = rows.map(|row| (keys.hash(key(row)), row)).collect();
        // Rows come in order, and stay so where hashes are the same.
        hashed.sort_by_key(|(hash, _)| *hash);
        let is_last = |place: usize, hash: u64, row: RowRef| {
            let mut others = hashed.iter().skip(place + 1);
            let mut others = others.by_ref().take_while(|(other, _)| *other == hash);
            others.all(|(_, other)| !key(row).eq(key(*other)))
        };
        let entries = hashed.iter().enumerate();
        let entries = entries.filter(|(place, (hash, row))| is_last(*place, *hash, *row));
        keys.rows = SharedTable::from_sorted(entries.map(|(_, entry)| *entry).collect());
        keys
    }

    /// The hash of a key.
    pub(super) fn hash<'v>(&self, parts: impl Iterator<Item = &'v Value>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        parts.for_each(|part| part.hash(&mut hasher));
        hasher.finish()
    }

    /// The row with the key of this hash, which `has_key` knows.
    pub(super) fn get(&self, hash: u64, has_key: impl Fn(RowRef) -> bool) -> Option<RowRef> {
        self.rows.get(hash, |row| has_key(*row)).copied()
    }

    /// Puts a row in, in place of another with the same key.
    pub(super) fn put(&mut self, hash: u64, row: RowRef, has_key: impl Fn(RowRef) -> bool) {
        let replace = |known: &mut RowRef, row| *known = row;
        self.rows.put(hash, |row| has_key(*row), row, replace);
    }

    /// Takes a row out that is under the key of this hash.
    pub(super) fn remove(&mut self, hash: u64, row: RowRef) {
        self.rows.remove(hash, |found| *found == row);
    }
}
