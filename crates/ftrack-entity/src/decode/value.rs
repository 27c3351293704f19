//! One value of an entity.

use std::fmt;
use std::sync::Arc;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Decoder;
use super::entity::EntitySeed;
use crate::{Attribute, AttributeKind, DataType, EntityType, Identity, Value};

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
            Value::Collection(Arc::from([]))
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
        #[expect(
            clippy::cast_precision_loss,
            reason = "beyond 64 bits with sign a float is the nearest there is"
        )]
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
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
            let list = serde_json::Value::deserialize(SeqAccessDeserializer::new(list))?;
            return Ok(Value::Json(Arc::new(list)));
        }
        let expected = self.target();
        let mark = self.decoder.members.len();
        while let Some(identity) = list.next_element_seed(EntitySeed {
            decoder: &mut *self.decoder,
            expected,
        })? {
            self.decoder.members.push(identity);
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
fn read_object<'de, A: MapAccess<'de>>(map: A) -> Result<Value, A::Error> {
    let object = serde_json::Map::deserialize(MapAccessDeserializer::new(map))?;
    if let (Some(serde_json::Value::String(tag)), Some(serde_json::Value::String(text))) =
        (object.get("__type__"), object.get("value"))
    {
        let value = match tag.as_str() {
            "datetime" => text.parse().ok().map(Value::DateTime),
            "date" => text.parse().ok().map(Value::Date),
            _ => None,
        };
        return Ok(value.unwrap_or_else(|| Value::from(text)));
    }
    Ok(Value::Json(Arc::new(object.into())))
}
