//! Values that a condition compares with.

use std::fmt;

use crate::number::Number;
use crate::text::{Quoted, is_bare, unescape};

/// A value in a condition.
///
/// Quotes make a value text, whatever it looks like: `"None"` is the word, `None` is the
/// absence of a value.
///
/// ```
/// use ftrack_query::Literal;
///
/// assert_eq!(Literal::from_bare("None"), Literal::Null);
/// assert_eq!(Literal::from("None"), Literal::Text("None".to_owned()));
/// assert_eq!(Literal::from(8).to_string(), "8");
/// assert_eq!(Literal::from("8").to_string(), "\"8\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Literal {
    /// Quoted text, without its quotes and escapes.
    Text(String),
    /// A word without quotes: an id, a status, a date. The attribute says what it means.
    Word(String),
    /// A number without quotes. It keeps its text, as `010` may be the name of a shot.
    Number(Number),
    /// `true` or `false`, in any case.
    Bool(bool),
    /// `null` or `none`, in any case.
    Null,
}

impl Literal {
    /// What a word without quotes means.
    ///
    /// Text that cannot stand without quotes becomes [`Literal::Text`].
    pub fn from_bare(word: &str) -> Self {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("null") || is("none") {
            Self::Null
        } else if is("true") || is("false") {
            Self::Bool(is("true"))
        } else if let Some(number) = Number::parse(word) {
            Self::Number(number)
        } else if is_bare(word) {
            Self::Word(word.to_owned())
        } else {
            Self::Text(word.to_owned())
        }
    }

    /// The value as text, as an attribute of type string sees it; `None` for null.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            Self::Number(number) => Some(number.text()),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Null => None,
        }
    }

    /// Reads text with its quotes.
    pub(crate) fn from_quoted(quoted: &str) -> Self {
        let inner = quoted
            .get(1..quoted.len().saturating_sub(1))
            .unwrap_or_default();
        Self::Text(unescape(inner))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            // A word made by hand that would read as something else is put in quotes.
            Self::Word(word) if matches!(Self::from_bare(word), Self::Word(_)) => f.write_str(word),
            Self::Word(word) => Quoted(word).fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
        }
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Literal {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&&str> for Literal {
    fn from(text: &&str) -> Self {
        Self::Text((*text).to_owned())
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Number> for Literal {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Literal>> From<Option<T>> for Literal {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! from_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Literal {
            fn from(number: $number) -> Self {
                Self::Number(Number::from(number))
            }
        }
    )*};
}

from_numbers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64);

#[cfg(feature = "chrono")]
mod dates {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone};

    use crate::literal::Literal;

    impl From<NaiveDate> for Literal {
        fn from(date: NaiveDate) -> Self {
            Self::Text(date.format("%Y-%m-%d").to_string())
        }
    }

    impl From<NaiveDateTime> for Literal {
        fn from(moment: NaiveDateTime) -> Self {
            Self::Text(moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
        }
    }

    /// The offset is kept, so the moment stays the same wherever it is read.
    impl<Z: TimeZone> From<DateTime<Z>> for Literal {
        fn from(moment: DateTime<Z>) -> Self {
            Self::Text(moment.to_rfc3339_opts(SecondsFormat::AutoSi, false))
        }
    }
}
