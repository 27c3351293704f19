//! Lists of rows, of which copies share what neither changes.

use std::sync::Arc;

/// How many rows of a long list are shared or copied together.
const PIECE: usize = 1024;

/// The rows of a list, in ascending order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowList<'t> {
    first: &'t [u32],
    others: &'t [Arc<Vec<u32>>],
    len: usize,
}

impl<'t> RowList<'t> {
    /// How many rows there are.
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The rows.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'t u32> {
        let others = self.others.iter();
        self.first
            .iter()
            .chain(others.flat_map(|piece| piece.iter()))
    }
}

/// Rows in ascending order. Most values of a production name one row or a few; a list of one needs no allocation.
#[derive(Debug, Clone)]
pub(super) enum Rows {
    One([u32; 1]),
    Few(Arc<Vec<u32>>),
    Many(Arc<LongList>),
}

/// Rows in pieces, none of which is empty.
#[derive(Debug, Clone)]
pub(super) struct LongList {
    pieces: Vec<Arc<Vec<u32>>>,
    len: usize,
}

impl Rows {
    /// A list of one row.
    pub(super) fn new(row: u32) -> Self {
        Self::One([row])
    }

    /// The list, to be read.
    pub(super) fn list(&self) -> RowList<'_> {
        let (first, others, len): (&[u32], &[_], _) = match self {
            Self::One(row) => (row, &[], 1),
            Self::Few(rows) => (rows, &[], rows.len()),
            Self::Many(rows) => (&[], &rows.pieces, rows.len),
        };
        RowList { first, others, len }
    }

    /// The row with the lowest number.
    pub(super) fn first(&self) -> Option<u32> {
        match self {
            Self::One([row]) => Some(*row),
            Self::Few(rows) => rows.first().copied(),
            Self::Many(rows) => rows.pieces.first()?.first().copied(),
        }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, row: u32) {
        match self {
            Self::One([first]) => {
                let mut rows = vec![*first];
                add_to(&mut rows, row);
                *self = Self::Few(Arc::new(rows));
            }
            Self::Few(rows) if rows.len() < PIECE => {
                add_to(Arc::make_mut(rows), row);
            }
            Self::Few(rows) => {
                let mut long = LongList {
                    pieces: vec![Arc::clone(rows)],
                    len: rows.len(),
                };
                long.add(row);
                *self = Self::Many(Arc::new(long));
            }
            Self::Many(rows) => Arc::make_mut(rows).add(row),
        }
    }

    /// Takes a row out, which is not the only one.
    pub(super) fn remove(&mut self, row: u32) {
        match self {
            Self::One(_) => {}
            Self::Few(rows) => {
                if let Ok(place) = rows.binary_search(&row) {
                    Arc::make_mut(rows).remove(place);
                }
            }
            Self::Many(rows) => Arc::make_mut(rows).remove(row),
        }
    }
}

impl LongList {
    /// The piece in which a row is, or should be.
    fn piece_of(&self, row: u32) -> usize {
        let is_before = |piece: &Arc<Vec<u32>>| piece.first().is_none_or(|first| *first <= row);
        self.pieces.partition_point(is_before).saturating_sub(1)
    }

    fn add(&mut self, row: u32) {
        let place = self.piece_of(row);
        let is_last = place + 1 == self.pieces.len();
        let Some(piece) = self.pieces.get_mut(place) else {
            return;
        };
        if piece.len() < PIECE {
            self.len += usize::from(add_to(Arc::make_mut(piece), row));
        } else if is_last && piece.last().is_some_and(|last| *last < row) {
            self.pieces.push(Arc::new(vec![row]));
            self.len += 1;
        } else {
            let half = Arc::make_mut(piece).split_off(PIECE / 2);
            self.pieces.insert(place + 1, Arc::new(half));
            self.add(row);
        }
    }

    fn remove(&mut self, row: u32) {
        let place = self.piece_of(row);
        let Some(piece) = self.pieces.get_mut(place) else {
            return;
        };
        let Ok(found) = piece.binary_search(&row) else {
            return;
        };
        self.len -= 1;
        if piece.len() == 1 {
            self.pieces.remove(place);
        } else {
            Arc::make_mut(piece).remove(found);
        }
    }
}

/// Adds a row to those that are in order; whether it was not among them.
fn add_to(rows: &mut Vec<u32>, row: u32) -> bool {
    // New rows have the highest number, so this is nearly always a push.
    if rows.last().is_none_or(|last| *last < row) {
        rows.push(row);
        return true;
    }
    let place = rows.binary_search(&row);
    if let Err(place) = place {
        rows.insert(place, row);
    }
    place.is_err()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn lists_of_any_length_are_in_order_and_copies_keep_theirs() {
        let mut list = Rows::new(50_000);
        let mut expected = BTreeSet::from([50_000]);
        let mut copies = Vec::new();
        for number in 0..30_000_u32 {
            let row = match number % 3 {
                // Ascending, as new rows are, and all over, as changed ones.
                0 => 100_000 + number,
                _ => number.wrapping_mul(2_654_435_761) % 90_000,
            };
            if number % 5 == 4 && expected.len() > 1 {
                expected.remove(&row);
                list.remove(row);
            } else {
                expected.insert(row);
                list.add(row);
            }
            if number % 3_000 == 0 {
                copies.push((list.clone(), expected.clone()));
            }
        }
        while expected.len() > 1 {
            let middle = *expected.iter().nth(expected.len() / 2).unwrap();
            expected.remove(&middle);
            list.remove(middle);
            if expected.len() % 3_000 == 1 {
                copies.push((list.clone(), expected.clone()));
            }
        }
        copies.push((list, expected));
        for (list, expected) in copies {
            assert_eq!(list.first(), expected.first().copied());
            assert_eq!(list.list().len(), expected.len());
            assert!(list.list().iter().eq(&expected));
        }
    }
}
