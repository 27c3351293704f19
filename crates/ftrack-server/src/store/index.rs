//! Rows by the value of one attribute.

use std::borrow::Cow;
use std::sync::Arc;

use super::shared::SharedMap;
use crate::text::folded;
use crate::value::Value;

/// Rows by value, each list in ascending order. Rows without a value are not listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    rows: SharedMap<Value, Rows>,
    /// The texts that are not in the spelling that stands for all others, by that spelling.
    spellings: SharedMap<Box<str>, Arc<Vec<Value>>>,
}

/// Most values of a production name one row or a few; a list of one needs no allocation.
#[derive(Debug, Clone)]
enum Rows {
    One([u32; 1]),
    Many(Arc<Vec<u32>>),
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

    /// The texts among the values that are the same as this one but for their case.
    pub(crate) fn spellings(&self, value: &Value) -> Vec<Value> {
        let Value::Text(text) = value else {
            return vec![value.clone()];
        };
        let folded = folded(text);
        let others = self.spellings.get(&folded.as_ref().into());
        let mut spellings = vec![Value::text(&folded)];
        spellings.extend(others.into_iter().flat_map(|others| others.iter().cloned()));
        spellings
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

    pub(super) fn insert(&mut self, value: &Value, row: u32) {
        if value.is_null() {
            return;
        }
        match self.rows.get_mut(value) {
            None => {
                self.rows.insert(value.clone(), Rows::One([row]));
                self.add_spelling(value);
            }
            Some(Rows::Many(rows)) => insert_sorted(Arc::make_mut(rows), row),
            Some(one @ Rows::One(_)) => {
                let Rows::One([first]) = *one else { return };
                let mut rows = vec![first];
                insert_sorted(&mut rows, row);
                *one = Rows::Many(Arc::new(rows));
            }
        }
    }

    pub(super) fn remove(&mut self, value: &Value, row: u32) {
        let is_empty = match self.rows.get_mut(value) {
            None => false,
            Some(Rows::One([only])) => *only == row,
            Some(Rows::Many(rows)) => {
                if let Ok(position) = rows.binary_search(&row) {
                    Arc::make_mut(rows).remove(position);
                }
                rows.is_empty()
            }
        };
        if is_empty {
            self.rows.remove(value);
            self.remove_spelling(value);
        }
    }
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
    fn every_spelling_of_a_text_is_found() {
        let mut index = Index::default();
        for (row, name) in (0..).zip(["task", "Task", "TASK", "Task", "tasks"]) {
            index.insert(&Value::text(name), row);
        }
        let rows = |index: &Index, wanted: &str| {
            let spellings = index.spellings(&Value::text(wanted));
            let mut rows: Vec<u32> = spellings
                .iter()
                .flat_map(|value| index.rows(value).to_vec())
                .collect();
            rows.sort_unstable();
            rows
        };
        for wanted in ["task", "TASK", "tAsK"] {
            assert_eq!(rows(&index, wanted), [0, 1, 2, 3], "{wanted}");
        }
        for (row, name) in [(1, "Task"), (3, "Task"), (2, "TASK")] {
            index.remove(&Value::text(name), row);
        }
        assert_eq!(rows(&index, "TASK"), [0]);
        assert!(index.spellings.is_empty());
    }

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
