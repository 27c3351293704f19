//! The ways in which programs write the number of a frame into a name.

use super::SequencePattern;

/// How a pattern is written.
///
/// | notation | padded to 4 digits | not padded | known from |
/// |---|---|---|---|
/// | [`Printf`](Self::Printf) | `plate.%04d.exr` | `plate.%d.exr` | ftrack, Nuke, FFmpeg |
/// | [`Hash`](Self::Hash) | `plate.####.exr` | `plate.#.exr` | Nuke, RV |
/// | [`At`](Self::At) | `plate.@@@@.exr` | `plate.@.exr` | RV, Shake |
/// | [`Houdini`](Self::Houdini) | `plate.$F4.exr` | `plate.$F.exr` | Houdini |
/// | [`Udim`](Self::Udim) | `plate.<UDIM>.exr` | | tiles of textures, 1001 to 9999 |
///
/// ```
/// use ftrack_location::sequence::{Notation, SequencePattern};
///
/// let pattern: SequencePattern = "plate.%04d.exr".parse()?;
/// assert_eq!(Notation::Hash.write(&pattern), "plate.####.exr");
/// assert_eq!(Notation::Houdini.write(&pattern), "plate.$F4.exr");
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notation {
    /// `%04d`, or `%d`.
    Printf,
    /// One `#` for each digit.
    Hash,
    /// One `@` for each digit.
    At,
    /// `$F4`, or `$F`. `${F4}` is read as well.
    Houdini,
    /// `<UDIM>`, in letters of either case: the number of a tile, always four digits.
    Udim,
}

/// The last number in a name that is written in some notation.
pub(super) struct Written<'text> {
    pub(super) notation: Notation,
    pub(super) head: &'text str,
    /// How many digits it has, as written.
    pub(super) padding: usize,
    pub(super) tail: &'text str,
}

const UDIM: &str = "<UDIM>";
pub(super) const UDIM_PADDING: usize = 4;

impl Notation {
    /// Every notation.
    pub const ALL: [Self; 5] = [
        Self::Printf,
        Self::Hash,
        Self::At,
        Self::Houdini,
        Self::Udim,
    ];

    /// Writes a pattern in this notation. A pattern of other than four digits cannot be written as
    /// [`Udim`](Self::Udim), and comes as [`Printf`](Self::Printf).
    pub fn write(self, pattern: &SequencePattern) -> String {
        let padding = usize::from(pattern.padding());
        let number = match self {
            Self::Hash => "#".repeat(padding.max(1)),
            Self::At => "@".repeat(padding.max(1)),
            Self::Houdini if padding == 0 => "$F".to_owned(),
            Self::Houdini => format!("$F{padding}"),
            Self::Udim if padding == UDIM_PADDING => UDIM.to_owned(),
            Self::Udim | Self::Printf => return pattern.to_string(),
        };
        format!("{}{number}{}", pattern.head(), pattern.tail())
    }

    /// The last number in `text` that is written in any notation. All but `%04d` count in the last part of a path only.
    pub(super) fn find(text: &str) -> Option<Written<'_>> {
        Self::ALL
            .into_iter()
            .filter_map(|notation| notation.find_last(text))
            .max_by_key(|written| written.head.len())
    }

    fn find_last(self, text: &str) -> Option<Written<'_>> {
        let (head, padding, tail) = match self {
            Self::Printf => printf(text),
            Self::Hash => run_of(text, '#'),
            Self::At => run_of(text, '@'),
            Self::Houdini => houdini(text),
            Self::Udim => udim(text),
        }?;
        let is_in_name = !tail.contains(std::path::is_separator);
        (is_in_name || self == Self::Printf).then_some(Written {
            notation: self,
            head,
            padding,
            tail,
        })
    }
}

type Parts<'text> = (&'text str, usize, &'text str);

fn printf(text: &str) -> Option<Parts<'_>> {
    let (head, digits, tail) = super::pattern::find_padding(text)?;
    let padding = if digits.is_empty() {
        0
    } else {
        // More digits than a number can say are more than a name can have.
        digits.parse().unwrap_or(usize::MAX)
    };
    Some((head, padding, tail))
}

/// A single character stands for a number that is not padded.
fn run_of(text: &str, digit: char) -> Option<Parts<'_>> {
    let (before, tail) = text.rsplit_once(digit)?;
    let head = before.trim_end_matches(digit);
    let padding = before.len() - head.len() + 1;
    Some((head, if padding == 1 { 0 } else { padding }, tail))
}

fn houdini(text: &str) -> Option<Parts<'_>> {
    text.rmatch_indices('$').find_map(|(position, _)| {
        let (head, rest) = text.split_at(position);
        let rest = rest.strip_prefix('$')?;
        let (digits, tail) = if let Some(braced) = rest.strip_prefix("{F") {
            braced.split_once('}')?
        } else {
            let rest = rest.strip_prefix('F')?;
            let end = rest.find(|character: char| !character.is_ascii_digit());
            rest.split_at(end.unwrap_or(rest.len()))
        };
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        // `$FPS` and `$FSTART` are other variables.
        let is_other = tail.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
        let padding = if digits.is_empty() {
            0
        } else {
            digits.parse().unwrap_or(usize::MAX)
        };
        (is_number && !(is_other && digits.is_empty())).then_some((head, padding, tail))
    })
}

fn udim(text: &str) -> Option<Parts<'_>> {
    text.rmatch_indices('<').find_map(|(position, _)| {
        let (head, rest) = text.split_at(position);
        let is_udim = rest.get(..UDIM.len())?.eq_ignore_ascii_case(UDIM);
        is_udim.then_some((head, UDIM_PADDING, rest.get(UDIM.len()..)?))
    })
}
