//! Rows as they are stored.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use crate::catalog::{Catalog, Slot, Source, TypeId, TypeInfo};
use crate::schema::ScalarType;
use crate::value::{Value, parse_moment};

/// Most rows need no more bytes than this.
const ROOM: usize = 512;

/// A row as JSON, by attribute name: it stays readable when attributes are added later.
pub(super) fn encode(catalog: &Catalog, type_id: TypeId, values: &[Value]) -> Vec<u8> {
    let info = catalog.get(type_id);
    let mut out = Vec::with_capacity(ROOM);
    let set = values.iter().enumerate();
    for (slot, value) in set.filter(|(_, value)| !value.is_null()) {
        if let Some(attribute) = info.slot_attribute(slot) {
            out.extend_from_slice(catalog.label(attribute.name).as_bytes());
            value.write(&mut out);
        }
    }
    // Each label begins with the comma after what comes before it.
    match out.first_mut() {
        Some(first) => *first = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
    out
}

/// Reads a row straight into its slots. Names that the schema no longer has are passed over.
pub(super) fn decode(
    catalog: &Catalog,
    type_id: TypeId,
    bytes: &[u8],
) -> Result<Vec<Value>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    RowSeed {
        catalog,
        info: catalog.get(type_id),
    }
    .deserialize(&mut reader)
}

struct RowSeed<'a> {
    catalog: &'a Catalog,
    info: &'a TypeInfo,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = Vec<Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Vec<Value>, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Value>, A::Error> {
        let mut values = vec![Value::Null; self.info.slots.len()];
        let name = NameSeed {
            catalog: self.catalog,
            info: self.info,
        };
        while let Some(found) = map.next_key_seed(name)? {
            let place = found.and_then(|(slot, scalar)| Some((values.get_mut(slot)?, scalar)));
            match place {
                Some((place, scalar)) => *place = map.next_value_seed(ValueSeed(scalar))?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(values)
    }
}

/// Reads the name of an attribute as where it is stored; nothing for one that is not any more.
#[derive(Clone, Copy)]
struct NameSeed<'a> {
    catalog: &'a Catalog,
    info: &'a TypeInfo,
}

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<(Slot, ScalarType)>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<(Slot, ScalarType)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of an attribute")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let name = self.catalog.name_id(name);
        let attribute = name.and_then(|name| self.info.attribute(name));
        Ok(match attribute.map(|found| &found.source) {
            Some(Source::Stored { slot, scalar }) => Some((*slot, *scalar)),
            _ => None,
        })
    }
}

/// Reads a value as an attribute of this type stores it, without a tree of JSON in between where there is no need.
struct ValueSeed(ScalarType);

impl ValueSeed {
    fn read(&self, json: &Json) -> Value {
        match self.0 {
            ScalarType::Variable => Value::variable(json),
            scalar => Value::decode(json, scalar).unwrap_or_default(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(self.read(&value.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(self.read(&number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(self.read(&number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(self.read(&number.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(match self.0 {
            ScalarType::Text | ScalarType::Variable => Value::text(text),
            ScalarType::DateTime => parse_moment(text).map(Value::DateTime).unwrap_or_default(),
            _ => self.read(&text.into()),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Value, A::Error> {
        Ok(self.read(&Json::deserialize(SeqAccessDeserializer::new(list))?))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if self.0 != ScalarType::DateTime {
            return Ok(self.read(&Json::deserialize(MapAccessDeserializer::new(map))?));
        }
        let mut moment = Value::Null;
        while let Some(IsValue(is_value)) = map.next_key()? {
            if is_value {
                moment = map.next_value_seed(ValueSeed(ScalarType::DateTime))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(moment)
    }
}

/// Whether a name is `value`.
struct IsValue(bool);

impl<'de> Deserialize<'de> for IsValue {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = IsValue;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<IsValue, E> {
                Ok(IsValue(name == "value"))
            }
        }
        reader.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;

    #[test]
    fn rows_are_read_as_they_were_written() -> Result<(), serde_json::Error> {
        let catalog = Catalog::new(&Schema::builtin());
        let value = |name: &str, scalar: ScalarType| match scalar {
            ScalarType::Text => Value::text(&format!("{name} \"ü\" \n")),
            ScalarType::Boolean => Value::Bool(true),
            ScalarType::Integer => Value::Int(-7),
            ScalarType::Number => Value::variable(&serde_json::json!(1.5)),
            ScalarType::DateTime => Value::DateTime(1_700_000_000_250_000),
            ScalarType::Variable => Value::variable(&serde_json::json!(["a", "b"])),
            ScalarType::Object => Value::Json("{\"a\":{\"value\":[1,null]}}".into()),
        };
        for info in catalog.types().iter().filter(|info| info.is_concrete) {
            let mut values = vec![Value::Null; info.slots.len()];
            for (slot, place) in values.iter_mut().enumerate().skip(1) {
                *place = value(&info.name, info.slot_scalar(slot));
            }
            let bytes = encode(&catalog, info.id, &values);
            assert_eq!(decode(&catalog, info.id, &bytes)?, values, "{}", info.name);
        }
        let task = catalog.find("Task").map_or(TypeId(0), |info| info.id);
        let other = br#"{"gone":{"value":[1]},"name":"n","bid":null,"start_date":{"__type__":"datetime","value":"never"}}"#;
        let values = decode(&catalog, task, other)?;
        let set = values.iter().filter(|value| !value.is_null());
        assert_eq!(set.collect::<Vec<_>>(), [&Value::text("n")]);
        Ok(())
    }
}
