//! The rows of one concrete type.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::chunks::{Chunks, Column, Row};
use super::index::{Index, Lists};
use crate::catalog::Slot;
use crate::value::Value;

/// Rows by number. The number of a deleted row is not used again, so that the order of rows,
/// and with it the pages of a query, stays as it was.
///
/// Copies share the rows and parts of indexes that neither changes.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    chunks: Chunks,
    /// The number of the next row of all copies: no two of them give the same number to different rows.
    numbers: Arc<AtomicU32>,
    /// The number after the last one that this copy knows.
    next: u32,
    taken: Taken,
    live: usize,
    /// The slots that have an index.
    indexes: Vec<(Slot, Lists)>,
}

/// The numbers that a copy took by itself.
#[derive(Debug, Default)]
struct Taken {
    first: u32,
    count: u32,
}

impl Clone for Taken {
    /// Another copy has not taken any yet.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Table {
    pub(super) fn new(indexed: &[bool]) -> Self {
        let slots = indexed.iter().enumerate();
        let indexed = slots.filter_map(|(slot, is_indexed)| is_indexed.then_some(slot));
        Self {
            chunks: Chunks::default(),
            numbers: Arc::default(),
            next: 0,
            taken: Taken::default(),
            live: 0,
            indexes: indexed.map(|slot| (slot, Lists::default())).collect(),
        }
    }

    /// The values of a row.
    pub(crate) fn get(&self, row: u32) -> Option<&[Value]> {
        self.chunks.get(row).map(AsRef::as_ref)
    }

