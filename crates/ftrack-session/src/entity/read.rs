//! Values as Rust types.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use ftrack_entity::{Identity, Timestamp, Value};

use crate::Entity;

/// A type that values of attributes can be read as, with [`Entity::get`].
///
/// There are booleans, integers, floats, `String`, chrono's dates, [`Entity`] for references, `Vec<Entity>` for
/// collections, `serde_json::Value` for links and other JSON, [`Value`] for anything, and `Option` of these.
pub trait FromAttribute: Sized {
    /// What is expected, in words: for the message if the value is something else.
    const EXPECTED: &'static str;

    /// The value of `owner` as this type; `None` if it is none. It is called while the entity is locked, except for
    /// references and collections: it must not read entities.
    fn from_attribute(value: &Value, owner: &Entity) -> Option<Self>;
}

macro_rules! from_attribute {
    ($($target:ty: $expected:literal, |$value:ident| $read:expr;)*) => {$(
        impl FromAttribute for $target {
            const EXPECTED: &'static str = $expected;

            fn from_attribute($value: &Value, _: &Entity) -> Option<Self> {
                $read
            }
        }
    )*};
}

macro_rules! from_whole_number {
    ($($target:ty)*) => {
        from_attribute! {$(
            $target: "a whole number within the range of the type", |value| value.as_i64()?.try_into().ok();
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
    Value: "a value", |value| Some(value.clone());
    Vec<String>: "a list of texts", |value| texts(value);
    serde_json::Value: "a JSON value", |value| json(value);
}

/// Servers may send times as plain text in attributes that have no fixed type.
fn timestamp(value: &Value) -> Option<Timestamp> {
    value
        .as_timestamp()
        .or_else(|| value.as_str()?.parse().ok())
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Json(json) => serde_json::from_str(json.as_str()).ok(),
        _ => None,
    }
}

fn json(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(value) => (&**value).into(),
        Value::Date(value) => value.to_string().into(),
        Value::DateTime(value) => value.to_string().into(),
        Value::Json(value) => value.to_value(),
        _ => return None,
    })
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
}
