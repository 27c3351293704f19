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
//! - Ranges may have steps (`1001-1099x2`) and negative numbers (`-5--1`).
//! - What cannot be read so is not a sequence, but maybe the name of a file.
//!
//! This is how sequences are stored and told to servers. People write them in other ways too: `plate.####.exr
//! 1001-1100`, `plate.$F4.exr`, `plate.<UDIM>.exr`, or just a folder. [`SequencePath`] reads all of these, [`find`]
//! looks at what is there, and [`Notation`] writes them.
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
//! Ranges are kept as ranges, so a sequence takes the memory of its gaps. A text may name up to [`MAXIMUM_LENGTH`]
//! members.

mod assemble;
mod find;
mod indexes;
mod notation;
mod path;
mod pattern;

use std::fmt;
use std::str::FromStr;

pub use self::assemble::{Assembly, assemble};
pub use self::find::{FindError, FindOptions, Found, find};
pub use self::indexes::{Indexes, MAXIMUM_LENGTH};
pub use self::notation::Notation;
pub use self::path::SequencePath;
pub use self::pattern::SequencePattern;

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

    /// The sequence with its frames as programs write it; [`SequencePath`] reads it again.
    ///
    /// ```
    /// use ftrack_location::sequence::{Notation, Sequence};
    ///
    /// let plate: Sequence = "plate.%04d.exr [1001-1003, 1005, 1007]".parse()?;
    /// assert_eq!(plate.write(Notation::Hash), "plate.####.exr 1001-1003, 1005, 1007");
    /// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
    /// ```
    pub fn write(&self, notation: Notation) -> String {
        SequencePath::new(self, notation).to_string()
    }

    /// The same names in a folder.
    fn in_folder(&self, folder: &std::path::Path) -> Self {
        Self {
            pattern: self.pattern.in_folder(folder),
            indexes: self.indexes.clone(),
        }
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

/// Why a text is not a sequence. It may be the name of a file nevertheless.
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
    #[error("{range:?} is not a range of numbers, such as \"1-10\" or \"1-9x2\"")]
    Range {
        /// The range as written.
        range: String,
    },
    /// More members than any sequence has.
    #[error("a sequence of {members} members is too long, the maximum is {MAXIMUM_LENGTH}")]
    TooLong {
        /// How many there would be.
        members: u64,
    },
}
