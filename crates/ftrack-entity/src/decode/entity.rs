//! One entity of an answer.

mod value;

use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use self::value::ValueSeed;
use super::Decoder;
use crate::error::Error;
use crate::identity::Identity;
use crate::key::{Key, KeyPart};
use crate::schema::{AttributePosition, EntityType};
use crate::value::Value;

/// Reads an object with `__entity_type__`, a key and values into the staged entities.
pub(super) struct EntitySeed<'d, 's> {
    pub(super) decoder: &'d mut Decoder<'s>,
    /// The type that the schema promises here; the object itself names the concrete one, at any place.
    pub(super) expected: Option<&'s Arc<EntityType>>,
}

impl<'de> DeserializeSeed<'de> for EntitySeed<'_, '_> {
    type Value = Identity;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Identity, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for EntitySeed<'_, '_> {
    type Value = Identity;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an entity, which is an object with __entity_type__")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Identity, A::Error> {
        EntityReader::new(self.decoder, self.expected).read(map)
    }
}

/// The entity that is being read.
struct EntityReader<'d, 's, 'de> {
    decoder: &'d mut Decoder<'s>,
    entity_type: Option<&'s Arc<EntityType>>,
    /// Whether the object has named its type; until then `entity_type` is only the promised one.
    is_named: bool,
    slots_mark: usize,
    keys_mark: usize,
    /// Values that the promised type does not have, kept until the concrete one is known.
    deferred: Vec<(String, &'de RawValue)>,
}

enum Field {
    EntityType,
    Attribute(AttributePosition),
    Unknown(Option<String>),
}

impl<'d, 's, 'de> EntityReader<'d, 's, 'de> {
    fn new(decoder: &'d mut Decoder<'s>, expected: Option<&'s Arc<EntityType>>) -> Self {
        let (slots_mark, keys_mark) = (decoder.slots.len(), decoder.keys.len());
        Self {
            decoder,
            entity_type: expected,
            is_named: false,
            slots_mark,
            keys_mark,
            deferred: Vec::new(),
        }
    }

