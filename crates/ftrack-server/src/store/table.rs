//! The rows of one concrete type.

use super::index::Index;
use crate::catalog::Slot;
use crate::value::Value;

/// Rows by number. The number of a deleted row is not used again, so that the order of rows,
/// and with it the pages of a query, stays as it was.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    rows: Vec<Option<Box<[Value]>>>,
    live: usize,
    /// By slot.
    indexes: Vec<Option<Index>>,
}

impl Table {
    pub(super) fn new(indexed: &[bool]) -> Self {
        let indexes = indexed
            .iter()
            .map(|is_indexed| is_indexed.then(Index::default))
            .collect();
        Self {
            rows: Vec::new(),
            live: 0,
            indexes,
        }
    }

    /// The values of a row.
    pub(crate) fn get(&self, row: u32) -> Option<&[Value]> {
        self.rows.get(position(row))?.as_deref()
    }

    /// The numbers of all rows, ascending.
    pub(crate) fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        (0u32..)
            .zip(&self.rows)
            .filter_map(|(row, values)| values.as_ref().map(|_| row))
    }

    /// The newest row that is there.
    pub(crate) fn last(&self) -> Option<&[Value]> {
        self.rows.iter().rev().find_map(Option::as_deref)
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// The index of a slot, where there is one.
    pub(crate) fn index(&self, slot: Slot) -> Option<&Index> {
        self.indexes.get(slot)?.as_ref()
    }

    pub(super) fn push(&mut self, values: Box<[Value]>) -> u32 {
        let row = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.put(row, values);
        row
    }

    /// Stores a row under a given number.
    pub(super) fn put(&mut self, row: u32, values: Box<[Value]>) {
        for (value, index) in values.iter().zip(&mut self.indexes) {
            if let Some(index) = index {
                index.insert(value, row);
            }
        }
        if self.rows.len() <= position(row) {
            self.rows.resize_with(position(row) + 1, || None);
        }
        if let Some(place) = self.rows.get_mut(position(row)) {
            *place = Some(values);
            self.live += 1;
        }
    }

    pub(super) fn set(&mut self, row: u32, slot: Slot, value: Value) -> Value {
        let place = self.rows.get_mut(position(row)).and_then(Option::as_mut);
        let Some(place) = place.and_then(|values| values.get_mut(slot)) else {
            return Value::Null;
        };
        if let Some(Some(index)) = self.indexes.get_mut(slot) {
            index.remove(place, row);
            index.insert(&value, row);
        }
        std::mem::replace(place, value)
    }

    pub(super) fn remove(&mut self, row: u32) -> Option<Box<[Value]>> {
        let values = self.rows.get_mut(position(row))?.take()?;
        self.live -= 1;
        for (value, index) in values.iter().zip(&mut self.indexes) {
            if let Some(index) = index {
                index.remove(value, row);
            }
        }
        Some(values)
    }

    /// Takes back the insertion of the last row, so that its number is free again.
    pub(super) fn pop(&mut self, row: u32) {
        self.remove(row);
        if self.rows.len() == position(row) + 1 {
            self.rows.pop();
        }
    }
}

fn position(row: u32) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX)
}
