//! Sets of frame numbers, kept as ranges.

use std::fmt;
use std::str::FromStr;

use super::ParseSequenceError;

/// The numbers of a sequence, as ranges: `1-5, 7, 10-20`.
///
/// A range may have a step (`1001-1009x2`), and numbers may be negative (`-5--1`).
///
/// ```
/// use ftrack_location::sequence::Indexes;
///
/// let indexes: Indexes = "10-20, 1-5, 6".parse()?;
/// assert_eq!(indexes.to_string(), "1-6, 10-20");
/// assert_eq!(indexes.len(), 17);
/// assert!(indexes.contains(15) && !indexes.contains(8));
/// assert_eq!(indexes.missing().to_string(), "7-9");
///
/// let twos: Indexes = "1001-1009x2".parse()?;
/// assert_eq!(twos.to_string(), "1001, 1003, 1005, 1007, 1009");
/// assert_eq!(twos.with_steps().to_string(), "1001-1009x2");
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Indexes {
    /// First and last of each range: in order, with a gap before each but the first.
    ranges: Vec<(i64, i64)>,
}

impl Indexes {
    /// The numbers of these ranges, first and last of each, in any order.
    fn from_ranges(mut ranges: Vec<(i64, i64)>) -> Self {
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
    pub fn ranges(&self) -> &[(i64, i64)] {
        &self.ranges
    }

    /// How many numbers there are.
    pub fn len(&self) -> u64 {
        self.ranges.iter().fold(0, |length: u64, (first, last)| {
            length.saturating_add(last.abs_diff(*first).saturating_add(1))
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The lowest number.
    pub fn first(&self) -> Option<i64> {
        self.ranges.first().map(|range| range.0)
    }

    /// The highest number.
    pub fn last(&self) -> Option<i64> {
        self.ranges.last().map(|range| range.1)
    }

    /// Whether `index` is one of them.
    pub fn contains(&self, index: i64) -> bool {
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
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        self.ranges.iter().flat_map(|&(first, last)| first..=last)
    }

    /// Shows the numbers with steps where that is shorter: `1001-1009x2` for every second number.
    pub fn with_steps(&self) -> impl fmt::Display + '_ {
        WithSteps(self)
    }

    /// The numbers that are missing between the first and the last: as ranges, so that a gap of a thousand million
    /// numbers takes no more than one of one.
    pub fn missing(&self) -> Self {
        let gaps = self.ranges.windows(2).filter_map(|pair| match pair {
            [before, after] => Some((before.1 + 1, after.0 - 1)),
            _ => None,
        });
        Self {
            ranges: gaps.collect(),
        }
    }

    /// The numbers that are not among `others`, found range by range.
    ///
    /// ```
    /// use ftrack_location::sequence::Indexes;
    ///
    /// let wanted: Indexes = "1001-1010".parse()?;
    /// let rendered: Indexes = "1000-1003, 1007".parse()?;
    /// assert_eq!(wanted.without(&rendered).to_string(), "1004-1006, 1008-1010");
    /// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
    /// ```
    pub fn without(&self, others: &Self) -> Self {
        let mut ranges = Vec::new();
        for &(first, last) in &self.ranges {
            let mut rest = Some(first);
            let from = others.ranges.partition_point(|range| range.1 < first);
            for &(hole, end) in others.ranges.iter().skip(from) {
                let Some(start) = rest.filter(|_| hole <= last) else {
                    break;
                };
                if start < hole {
                    ranges.push((start, hole - 1));
                }
                rest = end.checked_add(1).filter(|next| *next <= last);
            }
            ranges.extend(rest.map(|start| (start, last)));
        }
        Self { ranges }
    }
}

impl FromIterator<i64> for Indexes {
    fn from_iter<I: IntoIterator<Item = i64>>(indexes: I) -> Self {
        // Neighbours are joined on the way, so that a hundred thousand frames in order take one range.
        let mut ranges: Vec<(i64, i64)> = Vec::new();
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

/// How many numbers in equal steps are written as a range.
const SHORTEST_STEPPED_RANGE: usize = 3;

struct WithSteps<'a>(&'a Indexes);

impl fmt::Display for WithSteps<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.ranges();
        let mut separator = "";
        while let Some((&(first, last), after)) = rest.split_first() {
            formatter.write_str(separator)?;
            separator = ", ";
            let (step, count) = stepped(rest);
            if count >= SHORTEST_STEPPED_RANGE
                && let Some((end, _)) = rest.get(count - 1)
            {
                write!(formatter, "{first}-{end}x{step}")?;
                rest = rest.get(count..).unwrap_or_default();
                continue;
            }
            if first == last {
                write!(formatter, "{first}")?;
            } else {
                write!(formatter, "{first}-{last}")?;
            }
            rest = after;
        }
        Ok(())
    }
}

/// The step between the single numbers that `ranges` begins with, and how many of them follow at this step.
fn stepped(ranges: &[(i64, i64)]) -> (u64, usize) {
    let single = |range: &&(i64, i64)| range.0 == range.1;
    let mut singles = ranges.iter().take_while(single).map(|range| range.0);
    let (Some(first), Some(second)) = (singles.next(), singles.next()) else {
        return (1, 1);
    };
    let step = second.abs_diff(first);
    let mut previous = second;
    let more = singles
        .take_while(|&number| number.abs_diff(std::mem::replace(&mut previous, number)) == step);
    (step, 2 + more.count())
}

impl FromStr for Indexes {
    type Err = ParseSequenceError;

    /// Reads ranges and numbers with commas between them; an empty text has no numbers.
    ///
    /// # Errors
    ///
    /// [`ParseSequenceError::Range`] shows the range that cannot be read, [`ParseSequenceError::TooLong`] says that
    /// there are more than [`MAXIMUM_LENGTH`] numbers.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut ranges = Vec::new();
        if !text.is_empty() {
            for text in text.split(',') {
                parse_range(text)?.add_to(&mut ranges)?;
            }
        }
        let indexes = Self::from_ranges(ranges);
        check_length(indexes.len())?;
        Ok(indexes)
    }
}

/// How many members a sequence that is written as text may have: far more than any real one has, and few enough that a
/// slip of the hand does not fill the memory.
pub const MAXIMUM_LENGTH: u64 = 1_000_000;

fn check_length(members: u64) -> Result<(), ParseSequenceError> {
    if members > MAXIMUM_LENGTH {
        return Err(ParseSequenceError::TooLong { members });
    }
    Ok(())
}

/// A range as it is written.
struct Range {
    first: i64,
    last: i64,
    step: u64,
}

impl Range {
    fn add_to(&self, ranges: &mut Vec<(i64, i64)>) -> Result<(), ParseSequenceError> {
        if self.step == 1 {
            ranges.push((self.first, self.last));
            return Ok(());
        }
        let count = (self.last.abs_diff(self.first) / self.step).saturating_add(1);
        check_length(count.saturating_add(ranges.len() as u64))?;
        let mut next = Some(self.first);
        while let Some(number) = next.filter(|number| *number <= self.last) {
            ranges.push((number, number));
            next = number.checked_add_unsigned(self.step);
        }
        Ok(())
    }
}

fn parse_range(text: &str) -> Result<Range, ParseSequenceError> {
    read_range(text).ok_or_else(|| ParseSequenceError::Range {
        range: text.trim_matches(' ').to_owned(),
    })
}

fn read_range(text: &str) -> Option<Range> {
    let (text, step) = match text.split_once('x') {
        Some((range, step)) => (range, Some(parse_step(step)?)),
        None => (text, None),
    };
    // The first character may be a sign; the dash of the range comes later.
    let text = text.trim_matches(' ');
    let dash = text.get(1..)?.find('-').map(|position| position + 1);
    let (first, last) = match dash {
        Some(dash) => (
            parse_index(text.get(..dash)?)?,
            parse_index(text.get(dash + 1..)?)?,
        ),
        None if step.is_some() => return None,
        None => (parse_index(text)?, parse_index(text)?),
    };
    (first <= last).then_some(Range {
        first,
        last,
        step: step.unwrap_or(1),
    })
}

fn parse_step(text: &str) -> Option<u64> {
    let digits = text.trim_matches(' ');
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|step| is_number && *step > 0)
}

/// A number of digits, with a minus sign or without.
fn parse_index(text: &str) -> Option<i64> {
    let text = text.trim_matches(' ');
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
