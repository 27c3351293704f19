//! What an attribute can hold.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::{Identity, Json, Text, Timestamp};

/// The value of an attribute.
///
/// Numbers compare by what they mean: a schema `number` keeps the form in which it arrived, and 8 equals 8.0.
/// Collections compare without regard to order, as documented for the product's collections.
///
/// ```
/// use ftrack_entity::Value;
///
/// assert_eq!(Value::from(8), Value::from(8.0));
/// assert_eq!(Value::from("a").as_str(), Some("a"));
/// assert!(Value::NotSet.is_not_set());
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// No value is known: nothing was set, nothing was loaded. Distinct from [`Value::Null`].
    #[default]
    NotSet,
    /// The attribute is empty.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// Text.
    Text(Text),
    /// A day.
    Date(NaiveDate),
    /// A point in time.
    DateTime(Timestamp),
    /// Another entity.
    Reference(Identity),
    /// Several entities, in order.
    Collection(Arc<[Identity]>),
    /// Any other JSON: links, lists of an enumerator, objects.
    Json(Json),
}

impl Value {
    /// Whether no value is known.
    pub fn is_not_set(&self) -> bool {
        matches!(self, Self::NotSet)
    }

    /// Whether the attribute is known to be empty.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is a whole number (an integral float counts).
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(number) => Some(number),
            Self::Float(number) => integral(number),
            _ => None,
        }
    }

    /// The number, if this is a number.
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "what a float can say of it is what was asked for"
            )]
            Self::Int(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The entity referred to, if this is a reference.
    pub fn as_reference(&self) -> Option<&Identity> {
        match self {
            Self::Reference(identity) => Some(identity),
            _ => None,
        }
    }

    /// The members, if this is a collection.
    pub fn as_collection(&self) -> Option<&[Identity]> {
        match self {
            Self::Collection(members) => Some(members),
            _ => None,
        }
    }

    /// The point in time, if this is one; a day counts as its midnight in UTC.
    pub fn as_timestamp(&self) -> Option<Timestamp> {
        match *self {
            Self::DateTime(time) => Some(time),
            Self::Date(date) => Some(date.into()),
            _ => None,
        }
    }

    /// What kind of value this is, in words: for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotSet => "no value",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Date(_) => "a date",
            Self::DateTime(_) => "a date and time",
            Self::Reference(_) => "a reference",
            Self::Collection(_) => "a collection",
            Self::Json(_) => "a JSON value",
        }
    }
}

/// The whole number that `number` is, if it is one and within range.
fn integral(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked: integral and within ±2^53"
    )]
    (number.fract() == 0.0 && number.abs() <= LIMIT).then_some(number as i64)
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NotSet, Self::NotSet) | (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Int(left), Self::Int(right)) => left == right,
            (Self::Int(_) | Self::Float(_), Self::Int(_) | Self::Float(_)) => {
                self.as_f64() == other.as_f64()
            }
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Date(_) | Self::DateTime(_), Self::Date(_) | Self::DateTime(_)) => {
                self.as_timestamp() == other.as_timestamp()
            }
            (Self::Reference(left), Self::Reference(right)) => left == right,
            (Self::Collection(left), Self::Collection(right)) => same_members(left, right),
            (Self::Json(left), Self::Json(right)) => left == right,
            _ => false,
        }
    }
}

fn same_members(left: &Arc<[Identity]>, right: &Arc<[Identity]>) -> bool {
    if Arc::ptr_eq(left, right) || left == right {
        return true;
    }
    let members: rustc_hash::FxHashSet<&Identity> = left.iter().collect();
    left.len() == right.len() && right.iter().all(|identity| members.contains(identity))
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => formatter.write_str("NOT_SET"),
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => fmt::Debug::fmt(value, formatter),
            Self::Int(value) => fmt::Debug::fmt(value, formatter),
            Self::Float(value) => fmt::Debug::fmt(value, formatter),
            Self::Text(value) => fmt::Debug::fmt(value, formatter),
            Self::Date(value) => fmt::Display::fmt(value, formatter),
            Self::DateTime(value) => fmt::Display::fmt(value, formatter),
            Self::Reference(value) => fmt::Display::fmt(value, formatter),
            Self::Collection(value) => formatter.debug_list().entries(value.iter()).finish(),
            Self::Json(value) => fmt::Display::fmt(value, formatter),
        }
    }
}

macro_rules! value_from {
    ($($source:ty => |$value:ident| $result:expr;)*) => {$(
        impl From<$source> for Value {
            fn from($value: $source) -> Self {
                $result
            }
        }
    )*};
}

value_from! {
    bool => |value| Self::Bool(value);
    i32 => |value| Self::Int(value.into());
    i64 => |value| Self::Int(value);
    u32 => |value| Self::Int(value.into());
    u8 => |value| Self::Int(value.into());
    u16 => |value| Self::Int(value.into());
    usize => |value| i64::try_from(value).map_or(Self::Null, Self::Int);
    u64 => |value| i64::try_from(value).map_or(Self::Null, Self::Int);
    &str => |value| Self::Text(value.into());
    &String => |value| Self::Text(value.as_str().into());
    String => |value| Self::Text(value.into());
    Text => |value| Self::Text(value);
    NaiveDate => |value| Self::Date(value);
    Timestamp => |value| Self::DateTime(value);
    chrono::NaiveDateTime => |value| Self::DateTime(value.into());
    chrono::DateTime<chrono::Utc> => |value| Self::DateTime(value.into());
    chrono::DateTime<chrono::FixedOffset> => |value| Self::DateTime(value.into());
    Identity => |value| Self::Reference(value);
    &Identity => |value| Self::Reference(value.clone());
    Vec<Identity> => |value| Self::Collection(value.into());
    &Value => |value| value.clone();
}

/// Infinite numbers and NaN, which JSON cannot carry, become null.
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        if value.is_finite() {
            Self::Float(value)
        } else {
            Self::Null
        }
    }
}

impl From<f32> for Value {
    fn from(value: f32) -> Self {
        f64::from(value).into()
    }
}

/// `None` is null.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Self::Int(number),
                (None, Some(number)) => number.into(),
                (None, None) => Self::Null,
            },
            serde_json::Value::String(text) => text.into(),
            value => Self::Json(value.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_what_they_mean() {
        assert_eq!(Value::from(8), Value::from(8.0));
        assert_ne!(Value::from(8), Value::from(8.5));
        assert_eq!(Value::from(8.0).as_i64(), Some(8));
        assert_eq!(Value::from(8.5).as_i64(), None);
        assert_eq!(Value::from(1e300).as_i64(), None);
    }

    #[test]
    fn numbers_that_json_cannot_carry_are_null() {
        assert!(Value::from(f64::NAN).is_null());
        assert!(Value::from(f64::INFINITY).is_null());
    }

    #[test]
    fn collections_compare_without_order() {
        let members =
            |keys: [&str; 2]| Value::from(keys.map(|key| Identity::new("Task", key)).to_vec());
        assert_eq!(members(["a", "b"]), members(["b", "a"]));
        assert_ne!(members(["a", "b"]), members(["a", "c"]));
    }

    #[test]
    fn not_set_is_not_null() {
        assert_ne!(Value::NotSet, Value::Null);
        assert_eq!(Value::from(None::<i64>), Value::Null);
    }

    #[test]
    fn a_value_is_small() {
        assert!(size_of::<Value>() <= 40, "{}", size_of::<Value>());
    }
}
