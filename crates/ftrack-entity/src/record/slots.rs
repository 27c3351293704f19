//! Values by attribute position, sparse.

use crate::Value;

/// Values by attribute position, sorted, only those that are set.
///
/// Most records know a fraction of their type's attributes, so a slot for each would waste most of the memory; a
/// binary search over a few dozen entries is as fast as anything.
#[derive(Debug, Default)]
pub(crate) struct Slots(Vec<(u16, Value)>);

impl Slots {
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &Value)> {
        self.0.iter().map(|(position, value)| (*position, value))
    }

    /// Takes over `others`, which are sorted by position; if `fill_only`, just where there is nothing yet.
    pub(crate) fn merge(
        &mut self,
        others: impl ExactSizeIterator<Item = (u16, Value)>,
        fill_only: bool,
    ) {
        if self.0.is_empty() {
            self.0 = others.collect();
            return;
        }
        // Both are sorted, so one walk finds every place; a page that is read again replaces values where they are.
        let mut index = 0;
        for (position, value) in others {
            while self
                .0
                .get(index)
                .is_some_and(|(known, _)| *known < position)
            {
                index += 1;
            }
            match self.0.get_mut(index) {
                Some((known, slot)) if *known == position => {
                    if !fill_only {
                        *slot = value;
                    }
                }
                _ => self.0.insert(index, (position, value)),
            }
        }
    }

    fn find(&self, position: u16) -> Result<usize, usize> {
        self.0.binary_search_by_key(&position, |(known, _)| *known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(slots: &Slots) -> Vec<(u16, Option<i64>)> {
        slots
            .iter()
            .map(|(position, value)| (position, value.as_i64()))
            .collect()
    }

    fn merge(slots: &mut Slots, entries: &[(u16, i64)], fill_only: bool) {
        let entries: Vec<_> = entries
            .iter()
            .map(|&(position, number)| (position, Value::from(number)))
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
}