    /// The numbers of all rows, ascending.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.chunks.numbers()
    }

    /// The newest row that is there.
    pub(crate) fn last(&self) -> Option<&[Value]> {
        self.chunks.last().map(AsRef::as_ref)
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// The index of a slot, where there is one.
    pub(crate) fn index(&self, slot: Slot) -> Option<Index<'_>> {
        let mut indexes = self.indexes.iter();
        let (_, lists) = indexes.find(|(indexed, _)| *indexed == slot)?;
        let chunks = &self.chunks;
        Some(Index::new(lists, Column { chunks, slot }))
    }

    /// The values of a row, shared.
    pub(super) fn shared(&self, row: u32) -> Option<Row> {
        self.chunks.get(row).cloned()
    }

    /// The numbers of the rows that are not the same in another copy.
    pub(super) fn differing<'t>(&'t self, other: &'t Self) -> impl Iterator<Item = u32> + 't {
        self.chunks.differing(&other.chunks)
    }

    pub(super) fn push(&mut self, values: Row) -> u32 {
        let row = self.take_number();
        self.put(row, values);
        row
    }

    /// As `push`, without listing the row in indexes. They have to be made anew.
    pub(super) fn push_unlisted(&mut self, values: Row) -> u32 {
        let row = self.take_number();
        self.put_unlisted(row, values);
        row
    }

    fn take_number(&mut self) -> u32 {
        let next = self
            .numbers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
                next.checked_add(1)
            });
        let row = next.unwrap_or(u32::MAX);
        if self.taken.count == 0 {
            self.taken.first = row;
        }
        self.taken.count = self.taken.count.saturating_add(1);
        row
    }

    /// Gives back the numbers that this copy took: it is going to be dropped. Where others took some in between, or
    /// after them, they are lost.
    pub(super) fn give_back(&self) {
        let Taken { first, count } = self.taken;
        if count > 0 && first.checked_add(count) == Some(self.next) {
            // If it is not the next one any more, somebody else has taken it.
            let _ = self.numbers.compare_exchange(
                self.next,
                first,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// Stores a row under a given number, under which there is none.
    pub(super) fn put(&mut self, row: u32, values: Row) {
        for (slot, lists) in &mut self.indexes {
            let chunks = &self.chunks;
            if let Some(value) = values.get(*slot) {
                lists.insert(
                    value,
                    row,
                    Column {
                        chunks,
                        slot: *slot,
                    },
                );
            }
        }
        self.put_unlisted(row, values);
    }

    /// As `put`, without listing the row in indexes. They have to be made anew.
    pub(super) fn put_unlisted(&mut self, row: u32, values: Row) {
        self.chunks.put(row, values);
        self.live += 1;
        self.next = self.next.max(row.saturating_add(1));
        self.numbers.fetch_max(self.next, Ordering::Relaxed);
    }

    /// The slots that have an index.
    pub(super) fn indexed(&self) -> impl Iterator<Item = Slot> + '_ {
        self.indexes.iter().map(|(slot, _)| *slot)
    }

    /// The index of a slot, made from all rows.
    pub(super) fn lists_of(&self, slot: Slot) -> Lists {
        let chunks = &self.chunks;
        Lists::of(self.rows(), Column { chunks, slot })
    }

    /// Puts an index in place of that of a slot.
    pub(super) fn set_index(&mut self, slot: Slot, lists: Lists) {
        let mut indexes = self.indexes.iter_mut();
        if let Some((_, place)) = indexes.find(|(indexed, _)| *indexed == slot) {
            *place = lists;
        }
    }

    pub(super) fn set(&mut self, row: u32, slot: Slot, value: Value) -> Value {
        let mut indexes = self.indexes.iter_mut();
        let lists = indexes.find(|(indexed, _)| *indexed == slot);
        let lists = lists.map(|(_, lists)| lists);
        let chunks = &self.chunks;
        let column = Column { chunks, slot };
        let Some(old) = column.get(row) else {
            return Value::Null;
        };
        if let Some(lists) = lists {
            // Lists are told by their rows, so the value is changed in between.
            lists.remove(old, row, column);
            lists.insert(&value, row, column);
        }
        let values = self.chunks.get_mut(row);
        let place = values.and_then(|values| Arc::make_mut(values).get_mut(slot));
        place.map_or(Value::Null, |place| std::mem::replace(place, value))
    }

    pub(super) fn remove(&mut self, row: u32) -> Option<Row> {
        let values = self.chunks.get(row)?;
        for (slot, lists) in &mut self.indexes {
            let chunks = &self.chunks;
            if let Some(value) = values.get(*slot) {
                lists.remove(
                    value,
                    row,
                    Column {
                        chunks,
                        slot: *slot,
                    },
                );
            }
        }
        self.live -= 1;
        self.chunks.take(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: i64) -> Row {
        Arc::new([Value::Int(number), Value::text("x")])
    }

    #[test]
    fn a_copy_keeps_its_rows_and_indexes() {
        let mut table = Table::new(&[true, false]);
        for number in 0..1_000 {
            assert_eq!(i64::from(table.push(row(number))), number);
        }
        let before = table.clone();
        for number in 0..600 {
            table.set(number, 0, Value::Int(-1));
        }
        for number in 300..1_000 {
            assert!(table.remove(number).is_some());
            assert!(table.remove(number).is_none());
        }
        assert_eq!(table.push(row(5)), 1_000);
        assert_eq!(
            table.rows().collect::<Vec<_>>(),
            (0..300).chain([1_000]).collect::<Vec<_>>()
        );
        assert_eq!((table.len(), before.len()), (301, 1_000));
        let listed = |table: &Table, number| {
            table
                .index(0)
                .map(|index| index.rows(&Value::Int(number)).len())
        };
        assert_eq!(
            (listed(&table, -1), listed(&before, -1)),
            (Some(300), Some(0))
        );
        assert_eq!((listed(&table, 5), listed(&before, 5)), (Some(1), Some(1)));
        for number in 0..1_000 {
            let first = before.get(number).and_then(|values| values.first());
            assert_eq!(first, Some(&Value::Int(i64::from(number))));
        }
        assert_eq!(before.rows().count(), 1_000);
        assert_eq!(table.last(), Some(row(5).as_ref()));
    }

    #[test]
    fn copies_take_numbers_of_their_own() {
        let mut table = Table::new(&[true, false]);
        assert_eq!(table.push(row(0)), 0);
        let (mut large, mut small) = (table.clone(), table.clone());
        assert_eq!((large.push(row(1)), small.push(row(2))), (1, 2));
        assert_eq!((large.push(row(3)), small.push(row(4))), (3, 4));
        // Neither may give back what is between those of the other.
        large.give_back();
        small.give_back();
        let mut refused = table.clone();
        assert_eq!((refused.push(row(5)), refused.push(row(6))), (5, 6));
        refused.give_back();
        assert_eq!(table.push(row(7)), 5, "the refused one leaves no gap");
    }

    #[test]
    fn copies_know_in_which_rows_they_differ() {
        let mut table = Table::new(&[true, false]);
        for number in 0..2_000 {
            table.push(row(number));
        }
        let mut copy = table.clone();
        assert_eq!(table.differing(&copy).count(), 0);
        copy.set(3, 0, Value::Int(-3));
        copy.remove(700);
        for number in 1_500..1_800 {
            copy.remove(number);
        }
        let added = copy.push(row(9));
        let expected: Vec<u32> = [3, 700]
            .into_iter()
            .chain(1_500..1_800)
            .chain([added])
            .collect();
        assert_eq!(copy.differing(&table).collect::<Vec<_>>(), expected);
        assert_eq!(table.differing(&copy).collect::<Vec<_>>(), expected);
        assert_eq!(copy.shared(3).as_deref(), copy.get(3));
    }

    #[test]
    fn rows_that_come_back_have_their_number() {
        let mut table = Table::new(&[true, false]);
        table.put(700, row(1));
        table.put(2, row(2));
        assert_eq!(table.push(row(3)), 701);
        assert_eq!(table.rows().collect::<Vec<_>>(), [2, 700, 701]);
        assert!(table.get(3).is_none() && table.get(5_000).is_none());
    }

    /// A table with these values in its only slot, which has an index.
    fn table_of(values: &[&str]) -> Table {
        let mut table = Table::new(&[true]);
        for value in values {
            table.push(Arc::new([Value::text(value)]));
        }
        table
    }

    #[test]
    fn every_spelling_of_a_text_is_found() {
        let mut table = table_of(&["task", "Task", "TASK", "Task", "tasks"]);
        let rows = |table: &Table, wanted: &str| {
            let index = table.index(0).unwrap();
            let spellings = index.spellings(&Value::text(wanted));
            let mut rows: Vec<u32> = spellings
                .iter()
                .flat_map(|value| index.rows(value).iter().copied())
                .collect();
            rows.sort_unstable();
            rows
        };
        for wanted in ["task", "TASK", "tAsK"] {
            assert_eq!(rows(&table, wanted), [0, 1, 2, 3], "{wanted}");
        }
        for row in [1, 3, 2] {
            table.remove(row);
        }
        assert_eq!(rows(&table, "TASK"), [0]);
        for row in [0, 4] {
            table.remove(row);
        }
        assert!(table.indexes.iter().all(|(_, lists)| lists.is_empty()));
    }

    #[test]
    fn lists_stay_in_order_and_vanish_when_empty() {
        let mut table = table_of(&["a", "x", "b", "x", "c", "x", "d"]);
        let rows = |table: &Table, value: &Value| -> Vec<u32> {
            let rows = table.index(0).unwrap().rows(value);
            rows.iter().copied().collect()
        };
        let value = Value::text("x");
        assert_eq!(rows(&table, &value), [1, 3, 5]);
        table.set(0, 0, value.clone());
        table.set(3, 0, Value::text("b"));
        assert_eq!(rows(&table, &value), [0, 1, 5]);
        assert_eq!(rows(&table, &Value::text("b")), [2, 3]);
        assert!(rows(&table, &Value::text("a")).is_empty());
        table.remove(1);
        table.set(0, 0, Value::Null);
        table.remove(5);
        assert!(rows(&table, &value).is_empty());
        assert!(rows(&table, &Value::Null).is_empty());
        for row in [0, 2, 3, 4, 6] {
            table.remove(row);
        }
        assert!(table.indexes.iter().all(|(_, lists)| lists.is_empty()));
    }

    #[test]
    fn a_row_whose_value_is_set_to_the_same_stays_listed() {
        let mut table = table_of(&["x", "x"]);
        for row in [0, 1] {
            table.set(row, 0, Value::text("x"));
        }
        let rows = table.index(0).unwrap().rows(&Value::text("x"));
        assert!(rows.iter().eq(&[0, 1]));
    }
}
