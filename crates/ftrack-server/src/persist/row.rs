//! Rows as they are stored.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

use crate::catalog::{Catalog, Source, TypeId, TypeInfo};
use crate::schema::model::ScalarType;
use crate::value::Value;

/// A row as JSON, by attribute name: it stays readable when attributes are added later.
pub(super) fn encode(catalog: &Catalog, type_id: TypeId, values: &[Value]) -> Vec<u8> {
    let info = catalog.get(type_id);
    let mut out = vec![b'{'];
    for (slot, value) in values
        .iter()
        .enumerate()
        .filter(|(_, value)| !value.is_null())
    {
        let Some(attribute) = info.slot_attribute(slot) else {
            continue;
        };
        if out.len() > 1 {
            out.push(b',');
        }
        crate::value::write_text(catalog.name(attribute.name), &mut out);
        out.push(b':');
        value.write(&mut out);
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
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let json: Json = map.next_value()?;
            let name = self.catalog.name_id(&name);
            let attribute = name.and_then(|name| self.info.attribute(name));
            if let Some(Source::Stored { slot, scalar }) = attribute.map(|found| &found.source)
                && let Some(place) = values.get_mut(*slot)
            {
                *place = match scalar {
                    ScalarType::Variable => Value::variable(&json),
                    scalar => Value::decode(&json, *scalar).unwrap_or_default(),
                };
            }
        }
        Ok(values)
    }
}