    fn read<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Identity, A::Error> {
        while let Some(field) = map.next_key_seed(FieldSeed {
            entity_type: self.entity_type,
            keep_name: !self.is_named,
        })? {
            match field {
                Field::EntityType => map.next_value_seed(TypeSeed(&mut self))?,
                Field::Attribute(position) => {
                    map.next_value_seed(AttributeSeed(&mut self, position))?;
                }
                Field::Unknown(Some(name)) => self.deferred.push((name, map.next_value()?)),
                Field::Unknown(None) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        self.finish()
    }

    /// The object names its type: what was read so far is moved to that type's positions.
    fn name_type<E: serde::de::Error>(&mut self, name: &str) -> Result<(), E> {
        let promised = self.entity_type;
        let entity_type = match promised {
            Some(promised) if promised.name().as_str() == name => promised,
            _ => match self.decoder.schema.entity_type(name) {
                Ok(entity_type) => entity_type,
                Err(error) => return Err(self.decoder.fail(error)),
            },
        };
        self.is_named = true;
        self.entity_type = Some(entity_type);
        if let Some(promised) = promised.filter(|promised| !Arc::ptr_eq(promised, entity_type)) {
            self.move_positions(promised, entity_type);
        }
        for (name, text) in std::mem::take(&mut self.deferred) {
            if let Some(position) = entity_type.position(&name) {
                AttributeSeed(self, position)
                    .deserialize(text)
                    .map_err(E::custom)?;
            }
        }
        Ok(())
    }

    fn move_positions(&mut self, from: &EntityType, to: &EntityType) {
        let slots = self.decoder.slots.split_off(self.slots_mark);
        for (position, value) in slots {
            let Some(position) = to.position(from.at(position).name()) else {
                continue;
            };
            match (to.at(position).key_position, value.as_str()) {
                (Some(order), Some(text)) => self.decoder.keys.push((order, KeyPart::from(text))),
                _ => self.decoder.slots.push((position, value)),
            }
        }
        let keys = self.decoder.keys.split_off(self.keys_mark);
        for (order, part) in keys {
            let name = from.at(from.key_positions()[usize::from(order)]).name();
            let Some(position) = to.position(name) else {
                continue;
            };
            match to.at(position).key_position {
                Some(order) => self.decoder.keys.push((order, part)),
                None => self
                    .decoder
                    .slots
                    .push((position, Value::from(&*part.to_text()))),
            }
        }
    }

    fn finish<E: serde::de::Error>(self) -> Result<Identity, E> {
        let Some(entity_type) = self.entity_type.filter(|_| self.is_named) else {
            return Err(E::custom("an entity without __entity_type__"));
        };
        let parts = &mut self.decoder.keys[self.keys_mark..];
        parts.sort_by_key(|(order, _)| *order);
        let missing = (0_u16..).zip(entity_type.primary_key()).find(|(order, _)| {
            parts
                .get(usize::from(*order))
                .is_none_or(|(given, _)| given != order)
        });
        if let Some((_, attribute)) = missing {
            let attribute = attribute.name().to_owned();
            let error = Error::MissingKey {
                entity_type: entity_type.name().as_str(),
                attribute,
            };
            return Err(self.decoder.fail(error));
        }
        let parts = self
            .decoder
            .keys
            .drain(self.keys_mark..)
            .map(|(_, part)| part);
        let identity = Identity::new(entity_type.name(), key(parts));
        self.decoder.stage(&identity, entity_type, self.slots_mark);
        Ok(identity)
    }
}

/// Keys of one part, nearly all, are made without a list.
fn key(mut parts: impl ExactSizeIterator<Item = KeyPart>) -> Key {
    match parts.len() {
        1 => parts
            .next()
            .map_or_else(|| Key::composite(Vec::<KeyPart>::new()), Key::from),
        _ => Key::composite(parts),
    }
}

struct FieldSeed<'s> {
    entity_type: Option<&'s Arc<EntityType>>,
    keep_name: bool,
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = Field;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldSeed<'_> {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an attribute name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Field, E> {
        if let Some(position) = self
            .entity_type
            .and_then(|entity_type| entity_type.position(name))
        {
            return Ok(Field::Attribute(position));
        }
        Ok(match name {
            "__entity_type__" => Field::EntityType,
            _ => Field::Unknown(self.keep_name.then(|| name.to_owned())),
        })
    }
}

/// Reads the name of the concrete type.
struct TypeSeed<'r, 'd, 's, 'de>(&'r mut EntityReader<'d, 's, 'de>);

impl<'de> DeserializeSeed<'de> for TypeSeed<'_, '_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TypeSeed<'_, '_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of an entity type")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<(), E> {
        self.0.name_type(name)
    }
}

/// Reads the value of the attribute at a position.
struct AttributeSeed<'r, 'd, 's, 'de>(&'r mut EntityReader<'d, 's, 'de>, AttributePosition);

impl<'de> DeserializeSeed<'de> for AttributeSeed<'_, '_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self(reader, position) = self;
        let Some(entity_type) = reader.entity_type else {
            return Err(D::Error::custom("an attribute without an entity type"));
        };
        let attribute = entity_type.at(position);
        if let Some(order) = attribute.key_position {
            if let Some(part) = deserializer.deserialize_any(KeyPartVisitor)? {
                reader.decoder.keys.push((order, part));
            }
            return Ok(());
        }
        let value = ValueSeed {
            decoder: &mut *reader.decoder,
            attribute,
        }
        .deserialize(deserializer)?;
        reader.decoder.slots.push((position, value));
        Ok(())
    }
}

/// A part of a key: text, or a number, which is kept as its text.
struct KeyPartVisitor;

impl Visitor<'_> for KeyPartVisitor {
    type Value = Option<KeyPart>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of a primary key")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(KeyPart::from(text)))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(KeyPart::from(number.to_string())))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(KeyPart::from(number.to_string())))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
