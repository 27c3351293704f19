//! What keys are made from.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A piece of what a key is made from: an argument of a function, a part of an identity.
///
/// Plain values, text, paths, times, lists, tuples, maps and, with the feature `json`, JSON become parts by [`From`]; a
/// type of your own does if you implement `From<YourType> for KeyPart`.
///
/// ```
/// use ftrack_cache::KeyPart;
///
/// assert_eq!(KeyPart::from(8_u32), KeyPart::Integer(8));
/// assert_eq!(
///     KeyPart::from(("Task", vec!["a1b2"])),
///     KeyPart::Tuple(vec![
///         KeyPart::Text("Task".into()),
///         KeyPart::List(vec![KeyPart::Text("a1b2".into())]),
///     ]),
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum KeyPart {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// Any number of parts of one kind.
    List(Vec<KeyPart>),
    /// A fixed number of parts.
    Tuple(Vec<KeyPart>),
    /// Parts by name, such as named arguments.
    Map(BTreeMap<String, KeyPart>),
}

macro_rules! from_values {
    ($($variant:ident: $($kind:ty),+;)+) => {$($(
        impl From<$kind> for KeyPart {
            fn from(value: $kind) -> Self {
                Self::$variant(value.into())
            }
        }
    )+)+};
}

from_values! {
    Bool: bool;
    Integer: i8, i16, i32, i64, i128, u8, u16, u32, u64;
    Float: f32, f64;
    Text: &str, String, &String, char;
}

impl From<()> for KeyPart {
    fn from((): ()) -> Self {
        Self::Tuple(Vec::new())
    }
}

impl From<usize> for KeyPart {
    fn from(value: usize) -> Self {
        // No platform has a wider `usize`.
        Self::Integer(i128::try_from(value).unwrap_or(i128::MAX))
    }
}

impl From<isize> for KeyPart {
    fn from(value: isize) -> Self {
        // No platform has a wider `isize`.
        Self::Integer(i128::try_from(value).unwrap_or(i128::MAX))
    }
}

impl<T: Into<KeyPart>> From<Option<T>> for KeyPart {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<KeyPart>> From<Vec<T>> for KeyPart {
    fn from(parts: Vec<T>) -> Self {
        Self::List(parts.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<KeyPart>, const N: usize> From<[T; N]> for KeyPart {
    fn from(parts: [T; N]) -> Self {
        Self::List(parts.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<KeyPart> + Clone> From<&[T]> for KeyPart {
    fn from(parts: &[T]) -> Self {
        parts.to_vec().into()
    }
}

impl<T: Into<KeyPart>> From<BTreeMap<String, T>> for KeyPart {
    fn from(parts: BTreeMap<String, T>) -> Self {
        Self::Map(
            parts
                .into_iter()
                .map(|(name, part)| (name, part.into()))
                .collect(),
        )
    }
}

impl<T: Into<KeyPart>, S> From<HashMap<String, T, S>> for KeyPart {
    fn from(parts: HashMap<String, T, S>) -> Self {
        Self::Map(
            parts
                .into_iter()
                .map(|(name, part)| (name, part.into()))
                .collect(),
        )
    }
}

/// The path as text, or as bytes if it is not text.
impl From<&Path> for KeyPart {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(path.as_os_str().as_encoded_bytes().to_vec()),
        }
    }
}

/// As for a borrowed path.
impl From<PathBuf> for KeyPart {
    fn from(path: PathBuf) -> Self {
        path.as_path().into()
    }
}

/// As for a borrowed path.
impl From<&PathBuf> for KeyPart {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

/// `("duration", nanoseconds)`, so that it is not taken for a number.
impl From<Duration> for KeyPart {
    fn from(duration: Duration) -> Self {
        Self::Tuple(vec!["duration".into(), nanoseconds(duration).into()])
    }
}

/// `("time", nanoseconds)` since the beginning of 1970, in UTC.
impl From<SystemTime> for KeyPart {
    fn from(time: SystemTime) -> Self {
        let since = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => nanoseconds(after),
            Err(before) => -nanoseconds(before.duration()),
        };
        Self::Tuple(vec!["time".into(), since.into()])
    }
}

fn nanoseconds(duration: Duration) -> i128 {
    // No duration has as many nanoseconds as there are numbers.
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// Lists and objects become lists and maps.
#[cfg(feature = "json")]
impl From<serde_json::Value> for KeyPart {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Bool(truth),
            Json::Number(number) => {
                let whole = number.as_i64().map(i128::from);
                match whole.or_else(|| number.as_u64().map(i128::from)) {
                    Some(whole) => Self::Integer(whole),
                    None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
                }
            }
            Json::String(text) => Self::Text(text),
            Json::Array(parts) => parts.into(),
            Json::Object(parts) => Self::Map(
                parts
                    .into_iter()
                    .map(|(name, part)| (name, part.into()))
                    .collect(),
            ),
        }
    }
}

/// As for an owned value.
#[cfg(feature = "json")]
impl From<&serde_json::Value> for KeyPart {
    fn from(json: &serde_json::Value) -> Self {
        json.clone().into()
    }
}

macro_rules! from_tuples {
    ($(($($name:ident),+))+) => {$(
        impl<$($name: Into<KeyPart>),+> From<($($name,)+)> for KeyPart {
            fn from(parts: ($($name,)+)) -> Self {
                #[expect(non_snake_case, reason = "each part is named after its type")]
                let ($($name,)+) = parts;
                Self::Tuple(vec![$($name.into()),+])
            }
        }
    )+};
}

from_tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }
