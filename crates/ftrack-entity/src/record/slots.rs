//! Values by attribute position, sparse.

use crate::Value;

/// Values by attribute position, sorted, only those that are set.
///
/// Most records know a fraction of their type's attributes, so a slot for each would waste most of the memory; a
/// binary search over a few dozen entries is as fast as anything.
#[derive(Debug, Default)]
pub(crate) struct Slots(Vec<(u16, Value)>);

impl Slots {
    /// Takes the entries of `scratch` from `mark` on; of several with one position the last counts.
    pub(crate) fn drain_from(scratch: &mut Vec<(u16, Value)>, mark: usize) -> Self {
        let entries = &mut scratch[mark..];
        if entries.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Self(scratch.drain(mark..).collect());
        }
        entries.sort_by_key(|(position, _)| *position);
        let mut slots = Self(Vec::with_capacity(entries.len()));
        for entry in scratch.drain(mark..) {
            match slots.0.last_mut() {
                Some(last) if last.0 == entry.0 => *last = entry,
                _ => slots.0.push(entry),
            }
        }
        slots
    }

    pub(crate) fn get(&self, position: u16) -> Option<&Value> {
        self.find(position).ok().map(|index| &self.0[index].1)
    }

    pub(crate) fn insert(&mut self, position: u16, value: Value) {
        match self.find(position) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => self.0.insert(index, (position, value)),
        }
    }

    pub(crate) fn remove(&mut self, position: u16) {
        if let Ok(index) = self.find(position) {
            self.0.remove(index);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &Value)> {
        self.0.iter().map(|(position, value)| (*position, value))
    }

    /// Takes over the values of `other`; if `fill_only`, just where there is none yet.
    pub(crate) fn merge(&mut self, other: Self, fill_only: bool) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        if self.same_positions(&other) {
            if !fill_only {
                *self = other;
            }
            return;
        }
        for (position, value) in other.0 {
            match self.find(position) {
                Ok(index) if !fill_only => self.0[index].1 = value,
                Ok(_) => {}
                Err(index) => self.0.insert(index, (position, value)),
            }
        }
    }

    fn same_positions(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .zip(&other.0)
                .all(|(left, right)| left.0 == right.0)
    }

    fn find(&self, position: u16) -> Result<usize, usize> {
        self.0.binary_search_by_key(&position, |(known, _)| *known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(entries: &[(u16, i64)]) -> Slots {
        let mut scratch = entries
            .iter()
            .map(|&(position, number)| (position, Value::from(number)))
            .collect();
        Slots::drain_from(&mut scratch, 0)
    }

    fn entries(slots: &Slots) -> Vec<(u16, Option<i64>)> {
        slots
            .iter()
            .map(|(position, value)| (position, value.as_i64()))
            .collect()
    }

    #[test]
    fn entries_are_sorted_and_the_last_of_equal_positions_counts() {
        let slots = slots(&[(3, 30), (1, 10), (3, 31), (2, 20)]);
        assert_eq!(
            entries(&slots),
            [(1, Some(10)), (2, Some(20)), (3, Some(31))]
        );
    }

    #[test]
    fn draining_leaves_what_is_below_the_mark() {
        let mut scratch = vec![(9, Value::Null), (1, Value::from(1))];
        let drained = Slots::drain_from(&mut scratch, 1);
        assert_eq!(entries(&drained), [(1, Some(1))]);
        assert_eq!(scratch.len(), 1);
    }

    #[test]
    fn merging_replaces_unless_it_may_only_fill() {
        let mut known = slots(&[(1, 10), (2, 20)]);
        known.merge(slots(&[(2, 21), (3, 30)]), true);
        assert_eq!(
            entries(&known),
            [(1, Some(10)), (2, Some(20)), (3, Some(30))]
        );
        known.merge(slots(&[(2, 22)]), false);
        assert_eq!(
            entries(&known),
            [(1, Some(10)), (2, Some(22)), (3, Some(30))]
        );
        known.merge(slots(&[(1, 0), (2, 0), (3, 0)]), true);
        assert_eq!(known.get(2).and_then(Value::as_i64), Some(22));
    }
}
