//! Sequences as people write them.

use std::fmt;
use std::str::FromStr;

use super::notation::{Notation, Written};
use super::{Indexes, ParseSequenceError, Sequence, SequencePattern};

/// A sequence as artists write it: a path with the number in any [`Notation`], and maybe the frames that are meant.
///
/// The frames follow after a space, in brackets or without. Frames, steps and negative numbers are those of
/// [`Indexes`].
///
/// ```
/// use ftrack_location::sequence::{Notation, SequencePath};
///
/// let plate: SequencePath = "plates/bunny.####.exr 1001-1009x2".parse()?;
/// assert_eq!(plate.pattern().to_string(), "plates/bunny.%04d.exr");
/// assert_eq!(plate.notation(), Notation::Hash);
/// assert_eq!(plate.frames().map(|frames| frames.len()), Some(5));
/// assert_eq!(plate.to_string(), "plates/bunny.####.exr 1001-1009x2");
///
/// let tiles: SequencePath = "skin.<UDIM>.tx".parse()?;
/// assert_eq!(tiles.frames(), None);
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SequencePath {
    pattern: SequencePattern,
    notation: Notation,
    frames: Option<Indexes>,
}

impl SequencePath {
    /// All frames of a sequence, in a notation.
    pub(super) fn new(sequence: &Sequence, notation: Notation) -> Self {
        Self {
            pattern: sequence.pattern().clone(),
            notation,
            frames: Some(sequence.indexes().clone()),
        }
    }

    /// What the names have in common.
    pub fn pattern(&self) -> &SequencePattern {
        &self.pattern
    }

    /// How it was written.
    pub fn notation(&self) -> Notation {
        self.notation
    }

    /// The frames that are meant; `None` for those that there are.
    pub fn frames(&self) -> Option<&Indexes> {
        self.frames.as_ref()
    }

    /// The sequence, if the text says which frames are meant.
    pub fn into_sequence(self) -> Option<Sequence> {
        Some(Sequence::new(self.pattern, self.frames?))
    }
}

/// As it was written, with the frames in their shortest form.
impl fmt::Display for SequencePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.notation.write(&self.pattern))?;
        match &self.frames {
            Some(frames) if self.notation == Notation::Printf => {
                write!(formatter, " [{}]", frames.with_steps())
            }
            Some(frames) => write!(formatter, " {}", frames.with_steps()),
            None => Ok(()),
        }
    }
}

impl FromStr for SequencePath {
    type Err = ParseSequenceError;

    /// # Errors
    ///
    /// [`ParseSequenceError::NoPadding`] if no notation is in the text: then it is the path of a file. Others say what
    /// is wrong with the number or the frames.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Written {
            notation,
            head,
            padding,
            tail,
        } = Notation::find(text).ok_or(ParseSequenceError::NoPadding)?;
        let too_wide = || ParseSequenceError::PaddingTooWide {
            padding: text[head.len()..text.len() - tail.len()].to_owned(),
        };
        let padding = u8::try_from(padding).map_err(|_| too_wide())?;
        let (tail, frames) = split_frames(tail)?;
        Ok(Self {
            pattern: SequencePattern::new(head, padding, tail)?,
            notation,
            frames,
        })
    }
}

/// What is before the frames, and the frames.
fn split_frames(tail: &str) -> Result<(&str, Option<Indexes>), ParseSequenceError> {
    if let Some((before, ranges)) = tail
        .strip_suffix(']')
        .and_then(|tail| tail.rsplit_once(" ["))
    {
        return Ok((before, Some(ranges.parse()?)));
    }
    // The first space after which everything is frames: `1001, 1003-1010` has spaces of its own.
    for (position, _) in tail.match_indices(' ') {
        let (before, ranges) = tail.split_at(position);
        match ranges.trim_matches(' ').parse::<Indexes>() {
            Ok(frames) if !frames.is_empty() => return Ok((before, Some(frames))),
            Err(error @ ParseSequenceError::TooLong { .. }) => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Ok((tail, None))
}
