//! Sets of numbers, kept as ranges.

use std::fmt;
use std::str::FromStr;

use super::ParseSequenceError;

/// The numbers of a sequence, as ranges: `1-5, 7, 10-20`.
///
/// ```
/// use ftrack_location::sequence::Indexes;
///
/// let indexes: Indexes = "10-20, 1-5, 6".parse()?;
/// assert_eq!(indexes.to_string(), "1-6, 10-20");
/// assert_eq!(indexes.len(), 17);
/// assert!(indexes.contains(15) && !indexes.contains(8));
/// assert_eq!(indexes.missing().to_string(), "7-9");
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Indexes {
    /// First and last of each range: in order, with a gap before each but the first.
    ranges: Vec<(u64, u64)>,
}

impl Indexes {
    /// The numbers of these ranges, first and last of each, in any order.
    fn from_ranges(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.sort_unstable();
        ranges.dedup_by(|next, previous| {
            let joined = next.0 <= previous.1.saturating_add(1);
            if joined {
                previous.1 = previous.1.max(next.1);
            }
            joined
        });
        Self { ranges }
    }

    /// First and last number of each range, in order; there is a gap between any two.
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.ranges
    }

    /// How many numbers there are.
    pub fn len(&self) -> u64 {
        self.ranges.iter().fold(0, |length: u64, (first, last)| {
            length.saturating_add((last - first).saturating_add(1))
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The lowest number.
    pub fn first(&self) -> Option<u64> {
        self.ranges.first().map(|range| range.0)
    }

    /// The highest number.
    pub fn last(&self) -> Option<u64> {
        self.ranges.last().map(|range| range.1)
    }

    /// Whether `index` is one of them.
    pub fn contains(&self, index: u64) -> bool {
        let after = self.ranges.partition_point(|range| range.0 <= index);
        self.ranges[..after]
            .last()
            .is_some_and(|range| index <= range.1)
    }

    /// Whether all of `others` are among them.
    pub fn contains_all(&self, others: &Self) -> bool {
        others.ranges.iter().all(|&(first, last)| {
            let after = self.ranges.partition_point(|range| range.0 <= first);
            self.ranges[..after]
                .last()
                .is_some_and(|range| last <= range.1)
        })
    }

    /// The numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.ranges.iter().flat_map(|&(first, last)| first..=last)
    }

    /// The numbers that are missing between the first and the last.
    pub fn missing(&self) -> Self {
        let gaps = self.ranges.windows(2).filter_map(|pair| match pair {
            [before, after] => Some((before.1 + 1, after.0 - 1)),
            _ => None,
        });
        Self {
            ranges: gaps.collect(),
        }
    }
}

impl FromIterator<u64> for Indexes {
    fn from_iter<I: IntoIterator<Item = u64>>(indexes: I) -> Self {
        // Neighbours are joined on the way, so that a hundred thousand frames in order take one range.
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for index in indexes {
            match ranges.last_mut() {
                Some(range) if range.1.checked_add(1) == Some(index) => range.1 = index,
                _ => ranges.push((index, index)),
            }
        }
        Self::from_ranges(ranges)
    }
}

impl fmt::Display for Indexes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (first, last)) in self.ranges.iter().enumerate() {
            if position > 0 {
                formatter.write_str(", ")?;
            }
            if first == last {
                write!(formatter, "{first}")?;
            } else {
                write!(formatter, "{first}-{last}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Indexes {
    type Err = ParseSequenceError;

    /// Reads ranges and numbers with commas between them; no text is no numbers.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let ranges: Result<Vec<_>, _> = text.split(',').map(parse_range).collect();
        Ok(Self::from_ranges(ranges?))
    }
}

fn parse_range(text: &str) -> Result<(u64, u64), ParseSequenceError> {
    let range = match text.split_once('-') {
        Some((first, last)) => parse_index(first).zip(parse_index(last)),
        None => parse_index(text).map(|index| (index, index)),
    };
    range
        .filter(|(first, last)| first <= last)
        .ok_or_else(|| ParseSequenceError::Range {
            range: text.trim_matches(' ').to_owned(),
        })
}

/// A number of digits only: no sign, no letters.
fn parse_index(text: &str) -> Option<u64> {
    let digits = text.trim_matches(' ');
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}
