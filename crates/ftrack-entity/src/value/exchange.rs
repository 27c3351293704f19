//! Values, and what they consist of, as serde writes and reads them.

use std::fmt;

use chrono::NaiveDate;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Tree;

use super::Value;
use crate::identity::Identity;
use crate::json::Json;
use crate::key::{Key, KeyPart};
use crate::name::EntityTypeName;
use crate::text::Text;
use crate::timestamp::Timestamp;

/// What tells a time from any other object.
const TYPE_TAG: &str = "__type__";

/// What tells an entity from any other object.
const ENTITY_TAG: &str = "__entity_type__";

/// Under which name a key of one text is written.
const ID: &str = "id";

/// Under which name a composite key is written: the names of its parts are a matter of the schema.
const PRIMARY_KEY: &str = "primary_key";

/// The value of an object or list that stands for something else.
pub(super) fn tagged(json: &Tree) -> Option<Value> {
    match json {
        Tree::Object(object) => match object.get(TYPE_TAG) {
            Some(tag) if object.len() == 2 => time(tag.as_str()?, object.get("value")?.as_str()?),
            _ => reference(json).map(Value::Reference),
        },
        Tree::Array(list) if !list.is_empty() => {
            let members: Option<Vec<Identity>> = list.iter().map(reference).collect();
            Some(Value::Collection(members?.into()))
        }
        _ => None,
    }
}

fn time(tag: &str, text: &str) -> Option<Value> {
    match tag {
        "datetime" => text.parse::<Timestamp>().ok().map(Value::from),
        "date" => text.parse::<NaiveDate>().ok().map(Value::from),
        _ => None,
    }
}

/// The identity that the object is, and nothing else. Names of types that no schema has are not interned.
fn reference(json: &Tree) -> Option<Identity> {
    let object = json.as_object().filter(|object| object.len() == 2)?;
    let entity_type = EntityTypeName::known(object.get(ENTITY_TAG)?.as_str()?)?;
    let key = match (object.get(ID), object.get(PRIMARY_KEY)) {
        (Some(id), _) => Key::from(id.as_str()?),
        (None, Some(parts)) => {
            let parts = parts.as_array()?.iter().map(Tree::as_str);
            Key::composite(parts.collect::<Option<Vec<&str>>>()?)
        }
        (None, None) => return None,
    };
    Some(Identity::new(entity_type, key))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::NotSet | Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Unsigned(number) => serializer.serialize_u64(*number),
            Self::Float(number) if !number.is_finite() => Err(S::Error::custom(format_args!(
                "{} has no form in JSON",
                self.kind()
            ))),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            // Days carry the tag of points in time on the wire; here the two are told apart.
            Self::Date(day) => write_time(serializer, "date", day),
            Self::DateTime(time) => write_time(serializer, "datetime", time),
            Self::Reference(identity) => identity.serialize(serializer),
            Self::Collection(members) => serializer.collect_seq(members.iter()),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

fn write_time<S: Serializer>(
    serializer: S,
    tag: &str,
    time: &impl fmt::Display,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(2))?;
    object.serialize_entry(TYPE_TAG, tag)?;
    object.serialize_entry("value", &time.to_string())?;
    object.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tree::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for Identity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(2))?;
        object.serialize_entry(ENTITY_TAG, self.entity_type().as_str())?;
        let name = if self.key().len() == 1 {
            ID
        } else {
            PRIMARY_KEY
        };
        object.serialize_entry(name, self.key())?;
        object.end()
    }
}

/// The name of the entity type has to be one that some schema or program has used before.
impl<'de> Deserialize<'de> for Identity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Tree::deserialize(deserializer)?;
        reference(&json).ok_or_else(|| {
            D::Error::custom("this is not an entity of a known type with its primary key")
        })
    }
}

impl Serialize for EntityTypeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A text, or a list of texts for a composite key.
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.parts() {
            [only] => serializer.serialize_str(&only.to_text()),
            parts => serializer.collect_seq(parts.iter().map(KeyPart::to_string)),
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, or a list of texts for a composite key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Key, E> {
        Ok(Key::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Key, A::Error> {
        let mut parts: Vec<String> = Vec::new();
        while let Some(part) = list.next_element()? {
            parts.push(part);
        }
        if parts.is_empty() {
            return Err(A::Error::custom("a key without any part"));
        }
        Ok(Key::composite(parts))
    }
}

/// ISO 8601 with the offset.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Any form that parses, without an offset too.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// The lists and objects.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_leave_as_the_json_of_the_wire() {
        let composite = Identity::new("Metadata", Key::composite(["t-1", "fps"]));
        let day = NaiveDate::from_ymd_opt(2026, 11, 8).unwrap();
        let time: Timestamp = "2026-11-08T10:12:09+01:00".parse().unwrap();
        for (value, expected) in [
            (Value::NotSet, json!(null)),
            (Value::from(8), json!(8)),
            (Value::from(u64::MAX), json!(u64::MAX)),
            (Value::from("x"), json!("x")),
            (
                day.into(),
                json!({"__type__": "date", "value": "2026-11-08"}),
            ),
            (
                time.into(),
                json!({"__type__": "datetime", "value": "2026-11-08T10:12:09+01:00"}),
            ),
            (
                composite.clone().into(),
                json!({"__entity_type__": "Metadata", "primary_key": ["t-1", "fps"]}),
            ),
            (
                vec![Identity::new("Task", "a")].into(),
                json!([{"__entity_type__": "Task", "id": "a"}]),
            ),
            (json!(["medium"]).into(), json!(["medium"])),
            (json!({"a": [1, {}]}).into(), json!({"a": [1, {}]})),
        ] {
            assert_eq!(serde_json::to_value(&value).unwrap(), expected);
            assert_eq!(Tree::try_from(&value).unwrap(), expected);
            if !value.is_not_set() {
                let text = serde_json::to_string(&value).unwrap();
                assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_reference_stays_json() {
        for json in [
            json!({"__entity_type__": "NoSchemaHasThis", "id": "a"}),
            json!({"__entity_type__": "Task", "id": "a", "name": "model"}),
            json!({"__type__": "datetime", "value": "soon"}),
            json!([{"__entity_type__": "Task", "id": "a"}, 1]),
            json!([]),
        ] {
            EntityTypeName::new("Task");
            assert_eq!(Value::from(json.clone()), Value::Json(json.into()));
        }
    }

    #[test]
    fn numbers_without_a_form_in_json_are_refused_by_serde() {
        assert!(serde_json::to_string(&Value::from(f64::NAN)).is_err());
        assert!(Tree::try_from(Value::from(f64::NAN)).is_err());
    }

    #[test]
    fn keys_and_identities_come_back() {
        for key in [Key::from("a"), Key::composite(["a", "b"]), Key::random()] {
            let text = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), key);
            let identity = Identity::new("Task", key);
            let text = serde_json::to_string(&identity).unwrap();
            assert_eq!(serde_json::from_str::<Identity>(&text).unwrap(), identity);
        }
        assert!(serde_json::from_str::<Key>("[]").is_err());
        assert!(serde_json::from_str::<Key>("{}").is_err());
        assert!(serde_json::from_str::<Identity>("{}").is_err());
    }

    proptest! {
        #[test]
        fn points_in_time_come_back(seconds in -60_000_000_000_i64..200_000_000_000, micros in 0..1_000_000_u32) {
            let time = chrono::DateTime::from_timestamp(seconds, micros * 1_000).unwrap();
            let value = Value::from(time);
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }
}
