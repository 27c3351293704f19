//! Values as Rust types.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use ftrack_entity::{Identity, Timestamp, Value};
use serde::de::DeserializeOwned;

use crate::entity::Entity;

/// A type that values of attributes can be read as, with [`Entity::get`].
///
/// There are booleans, integers, floats, `String`, chrono's dates, [`Entity`] for references, `Vec<Entity>` for
/// collections, vectors of plain values for lists and paths through collections, `serde_json::Value` for links and
/// other JSON, [`Value`] for anything, and `Option` of these.
///
/// ```
/// use ftrack_session::{Entity, FromAttribute, Value};
///
/// struct Frames(std::time::Duration);
///
/// impl FromAttribute for Frames {
///     const EXPECTED: &'static str = "a number of seconds";
///
///     fn from_attribute(value: &Value, _: &Entity) -> Option<Self> {
///         std::time::Duration::try_from_secs_f64(value.as_f64()?).ok().map(Self)
///     }
/// }
/// ```
pub trait FromAttribute: Sized {
    /// What is expected, in words: for the message if the value is something else.
    const EXPECTED: &'static str;

    /// The value of `owner` as this type; `None` if it is not one. Nothing is locked meanwhile: it may read and change
    /// entities.
    fn from_attribute(value: &Value, owner: &Entity) -> Option<Self>;

    /// As `from_attribute`, for the types of this crate that look at nothing but the value, so that it need not be
    /// copied: `None` for all others.
    #[doc(hidden)]
    fn read_plain(_: &Value, _: Sealed) -> Option<Option<Self>> {
        None
    }
}

/// What nobody else can name, so that [`FromAttribute::read_plain`] is only for the types of this crate.
#[derive(Debug)]
pub struct Sealed(pub(super) ());

macro_rules! from_attribute {
    ($($target:ty: $expected:literal, |$value:ident| $read:expr;)*) => {$(
        impl FromAttribute for $target {
            const EXPECTED: &'static str = $expected;

            fn from_attribute($value: &Value, _: &Entity) -> Option<Self> {
                $read
            }

            fn read_plain(value: &Value, _: Sealed) -> Option<Option<Self>> {
                #[allow(clippy::unnecessary_wraps, reason = "some values are always of the type")]
                fn read($value: &Value) -> Option<$target> {
                    $read
                }
                Some(read(value))
            }
        }
    )*};
}

macro_rules! from_whole_number {
    ($($target:ty)*) => {
        from_attribute! {$(
            $target: "a whole number within the range of the type", |value| value.as_i128()?.try_into().ok();
        )*}
    };
}

from_whole_number! { i8 i16 i32 i64 u8 u16 u32 u64 usize isize }

from_attribute! {
    bool: "a boolean", |value| value.as_bool();
    f64: "a number", |value| value.as_f64();
    String: "text", |value| value.as_str().map(str::to_owned);
    Timestamp: "a date and time", |value| timestamp(value);
    DateTime<Utc>: "a date and time", |value| timestamp(value).map(Timestamp::to_utc);
    DateTime<FixedOffset>: "a date and time", |value| timestamp(value).map(Timestamp::to_offset);
    NaiveDateTime: "a date and time", |value| timestamp(value).map(|time| time.to_utc().naive_utc());
    NaiveDate: "a date", |value| timestamp(value).map(|time| time.to_utc().date_naive());
    Identity: "a reference", |value| value.as_reference().cloned();
    Vec<Identity>: "a collection", |value| Some(value.as_collection()?.to_vec());
    Value: "a value", |value| Some(value.clone());
    Vec<String>: "a list of texts", |value| list(value);
    Vec<Option<String>>: "a list of texts", |value| list(value);
    Vec<i64>: "a list of whole numbers", |value| list(value);
    Vec<f64>: "a list of numbers", |value| list(value);
    Vec<Option<f64>>: "a list of numbers", |value| list(value);
    Vec<bool>: "a list of booleans", |value| list(value);
    serde_json::Value: "a JSON value", |value| json(value);
}

/// Servers may send times as plain text in attributes that have no fixed type.
fn timestamp(value: &Value) -> Option<Timestamp> {
    value
        .as_timestamp()
        .or_else(|| value.as_str()?.parse().ok())
}

/// A list of plain values. An empty collection is a list of nothing, too: a path through it leads to no value.
fn list<T: DeserializeOwned>(value: &Value) -> Option<Vec<T>> {
    match value {
        Value::Json(json) => serde_json::from_str(json.as_str()).ok(),
        Value::Collection(members) if members.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

/// JSON for people and reports: times are plain text.
fn json(value: &Value) -> Option<serde_json::Value> {
    match value {
        Value::NotSet => None,
        Value::Date(value) => Some(value.to_string().into()),
        Value::DateTime(value) => Some(value.to_string().into()),
        value if value.is_representable() => serde_json::to_value(value).ok(),
        _ => None,
    }
}

impl FromAttribute for Entity {
    const EXPECTED: &'static str = "a reference";

    fn from_attribute(value: &Value, owner: &Entity) -> Option<Self> {
        owner.related(value.as_reference()?).ok()
    }
}

impl FromAttribute for Vec<Entity> {
    const EXPECTED: &'static str = "a collection";

    fn from_attribute(value: &Value, owner: &Entity) -> Option<Self> {
        value
            .as_collection()?
            .iter()
            .map(|identity| owner.related(identity).ok())
            .collect()
    }
}

impl<T: FromAttribute> FromAttribute for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_attribute(value: &Value, owner: &Entity) -> Option<Self> {
        match value {
            Value::Null | Value::NotSet => Some(None),
            value => T::from_attribute(value, owner).map(Some),
        }
    }

    fn read_plain(value: &Value, sealed: Sealed) -> Option<Option<Self>> {
        match value {
            Value::Null | Value::NotSet => Some(Some(None)),
            value => T::read_plain(value, sealed).map(|read| read.map(Some)),
        }
    }
}
