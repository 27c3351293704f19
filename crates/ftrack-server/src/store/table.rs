//! The rows of one concrete type.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::index::Index;
use crate::catalog::Slot;
use crate::value::Value;

/// The values of a row, by slot.
pub(crate) type Row = Arc<[Value]>;

/// How many rows are shared or copied together.
const CHUNK: usize = 256;

/// Rows by number. The number of a deleted row is not used again, so that the order of rows,
/// and with it the pages of a query, stays as it was.
///
/// Copies share the rows and parts of indexes that neither changes.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    chunks: Vec<Arc<Chunk>>,
    /// The number of the next row of all copies: no two of them give the same number to different rows.
    numbers: Arc<AtomicU32>,
    /// The number after the last one that this copy knows.
    next: u32,
    taken: Taken,
    live: usize,
    /// By slot.
    indexes: Vec<Option<Index>>,
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

/// Rows whose numbers follow each other. One without any row left takes no room.
#[derive(Debug, Clone, Default)]
struct Chunk {
    rows: Vec<Option<Row>>,
    live: usize,
}

impl Table {
    pub(super) fn new(indexed: &[bool]) -> Self {
        let indexes = indexed
            .iter()
            .map(|is_indexed| is_indexed.then(Index::default))
            .collect();
        Self {
            chunks: Vec::new(),
            numbers: Arc::default(),
            next: 0,
            taken: Taken::default(),
            live: 0,
            indexes,
        }
    }

    /// The values of a row.
    pub(crate) fn get(&self, row: u32) -> Option<&[Value]> {
        let (chunk, place) = position(row);
        self.chunks.get(chunk)?.rows.get(place)?.as_deref()
    }

    /// The numbers of all rows, ascending.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        let chunks = (0u32..).step_by(CHUNK).zip(&self.chunks);
        chunks.flat_map(|(first, chunk)| {
            let rows = (first..).zip(&chunk.rows);
            rows.filter_map(|(row, values)| values.as_ref().map(|_| row))
        })
    }

    /// The newest row that is there.
    pub(crate) fn last(&self) -> Option<&[Value]> {
        let mut chunks = self.chunks.iter().rev();
        chunks.find_map(|chunk| chunk.rows.iter().rev().find_map(Option::as_deref))
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// The index of a slot, where there is one.
    pub(crate) fn index(&self, slot: Slot) -> Option<&Index> {
        self.indexes.get(slot)?.as_ref()
    }

    /// The values of a row, shared.
    pub(super) fn shared(&self, row: u32) -> Option<Row> {
        let (chunk, place) = position(row);
        self.chunks.get(chunk)?.rows.get(place)?.clone()
    }

    /// The numbers of the rows that are not the same in another copy.
    pub(super) fn differing<'t>(&'t self, other: &'t Self) -> impl Iterator<Item = u32> + 't {
        let count = self.chunks.len().max(other.chunks.len());
        let chunks = (0u32..).step_by(CHUNK).zip(0..count);
        let chunks = chunks.filter_map(|(first, place)| {
            let (own, others) = (self.chunks.get(place), other.chunks.get(place));
            let is_same = own
                .zip(others)
                .is_some_and(|(own, others)| Arc::ptr_eq(own, others));
            (!is_same).then_some((first, own, others))
        });
        chunks.flat_map(|(first, own, others)| {
            let row =
                |chunk: Option<&'t Arc<Chunk>>, place: usize| chunk?.rows.get(place)?.as_ref();
            let places = (first..).zip(0..CHUNK);
            places.filter_map(move |(number, place)| {
                let is_same = match (row(own, place), row(others, place)) {
                    (Some(own), Some(other)) => Arc::ptr_eq(own, other),
                    (None, None) => true,
                    _ => false,
                };
                (!is_same).then_some(number)
            })
        })
    }

    pub(super) fn push(&mut self, values: Row) -> u32 {
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
        self.put(row, values);
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

    /// Stores a row under a given number.
    pub(super) fn put(&mut self, row: u32, values: Row) {
        for (value, index) in values.iter().zip(&mut self.indexes) {
            if let Some(index) = index {
                index.insert(value, row);
            }
        }
        let (chunk, place) = position(row);
        if self.chunks.len() <= chunk {
            self.chunks.resize_with(chunk + 1, Arc::default);
        }
        let Some(chunk) = self.chunks.get_mut(chunk).map(Arc::make_mut) else {
            return;
        };
        if chunk.rows.len() <= place {
            chunk.rows.resize(place + 1, None);
        }
        if let Some(place) = chunk.rows.get_mut(place) {
            *place = Some(values);
            chunk.live += 1;
            self.live += 1;
        }
        self.next = self.next.max(row.saturating_add(1));
        self.numbers.fetch_max(self.next, Ordering::Relaxed);
    }

    pub(super) fn set(&mut self, row: u32, slot: Slot, value: Value) -> Value {
        let (chunk, place) = position(row);
        let chunk = self.chunks.get_mut(chunk).map(Arc::make_mut);
        let values = chunk.and_then(|chunk| chunk.rows.get_mut(place)?.as_mut());
        let Some(place) = values.and_then(|values| Arc::make_mut(values).get_mut(slot)) else {
            return Value::Null;
        };
        if let Some(Some(index)) = self.indexes.get_mut(slot) {
            index.remove(place, row);
            index.insert(&value, row);
        }
        std::mem::replace(place, value)
    }

    pub(super) fn remove(&mut self, row: u32) -> Option<Row> {
        let (chunk, place) = position(row);
        let chunk = self.chunks.get_mut(chunk).map(Arc::make_mut)?;
        let values = chunk.rows.get_mut(place)?.take()?;
        chunk.live -= 1;
        if chunk.live == 0 {
            chunk.rows = Vec::new();
        }
        self.live -= 1;
        for (value, index) in values.iter().zip(&mut self.indexes) {
            if let Some(index) = index {
                index.remove(value, row);
            }
        }
        Some(values)
    }
}

/// The chunk of a row, and the place in it.
fn position(row: u32) -> (usize, usize) {
    let row = usize::try_from(row).unwrap_or(usize::MAX);
    (row / CHUNK, row % CHUNK)
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
}
