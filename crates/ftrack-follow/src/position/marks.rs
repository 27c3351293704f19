//! Sets of numbers that grow from below: which rows of a log are done with.

use serde::{Deserialize, Serialize};

/// Everything up to a number, and some ranges above it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// All up to this one, itself included.
    floor: i64,
    /// Ranges above it, both ends included: ascending, with gaps between them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<(i64, i64)>,
}

impl Marks {
    /// All numbers up to this one.
    pub(crate) fn up_to(floor: i64) -> Self {
        Self {
            floor,
            ranges: Vec::new(),
        }
    }

    /// Up to where there is no gap.
    pub(crate) fn floor(&self) -> i64 {
        self.floor
    }

    /// The highest number.
    pub(crate) fn highest(&self) -> i64 {
        self.ranges.last().map_or(self.floor, |range| range.1)
    }

    pub(crate) fn contains(&self, number: i64) -> bool {
        if number <= self.floor {
            return true;
        }
        let after = self.ranges.partition_point(|range| range.0 <= number);
        after
            .checked_sub(1)
            .and_then(|before| self.ranges.get(before))
            .is_some_and(|range| number <= range.1)
    }

    pub(crate) fn insert(&mut self, number: i64) {
        if self.contains(number) {
            return;
        }
        let after = self.ranges.partition_point(|range| range.0 <= number);
        let joins_before = after.checked_sub(1).filter(|before| {
            self.ranges
                .get(*before)
                .is_some_and(|range| range.1 + 1 == number)
        });
        let joins_after = self
            .ranges
            .get(after)
            .is_some_and(|range| range.0 == number + 1);
        match (joins_before, joins_after) {
            (Some(before), true) => {
                let (_, end) = self.ranges.remove(after);
                if let Some(range) = self.ranges.get_mut(before) {
                    range.1 = end;
                }
            }
            (Some(before), false) => {
                if let Some(range) = self.ranges.get_mut(before) {
                    range.1 = number;
                }
            }
            (None, true) => {
                if let Some(range) = self.ranges.get_mut(after) {
                    range.0 = number;
                }
            }
            (None, false) => self.ranges.insert(after, (number, number)),
        }
        self.settle();
    }

    /// Adds all that is missing up to a number.
    pub(crate) fn fill(&mut self, up_to: i64) {
        self.floor = self.floor.max(up_to);
        self.settle();
    }

    /// Whether a number below the highest is missing.
    pub(crate) fn has_gaps(&self) -> bool {
        !self.ranges.is_empty()
    }

    fn settle(&mut self) {
        let mut joined = 0;
        for (start, end) in &self.ranges {
            if *start > self.floor + 1 {
                break;
            }
            self.floor = self.floor.max(*end);
            joined += 1;
        }
        self.ranges.drain(..joined);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_floor_rises_over_what_is_there() {
        let mut marks = Marks::up_to(10);
        for number in [13, 12, 15] {
            marks.insert(number);
        }
        assert_eq!((marks.floor(), marks.highest()), (10, 15));
        assert_eq!(marks.ranges, [(12, 13), (15, 15)]);
        marks.insert(11);
        assert_eq!((marks.floor(), marks.has_gaps()), (13, true));
        marks.fill(14);
        assert_eq!((marks.floor(), marks.has_gaps()), (15, false));
        marks.fill(3);
        assert_eq!(marks.floor(), 15);
    }

    proptest! {
        #[test]
        fn it_is_a_set(numbers in vec(1_i64..40, 0..60), fill in 0_i64..40) {
            let mut marks = Marks::default();
            let mut set = BTreeSet::new();
            for number in &numbers {
                marks.insert(*number);
                set.insert(*number);
            }
            marks.fill(fill);
            set.extend(1..=fill);
            for number in 1..45 {
                prop_assert_eq!(marks.contains(number), set.contains(&number), "{}", number);
            }
            prop_assert!(!set.contains(&(marks.floor() + 1)));
            let text = serde_json::to_string(&marks).unwrap();
            prop_assert_eq!(serde_json::from_str::<Marks>(&text).unwrap(), marks);
        }
    }
}
