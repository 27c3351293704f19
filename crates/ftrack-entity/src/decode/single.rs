//! Entities apart from any answer.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::entity::EntitySeed;
use super::{Decoder, Reader, Staged};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::schema::Schema;

/// Reads an object that is an entity, its type, its key and values, or a list of such objects: their identities, and
/// all that is said of them and of the entities in them.
///
/// ```
/// use ftrack_entity::{IdentityMap, Schema, Value, decode_entities};
///
/// let schema = Schema::from_json(br#"[{"id": "Status", "primary_key": ["id"],
///     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#)?;
/// let text = br#"{"__entity_type__": "Status", "id": "a", "name": "Done"}"#;
/// let (identities, staged) = decode_entities(text, &schema)?;
/// assert_eq!(identities[0].to_string(), "Status(a)");
///
/// let records = IdentityMap::new();
/// let held = records.merge(staged, &records.begin_request());
/// assert!(!held.records()[0].is_bare());
/// # Ok::<(), ftrack_entity::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Malformed`] if `text` is neither, [`Error::UnknownEntityType`] if it speaks of a type that `schema` does
/// not have, and [`Error::MissingKey`] if an entity has no key.
pub fn decode_entities(text: &[u8], schema: &Schema) -> Result<(Vec<Identity>, Staged)> {
    let mut decoder = Decoder::new(schema);
    match (decoder.read(text, Entities), decoder.failure.take()) {
        (_, Some(failure)) => Err(failure),
        (Err(source), None) => Err(Error::malformed("the entity", source)),
        (Ok(identities), None) => Ok((identities, decoder.staged)),
    }
}

struct Entities;

impl<'s> Reader<'s, Vec<Identity>> for Entities {
    fn read<'de, D: Deserializer<'de>>(
        self,
        decoder: &mut Decoder<'s>,
        json: D,
    ) -> Result<Vec<Identity>, D::Error> {
        json.deserialize_any(EntitiesVisitor(decoder))
    }
}

struct EntitiesVisitor<'d, 's>(&'d mut Decoder<'s>);

impl<'de> Visitor<'de> for EntitiesVisitor<'_, '_> {
    type Value = Vec<Identity>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an entity, which is an object with __entity_type__, or a list of such")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Identity>, A::Error> {
        let map = serde::de::value::MapAccessDeserializer::new(map);
        let (decoder, expected) = (self.0, None);
        Ok(vec![EntitySeed { decoder, expected }.deserialize(map)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Identity>, A::Error> {
        let mut identities = Vec::new();
        while let Some(identity) = list.next_element_seed(EntitySeed {
            decoder: &mut *self.0,
            expected: None,
        })? {
            identities.push(identity);
        }
        Ok(identities)
    }
}
