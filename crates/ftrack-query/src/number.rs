//! Numbers that remember how they were written.

use std::fmt;

/// A number of a query, with its own spelling.
///
/// ```
/// use ftrack_query::Number;
///
/// let number = Number::parse("010").expect("digits are a number");
/// assert_eq!((number.text(), number.as_i64()), ("010", Some(10)));
/// assert_eq!(Number::from(2.5).as_f64(), Some(2.5));
/// assert_eq!(Number::parse("1.2.3"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    text: String,
}

impl Number {
    /// Reads `-12`, `0.5` or `1e-3`; `None` for anything else, and for what no finite
    /// float can hold.
    pub fn parse(text: &str) -> Option<Self> {
        if !is_number(text) {
            return None;
        }
        let number = Self {
            text: text.to_owned(),
        };
        number.is_finite().then_some(number)
    }

    /// The number as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value, if it is a whole number that was written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The value as a float; `None` only if it was made from a float that is not finite.
    pub fn as_f64(&self) -> Option<f64> {
        self.text
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    }

    /// Whether it can be written in a query: everything but an infinity or "not a number".
    pub fn is_finite(&self) -> bool {
        self.as_f64().is_some()
    }
}

/// Whether `text` is `-`, digits, a fraction and an exponent, of which only the digits
/// must be there.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    is_digits(whole) && fraction.is_none_or(is_digits) && exponent.is_none_or(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_finite() {
            f.write_str(&self.text)
        } else {
            // No query can hold this, so a server refuses it instead of reading a word.
            write!(f, "<{}>", self.text)
        }
    }
}

macro_rules! from_whole_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Number {
            fn from(number: $number) -> Self {
                Self { text: number.to_string() }
            }
        }
    )*};
}

from_whole_numbers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

macro_rules! from_floats {
    ($($number:ty),*) => {$(
        impl From<$number> for Number {
            fn from(number: $number) -> Self {
                // `{:?}` keeps the shortest text that reads back as the same float.
                Self { text: format!("{number:?}") }
            }
        }
    )*};
}

from_floats!(f32, f64);
