//! The rows of a table, in pieces that copies of the table share.

use std::sync::Arc;

use crate::catalog::Slot;
use crate::value::Value;

/// The values of a row, by slot.
pub(crate) type Row = Arc<[Value]>;

/// How many rows are shared or copied together.
const CHUNK: usize = 256;

/// Rows by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunks {
    chunks: Vec<Arc<Chunk>>,
}

/// Rows whose numbers follow each other. One without any row left takes no room.
#[derive(Debug, Clone, Default)]
struct Chunk {
    rows: Vec<Option<Row>>,
    live: usize,
}

impl Chunks {
    /// A row.
    pub(super) fn get(&self, row: u32) -> Option<&Row> {
        let (chunk, place) = position(row);
        self.chunks.get(chunk)?.rows.get(place)?.as_ref()
    }

    /// A row, to be changed.
    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut Row> {
        let (chunk, place) = position(row);
        let chunk = self.chunks.get_mut(chunk).map(Arc::make_mut)?;
        chunk.rows.get_mut(place)?.as_mut()
    }

    /// The numbers of all rows, ascending.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let chunks = (0u32..).step_by(CHUNK).zip(&self.chunks);
        chunks.flat_map(|(first, chunk)| {
            let rows = (first..).zip(&chunk.rows);
            rows.filter_map(|(row, values)| values.as_ref().map(|_| row))
        })
    }

    /// The row with the highest number.
    pub(super) fn last(&self) -> Option<&Row> {
        let mut chunks = self.chunks.iter().rev();
        chunks.find_map(|chunk| chunk.rows.iter().rev().find_map(Option::as_ref))
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

    /// Stores a row under a given number, under which there is none.
    pub(super) fn put(&mut self, row: u32, values: Row) {
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
        }
    }

    /// Takes a row out.
    pub(super) fn take(&mut self, row: u32) -> Option<Row> {
        let (chunk, place) = position(row);
        let chunk = self.chunks.get_mut(chunk).map(Arc::make_mut)?;
        let values = chunk.rows.get_mut(place)?.take()?;
        chunk.live -= 1;
        if chunk.live == 0 {
            chunk.rows = Vec::new();
        }
        Some(values)
    }
}

/// The values that the rows have in one slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'t> {
    pub(super) chunks: &'t Chunks,
    pub(super) slot: Slot,
}

impl<'t> Column<'t> {
    /// The value of a row.
    pub(super) fn get(self, row: u32) -> Option<&'t Value> {
        self.chunks.get(row)?.get(self.slot)
    }
}

/// The chunk of a row, and the place in it.
fn position(row: u32) -> (usize, usize) {
    let row = usize::try_from(row).unwrap_or(usize::MAX);
    (row / CHUNK, row % CHUNK)
}
