//! What an attribute can hold.

mod convert;
mod equality;
mod exchange;

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::identity::Identity;
use crate::json::Json;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// The value of an attribute.
///
/// Numbers compare by what they mean: a schema `number` keeps the form in which it arrived, and 8 equals 8.0.
/// Collections compare without regard to order, as documented for the product's collections.
///
/// Everything that Rust's own types hold converts without a loss. What JSON or a server cannot carry, such as NaN or
/// whole numbers beyond 64 bits with sign, is refused where an attribute is set ([`Schema::accept`]).
///
/// ```
/// use ftrack_entity::Value;
///
/// assert_eq!(Value::from(8), Value::from(8.0));
/// assert_eq!(Value::from("a").as_str(), Some("a"));
/// assert_eq!(Value::from(vec!["film", "tv"]), Value::from(serde_json::json!(["film", "tv"])));
/// assert!(Value::NotSet.is_not_set());
/// ```
///
/// Values serialise as the JSON that goes over the wire: a point in time is `{"__type__": "datetime", "value": …}`,
/// another entity `{"__entity_type__": …, "id": …}`. The same JSON converts back to the same value.
///
/// ```
/// use ftrack_entity::{Identity, Value};
///
/// let status = Value::from(Identity::new("Status", "s-1"));
/// let json = serde_json::Value::try_from(&status)?;
/// assert_eq!(json, serde_json::json!({"__entity_type__": "Status", "id": "s-1"}));
/// assert_eq!(Value::from(json), status);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [`Schema::accept`]: crate::Schema::accept
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
    /// A whole number above those of [`Value::Int`]. A server may send one; no attribute can be set to one.
    Unsigned(u64),
    /// A number. No attribute can be set to NaN or an infinite number.
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

    /// The number, if this is a whole number of any size (an integral float counts).
    pub fn as_i128(&self) -> Option<i128> {
        match *self {
            Self::Unsigned(number) => Some(number.into()),
            _ => self.as_i64().map(i128::from),
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
            #[expect(clippy::cast_precision_loss, reason = "as above")]
            Self::Unsigned(number) => Some(number as f64),
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

    /// Whether JSON and servers can carry the value.
    pub fn is_representable(&self) -> bool {
        match self {
            Self::Float(number) => number.is_finite(),
            Self::Unsigned(_) => false,
            _ => true,
        }
    }

    /// What kind of value this is, in words: for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotSet => "no value",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a whole number",
            Self::Unsigned(_) => "a whole number beyond 64 bits with sign",
            Self::Float(number) if number.is_nan() => "NaN",
            Self::Float(number) if number.is_infinite() => "an infinite number",
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

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => formatter.write_str("NOT_SET"),
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => fmt::Debug::fmt(value, formatter),
            Self::Int(value) => fmt::Debug::fmt(value, formatter),
            Self::Unsigned(value) => fmt::Debug::fmt(value, formatter),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_what_they_are() {
        assert_eq!(Value::from(8.0).as_i64(), Some(8));
        assert_eq!(Value::from(8.5).as_i64(), None);
        assert_eq!(Value::from(1e300).as_i64(), None);
        assert_eq!(Value::from(u64::MAX).as_i64(), None);
        assert_eq!(Value::from(u64::MAX).as_i128(), Some(u64::MAX.into()));
        assert_eq!(Value::from(7_u64).as_i128(), Some(7));
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
