//! One value of an entity.

use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::EntitySeed;
use crate::decode::Decoder;
use crate::identity::Identity;
use crate::json::Json;
use crate::schema::{Attribute, AttributeKind, DataType, EntityType};
use crate::value::Value;

/// Reads the value of one attribute.
pub(super) struct ValueSeed<'d, 's> {
    pub(super) decoder: &'d mut Decoder<'s>,
    pub(super) attribute: &'s Attribute,
}

impl<'s> ValueSeed<'_, 's> {
    /// The type that the schema promises for entities of this attribute.
    fn target(&self) -> Option<&'s Arc<EntityType>> {
        self.decoder.schema.by_name(self.attribute.target()?)
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "a value of the attribute {:?}",
            self.attribute.name()
        )
    }

    /// A collection that is null is an empty one.
    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(if self.attribute.is_collection() {
            Value::Collection(Arc::default())
        } else {
            Value::Null
        })
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        if self.attribute.kind() == AttributeKind::Scalar(DataType::DateTime)
            && let Ok(time) = text.parse()
        {
            return Ok(Value::DateTime(time));
        }
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        if self.attribute.is_scalar() {
            self.decoder.compact.list(list)?;
            return Ok(Value::Json(Json::written(&mut self.decoder.compact)));
        }
        let expected = self.target();
        let mark = self.decoder.members.len();
        while let Some(identity) = list.next_element_seed(EntitySeed {
            decoder: &mut *self.decoder,
            expected,
        })? {
            self.decoder.members.push(identity);
        }
        if self.decoder.members.len() == mark {
            // One that all empty collections share.
            return Ok(Value::Collection(Arc::default()));
        }
        let members: Arc<[Identity]> = self.decoder.members.drain(mark..).collect();
        Ok(Value::Collection(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        if self.attribute.is_scalar() {
            return read_object(map);
        }
        let expected = self.target();
        EntitySeed {
            decoder: self.decoder,
            expected,
        }
        .visit_map(map)
        .map(Value::Reference)
    }
}

/// An object in a scalar: a tagged date, or any JSON.
///
/// Every task has several dates, so the usual form, tag first and text second, is read without making a map.
fn read_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Value, A::Error> {
    let mut object = serde_json::Map::new();
    let Some(first) = map.next_key_seed(TextSeed(Name::from_text))? else {
        return Ok(Value::Json(Json::from(serde_json::Value::from(object))));
    };
    match first {
        Name::Tag => match map.next_value_seed(TextSeed(Tag::from_text))? {
            Tag::Other(text) => drop(object.insert(Name::TAG.to_owned(), text.into())),
            tag => match map.next_key_seed(TextSeed(Name::from_text))? {
                Some(Name::Value) => {
                    let value = map.next_value_seed(TextSeed(|text: &str| tag.read(text)))?;
                    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                    return Ok(value);
                }
                other => {
                    object.insert(Name::TAG.to_owned(), tag.as_str().into());
                    if let Some(name) = other {
                        object.insert(name.into_string(), map.next_value()?);
                    }
                }
            },
        },
        other => drop(object.insert(other.into_string(), map.next_value()?)),
    }
    while let Some((name, value)) = map.next_entry()? {
        object.insert(name, value);
    }
    Ok(from_object(object))
}

/// An object whose fields came in another order than usual.
fn from_object(object: serde_json::Map<String, serde_json::Value>) -> Value {
    let text = |name: &str| object.get(name).and_then(serde_json::Value::as_str);
    match (text(Name::TAG).map(Tag::from_text), text(Name::VALUE)) {
        (Some(tag), Some(text)) => tag.read(text),
        _ => Value::Json(Json::from(serde_json::Value::from(object))),
    }
}

/// The name of a field in an object that may be a tagged date.
enum Name {
    Tag,
    Value,
    Other(String),
}

impl Name {
    const TAG: &'static str = "__type__";
    const VALUE: &'static str = "value";

    fn from_text(text: &str) -> Self {
        match text {
            Self::TAG => Self::Tag,
            Self::VALUE => Self::Value,
            other => Self::Other(other.to_owned()),
        }
    }

    fn into_string(self) -> String {
        match self {
            Self::Tag => Self::TAG.to_owned(),
            Self::Value => Self::VALUE.to_owned(),
            Self::Other(text) => text,
        }
    }
}

/// What a tagged text is.
enum Tag {
    DateTime,
    Date,
    Other(String),
}

impl Tag {
    fn from_text(text: &str) -> Self {
        match text {
            "datetime" => Self::DateTime,
            "date" => Self::Date,
            other => Self::Other(other.to_owned()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::DateTime => "datetime",
            Self::Date => "date",
            Self::Other(text) => text,
        }
    }

    /// Text that is not what its tag says stays text.
    fn read(&self, text: &str) -> Value {
        let value = match self {
            Self::DateTime => text.parse().ok().map(Value::DateTime),
            Self::Date => text.parse().ok().map(Value::Date),
            Self::Other(_) => None,
        };
        value.unwrap_or_else(|| Value::from(text))
    }
}

/// Reads text without keeping a copy of it.
struct TextSeed<F>(F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for TextSeed<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> T> Visitor<'_> for TextSeed<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }
}
