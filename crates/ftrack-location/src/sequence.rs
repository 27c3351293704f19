//! Sequences of files: many files whose names differ in a number only.
//!
//! A sequence is written as `{head}{padding}{tail} [{ranges}]`:
//!
//! ```text
//! /plates/bunny_010.%04d.exr [1-5, 7, 10-20]
//! └──────head──────┘└─┬─┘└tail┘└─────ranges────┘
//!                  padding
//! ```
//!
//! - The padding is `%04d` (or `%4d`): numbers are filled up with zeros to that many digits. With `%d` they are not.
//!   If there are several, the last one counts.
//! - One space and the ranges in brackets end the text. Numbers may be missing: that is a gap. `[]` is a sequence
//!   without members.
//! - What cannot be read so (`plate.####.exr`, or no ranges) is no sequence, but maybe the name of a file.
//!
//! ```
//! use ftrack_location::sequence::{Sequence, assemble};
//!
//! let plate: Sequence = "plates/bunny.%04d.exr [1-3, 5, 6, 7]".parse()?;
//! assert_eq!(plate.len(), 6);
//! assert_eq!(plate.members().last().as_deref(), Some("plates/bunny.0007.exr"));
//! assert_eq!(plate.missing().to_string(), "4");
//! assert_eq!(plate.to_string(), "plates/bunny.%04d.exr [1-3, 5-7]");
//!
//! let found = assemble(["bunny.0001.exr", "bunny.0002.exr", "bunny.0004.exr", "notes.txt"]);
//! assert_eq!(found.sequences[0].to_string(), "bunny.%04d.exr [1-2, 4]");
//! assert_eq!(found.others, ["notes.txt"]);
//! # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
//! ```
//!
//! Ranges are kept as ranges, so a sequence of any length takes the memory of its gaps.

mod assemble;
mod indexes;
mod pattern;

use std::fmt;
use std::str::FromStr;

pub use self::assemble::{Assembly, assemble};
pub use self::indexes::Indexes;
pub use self::pattern::SequencePattern;

use crate::accessor::{Accessor, AccessorError, Result};

/// A sequence: a pattern of names, and the numbers that there are.
///
/// ```
/// use ftrack_location::sequence::{Sequence, SequencePattern};
///
/// let pattern = SequencePattern::new("plate.", 4, ".exr")?;
/// let sequence = Sequence::new(pattern, [1001, 1002, 1003].into_iter().collect());
/// assert_eq!(sequence.to_string(), "plate.%04d.exr [1001-1003]");
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sequence {
    pattern: SequencePattern,
    indexes: Indexes,
}

impl Sequence {
    /// The sequence of these numbers.
    pub fn new(pattern: SequencePattern, indexes: Indexes) -> Self {
        Self { pattern, indexes }
    }

    /// What the names have in common.
    pub fn pattern(&self) -> &SequencePattern {
        &self.pattern
    }

    /// The numbers that there are.
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// How many members there are.
    pub fn len(&self) -> u64 {
        self.indexes.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.indexes.is_empty()
    }

    /// The name of each member, in the order of the numbers.
    pub fn members(&self) -> impl Iterator<Item = String> {
        self.indexes.iter().map(|index| self.pattern.name(index))
    }

    /// The numbers that are missing between the first and the last.
    pub fn missing(&self) -> Indexes {
        self.indexes.missing()
    }

    /// Whether `name` is the name of a member.
    pub fn contains(&self, name: &str) -> bool {
        self.pattern
            .index_of(name)
            .is_some_and(|index| self.indexes.contains(index))
    }
}

/// `{head}{padding}{tail} [{ranges}]`, with neighbouring ranges merged.
impl fmt::Display for Sequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} [{}]", self.pattern, self.indexes)
    }
}

impl FromStr for Sequence {
    type Err = ParseSequenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pattern, ranges) = text
            .strip_suffix(']')
            .and_then(|text| text.rsplit_once(" ["))
            .ok_or(ParseSequenceError::NoRanges)?;
        Ok(Self {
            indexes: ranges.parse()?,
            pattern: pattern.parse()?,
        })
    }
}

/// Why a text is no sequence. It may be the name of a file nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseSequenceError {
    /// There are no ranges in brackets at the end, after a space.
    #[error("no ranges at the end, such as \" [1-10]\"")]
    NoRanges,
    /// There is no padding.
    #[error("no padding, such as \"%04d\"")]
    NoPadding,
    /// The padding is wider than the name of a file can be.
    #[error("the padding {padding:?} is too wide")]
    PaddingTooWide {
        /// The padding as written.
        padding: String,
    },
    /// What follows the number contains a padding itself, so the text of the sequence would mean something else.
    #[error("the tail {tail:?} contains a padding")]
    PaddingInTail {
        /// The tail.
        tail: String,
    },
    /// A range is neither a number nor two, the lower one first.
    #[error("{range:?} is no range of numbers")]
    Range {
        /// The range as written.
        range: String,
    },
}

/// Whether the expression of a sequence, with ranges or without, names files that exist.
pub(crate) fn is_on_storage<A>(accessor: &A, resource_identifier: &str) -> Result<bool>
where
    A: Accessor + ?Sized,
{
    let name = last_part(resource_identifier);
    let (pattern, wanted) = match name.parse::<Sequence>() {
        Ok(sequence) => (sequence.pattern, Some(sequence.indexes)),
        Err(_) => match name.parse() {
            Ok(pattern) => (pattern, None),
            Err(_) => return Ok(false),
        },
    };
    let entries = match accessor
        .get_container(resource_identifier)
        .and_then(|container| accessor.list(&container))
    {
        Ok(entries) => entries,
        Err(
            AccessorError::ResourceNotFound { .. }
            | AccessorError::ParentResourceNotFound { .. }
            | AccessorError::ResourceInvalid { .. },
        ) => return Ok(false),
        Err(error) => return Err(error),
    };
    let present: Indexes = entries
        .iter()
        .filter_map(|entry| pattern.index_of(last_part(entry)))
        .collect();
    Ok(match wanted {
        Some(wanted) => !wanted.is_empty() && present.contains_all(&wanted),
        None => !present.is_empty(),
    })
}

fn last_part(resource_identifier: &str) -> &str {
    resource_identifier
        .rsplit_once('/')
        .map_or(resource_identifier, |(_, name)| name)
}
