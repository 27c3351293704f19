//! Rows by the value of one attribute.

use rustc_hash::FxHashMap;

use crate::value::Value;

/// Rows by value, each list in ascending order. Rows without a value are not listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    rows: FxHashMap<Value, Rows>,
}

/// Most values of a production name one row or a few; a list of one needs no allocation.
#[derive(Debug, Clone)]
enum Rows {
    One([u32; 1]),
    Many(Vec<u32>),
}

impl Index {
    /// The rows that have this value.
    pub(crate) fn rows(&self, value: &Value) -> &[u32] {
        match self.rows.get(value) {
            None => &[],
            Some(Rows::One(row)) => row,
            Some(Rows::Many(rows)) => rows,
        }
    }

    pub(super) fn insert(&mut self, value: &Value, row: u32) {
        if value.is_null() {
            return;
        }
        match self.rows.get_mut(value) {
            None => {
                self.rows.insert(value.clone(), Rows::One([row]));
            }
            Some(Rows::Many(rows)) => insert_sorted(rows, row),
            Some(one @ Rows::One(_)) => {
                let Rows::One([first]) = *one else { return };
                let mut rows = vec![first];
                insert_sorted(&mut rows, row);
                *one = Rows::Many(rows);
            }
        }
    }

    pub(super) fn remove(&mut self, value: &Value, row: u32) {
        let is_empty = match self.rows.get_mut(value) {
            None => false,
            Some(Rows::One([only])) => *only == row,
            Some(Rows::Many(rows)) => {
                if let Ok(position) = rows.binary_search(&row) {
                    rows.remove(position);
                }
                rows.is_empty()
            }
        };
        if is_empty {
            self.rows.remove(value);
        }
    }
}

fn insert_sorted(rows: &mut Vec<u32>, row: u32) {
    // New rows have the highest number, so this is nearly always a push.
    if rows.last().is_none_or(|last| *last < row) {
        rows.push(row);
    } else if let Err(position) = rows.binary_search(&row) {
        rows.insert(position, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stay_in_order_and_vanish_when_empty() {
        let mut index = Index::default();
        let value = Value::text("x");
        for row in [5, 1, 3, 3] {
            index.insert(&value, row);
        }
        assert_eq!(index.rows(&value), [1, 3, 5]);
        index.remove(&value, 3);
        index.remove(&value, 4);
        assert_eq!(index.rows(&value), [1, 5]);
        index.remove(&value, 1);
        index.remove(&value, 5);
        assert!(index.rows.is_empty());
        index.insert(&Value::Null, 1);
        assert!(index.rows(&Value::Null).is_empty());
    }
}
