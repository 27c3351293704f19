//! What the names of a sequence have in common.

use std::fmt;
use std::str::FromStr;

use super::ParseSequenceError;

/// What the names of a sequence have in common: what is before the number, how many digits it has, what is after it.
///
/// ```
/// use ftrack_location::sequence::SequencePattern;
///
/// let pattern: SequencePattern = "plates/bunny.%04d.exr".parse()?;
/// assert_eq!((pattern.head(), pattern.padding(), pattern.tail()), ("plates/bunny.", 4, ".exr"));
/// assert_eq!(pattern.name(42), "plates/bunny.0042.exr");
/// assert_eq!(pattern.index_of("plates/bunny.0042.exr"), Some(42));
/// assert_eq!(pattern.index_of("plates/bunny.42.exr"), None);
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SequencePattern {
    head: String,
    padding: u8,
    tail: String,
}

impl SequencePattern {
    /// The pattern of names that start with `head`, have a number of at least `padding` digits, and end with `tail`.
    ///
    /// # Errors
    ///
    /// The tail contains a padding itself (`%d`), so the text of the pattern would mean another one.
    pub fn new(
        head: impl Into<String>,
        padding: u8,
        tail: impl Into<String>,
    ) -> Result<Self, ParseSequenceError> {
        let tail = tail.into();
        if find_padding(&tail).is_some() {
            return Err(ParseSequenceError::PaddingInTail { tail });
        }
        Ok(Self {
            head: head.into(),
            padding,
            tail,
        })
    }

    /// What is before the number.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// To how many digits numbers are filled up with zeros; 0 if they are not.
    pub fn padding(&self) -> u8 {
        self.padding
    }

    /// What is after the number.
    pub fn tail(&self) -> &str {
        &self.tail
    }

    /// The number as it is in a name, with its zeros: what member components are called.
    pub fn index_text(&self, index: i64) -> String {
        format!("{index:0width$}", width = usize::from(self.padding))
    }

    /// The name with this number.
    pub fn name(&self, index: i64) -> String {
        format!(
            "{}{index:0width$}{}",
            self.head,
            self.tail,
            width = usize::from(self.padding)
        )
    }

    /// The number in `name`, if the name is one of this pattern. A minus sign counts as a digit of the padding, as it
    /// does where the names are made.
    pub fn index_of(&self, name: &str) -> Option<i64> {
        let number = self.number_in(name)?;
        let digits = number.strip_prefix('-').unwrap_or(number);
        let padding = usize::from(self.padding).max(1);
        let fits = number.len() == padding || (number.len() > padding && !digits.starts_with('0'));
        if fits { number.parse().ok() } else { None }
    }

    /// The pattern of the last parts of the paths that this is the pattern of.
    pub(super) fn file_name(&self) -> Self {
        let start = self
            .head
            .rfind(std::path::is_separator)
            .map_or(0, |position| position + 1);
        Self {
            head: self.head[start..].to_owned(),
            ..self.clone()
        }
    }

    /// The pattern of the same names in a folder.
    pub(super) fn in_folder(&self, folder: &std::path::Path) -> Self {
        let head = folder.join(&self.head);
        Self {
            head: head.to_string_lossy().into_owned(),
            ..self.clone()
        }
    }

    /// The digits between head and tail of `name`, with their sign, whatever the padding is.
    pub(super) fn number_in<'name>(&self, name: &'name str) -> Option<&'name str> {
        let number = name.strip_prefix(&*self.head)?.strip_suffix(&*self.tail)?;
        let digits = number.strip_prefix('-').unwrap_or(number);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // "-0" is not what any number is written as.
        let is_minus_nothing =
            number.len() > digits.len() && digits.bytes().all(|byte| byte == b'0');
        (is_number && !is_minus_nothing).then_some(number)
    }
}

/// `{head}{padding}{tail}`.
impl fmt::Display for SequencePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.head)?;
        if self.padding == 0 {
            formatter.write_str("%d")?;
        } else {
            write!(formatter, "%0{}d", self.padding)?;
        }
        formatter.write_str(&self.tail)
    }
}

impl FromStr for SequencePattern {
    type Err = ParseSequenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (head, digits, tail) = find_padding(text).ok_or(ParseSequenceError::NoPadding)?;
        let padding = if digits.is_empty() {
            0
        } else {
            digits
                .parse()
                .map_err(|_| ParseSequenceError::PaddingTooWide {
                    padding: format!("%{digits}d"),
                })?
        };
        Ok(Self {
            head: head.to_owned(),
            padding,
            tail: tail.to_owned(),
        })
    }
}

/// What is before, within and after the last padding.
pub(super) fn find_padding(text: &str) -> Option<(&str, &str, &str)> {
    text.rmatch_indices('%').find_map(|(position, _)| {
        let (head, rest) = text.split_at(position);
        let rest = rest.strip_prefix('%')?;
        let digits_end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (digits, tail) = rest.split_at(digits_end);
        Some((head, digits, tail.strip_prefix('d')?))
    })
}
