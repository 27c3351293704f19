//! Values by attribute position, sparse.

use crate::schema::AttributePosition;
use crate::value::Value;

/// Values by attribute position, sorted, only those that are set.
///
/// Most records know a fraction of their type's attributes, so a slot for each would waste most of the memory. Bits
/// say which there are, and the number of bits before a position is where its value is.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    /// Which of the first positions have a value: nearly all types have no more.
    first: [u64; 2],
    /// The positions beyond those that have a value, sorted.
    beyond: Vec<AttributePosition>,
    values: Vec<Value>,
}

/// How many positions are kept as bits.
const BITS: AttributePosition = AttributePosition(128);

impl Slots {
    /// How many positions have a value.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub(crate) fn get(&self, position: AttributePosition) -> Option<&Value> {
        self.values.get(self.find(position).ok()?)
    }

    pub(crate) fn insert(&mut self, position: AttributePosition, value: Value) {
        self.put(position, value, false);
    }

    pub(crate) fn remove(&mut self, position: AttributePosition) {
        let Ok(index) = self.find(position) else {
            return;
        };
        self.values.remove(index);
        if position < BITS {
            self.first[usize::from(position.0 / 64)] &= !bit(position);
        } else {
            self.beyond.retain(|known| *known != position);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (AttributePosition, &Value)> {
        let first = (0..BITS.0)
            .map(AttributePosition)
            .filter(|&position| self.first[usize::from(position.0 / 64)] & bit(position) != 0);
        first.chain(self.beyond.iter().copied()).zip(&self.values)
    }

    /// Takes over `others`, which are sorted by position; if `fill_only`, just where there is nothing yet.
    pub(crate) fn merge(
        &mut self,
        others: impl ExactSizeIterator<Item = (AttributePosition, Value)>,
        fill_only: bool,
    ) {
        if self.values.is_empty() {
            self.values.reserve_exact(others.len());
        }
        for (position, value) in others {
            self.put(position, value, fill_only);
        }
    }

    fn put(&mut self, position: AttributePosition, value: Value, fill_only: bool) {
        match self.find(position) {
            Ok(_) if fill_only => {}
            Ok(index) => self.values[index] = value,
            Err(index) => {
                self.values.insert(index, value);
                self.mark(position);
            }
        }
    }

    /// Where the value of `position` is, or else where it would be.
    #[inline]
    fn find(&self, position: AttributePosition) -> Result<usize, usize> {
        let [low, high] = self.first;
        if position >= BITS {
            let before = count(low) + count(high);
            let found = self.beyond.binary_search(&position);
            return found
                .map(|index| before + index)
                .map_err(|index| before + index);
        }
        let bit = bit(position);
        let (word, before) = match position.0 {
            0..64 => (low, count(low & (bit - 1))),
            _ => (high, count(low) + count(high & (bit - 1))),
        };
        if word & bit == 0 {
            Err(before)
        } else {
            Ok(before)
        }
    }

    /// Notes that there is a value at `position`, where there was none.
    fn mark(&mut self, position: AttributePosition) {
        if position < BITS {
            self.first[usize::from(position.0 / 64)] |= bit(position);
        } else if let Err(index) = self.beyond.binary_search(&position) {
            self.beyond.insert(index, position);
        }
    }
}

/// The bit of `position` in its word.
fn bit(position: AttributePosition) -> u64 {
    1 << (position.0 % 64)
}

fn count(word: u64) -> usize {
    word.count_ones() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(slots: &Slots) -> Vec<(u16, Option<i64>)> {
        slots
            .iter()
            .map(|(position, value)| (position.0, value.as_i64()))
            .collect()
    }

    fn merge(slots: &mut Slots, entries: &[(u16, i64)], fill_only: bool) {
        let entries: Vec<_> = entries
            .iter()
            .map(|&(position, number)| (AttributePosition(position), Value::from(number)))
            .collect();
        slots.merge(entries.into_iter(), fill_only);
    }

    #[test]
    fn merging_replaces_unless_it_may_only_fill() {
        let mut known = Slots::default();
        merge(&mut known, &[(1, 10), (2, 20)], false);
        merge(&mut known, &[(0, 0), (2, 21), (3, 30)], true);
        let filled = [(0, Some(0)), (1, Some(10)), (2, Some(20)), (3, Some(30))];
        assert_eq!(entries(&known), filled);
        merge(&mut known, &[(2, 22), (4, 40)], false);
        let replaced = [
            (0, Some(0)),
            (1, Some(10)),
            (2, Some(22)),
            (3, Some(30)),
            (4, Some(40)),
        ];
        assert_eq!(entries(&known), replaced);
    }

    #[test]
    fn every_position_is_found_again() {
        let positions = [200, 0, 64, 63, 300, 127, 128, 5, 65];
        let mut slots = Slots::default();
        for (count, &position) in positions.iter().enumerate() {
            slots.insert(
                AttributePosition(position),
                Value::from(i64::from(position)),
            );
            assert_eq!(slots.iter().count(), count + 1);
        }
        let mut sorted = positions;
        sorted.sort_unstable();
        let expected: Vec<_> = sorted
            .iter()
            .map(|&position| (position, Some(i64::from(position))))
            .collect();
        assert_eq!(entries(&slots), expected);
        for &position in &positions {
            let value = slots
                .get(AttributePosition(position))
                .and_then(Value::as_i64);
            assert_eq!(value, Some(i64::from(position)));
            slots.remove(AttributePosition(position));
            assert!(slots.get(AttributePosition(position)).is_none());
        }
        slots.remove(AttributePosition(7));
        assert_eq!(entries(&slots), []);
    }
}
