//! Values from Rust's types, and into JSON.

use chrono::NaiveDate;

use super::Value;
use crate::identity::Identity;
use crate::json::Json;
use crate::text::Text;
use crate::timestamp::Timestamp;

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
    i8 => |value| Self::Int(value.into());
    i16 => |value| Self::Int(value.into());
    i32 => |value| Self::Int(value.into());
    i64 => |value| Self::Int(value);
    u8 => |value| Self::Int(value.into());
    u16 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    u64 => |value| i64::try_from(value).map_or(Self::Unsigned(value), Self::Int);
    // No machine has addresses of more than 64 bits.
    usize => |value| Self::from(value as u64);
    f32 => |value| Self::Float(value.into());
    f64 => |value| Self::Float(value);
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
    Json => |value| Self::Json(value);
    &Value => |value| value.clone();
}

/// `None` is null.
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Entities become a collection, anything else a list of JSON.
impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

/// As of a vector.
impl<T: Clone + Into<Self>> From<&Vec<T>> for Value {
    fn from(values: &Vec<T>) -> Self {
        values.iter().cloned().collect()
    }
}

/// As of a vector.
impl<T: Clone + Into<Self>> From<&[T]> for Value {
    fn from(values: &[T]) -> Self {
        values.iter().cloned().collect()
    }
}

/// As of a vector.
impl<T: Into<Self>, const LENGTH: usize> From<[T; LENGTH]> for Value {
    fn from(values: [T; LENGTH]) -> Self {
        values.into_iter().collect()
    }
}

/// Entities become a collection, anything else a list of JSON. A list with a number in it that JSON cannot carry is
/// that number, which no attribute takes.
impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values: Vec<Self> = values.into_iter().map(Into::into).collect();
        if let Some(identities) = identities(&values) {
            return Self::Collection(identities.into());
        }
        if let Some(refused) = values.iter().find(|value| !value.is_representable()) {
            return refused.clone();
        }
        // What is representable has a form in JSON.
        serde_json::to_value(&values).map_or(Self::Null, |list| Self::Json(list.into()))
    }
}

fn identities(values: &[Value]) -> Option<Vec<Identity>> {
    let identities = values.iter().map(Value::as_reference);
    identities.map(Option::<&Identity>::cloned).collect()
}

/// Tagged times, references to entities and lists of such become what they stand for: see the
/// [serialised form](Value).
impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => number_from(&number),
            serde_json::Value::String(text) => text.into(),
            json => super::exchange::tagged(&json).unwrap_or_else(|| Self::Json(json.into())),
        }
    }
}

fn number_from(number: &serde_json::Number) -> Value {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(number), ..) => Value::Int(number),
        (None, Some(number), _) => Value::Unsigned(number),
        (None, None, Some(number)) => Value::Float(number),
        // Numbers of any precision, where a program has switched them on for JSON.
        (None, None, None) => Value::from(number.to_string()),
    }
}

/// The serialised form; [`Value::NotSet`] is null. NaN and infinite numbers are errors, since JSON has no form for
/// them.
impl TryFrom<Value> for serde_json::Value {
    type Error = serde_json::Error;

    fn try_from(value: Value) -> Result<Self, serde_json::Error> {
        Self::try_from(&value)
    }
}

/// As of the value itself.
impl TryFrom<&Value> for serde_json::Value {
    type Error = serde_json::Error;

    fn try_from(value: &Value) -> Result<Self, serde_json::Error> {
        serde_json::to_value(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_that_json_cannot_carry_are_kept_and_told_apart_from_null() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let value = Value::from(number);
            assert!(!value.is_null() && !value.is_representable(), "{number}");
            assert!(!Value::from(vec![1.0, number]).is_representable());
        }
        assert_eq!(Value::from(u64::MAX), Value::Unsigned(u64::MAX));
        assert!(!Value::from(u64::MAX).is_representable());
        assert_eq!(Value::from(json!(u64::MAX)), Value::Unsigned(u64::MAX));
        assert_eq!(Value::from(5_u64), Value::Int(5));
    }

    #[test]
    fn lists_of_entities_are_collections_and_others_are_json() {
        let (a, b) = (Identity::new("Task", "a"), Identity::new("Task", "b"));
        let members = Value::Collection(vec![a.clone(), b.clone()].into());
        assert_eq!(Value::from(vec![a.clone(), b.clone()]), members);
        assert_eq!(Value::from(&[a.clone(), b.clone()][..]), members);
        assert_eq!(Value::from(vec![&a, &b]), members);
        assert_eq!(Value::from([a, b]), members);

        let texts = Value::Json(json!(["film", "tv"]).into());
        assert_eq!(Value::from(vec!["film", "tv"]), texts);
        assert_eq!(
            Value::from(&vec!["film".to_owned(), "tv".to_owned()]),
            texts
        );
        assert_eq!(Value::from(["film".to_owned(), "tv".to_owned()]), texts);
        assert_eq!(Value::from(vec![1, 2]), Value::Json(json!([1, 2]).into()));
    }
}
