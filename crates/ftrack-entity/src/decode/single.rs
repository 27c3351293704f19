//! One entity, apart from any answer.

use std::sync::Arc;

use serde::Deserializer;
use serde::de::DeserializeSeed;

use super::entity::EntitySeed;
use super::{Decoder, Reader, Staged};
use crate::{Error, Identity, Record, Result, Schema};

/// Reads an object that is an entity, its type, its key and values, into a record that belongs to no map. What is said
/// of the entities that it refers to is left out.
///
/// ```
/// use ftrack_entity::{Schema, Value, decode_entity};
///
/// let schema = Schema::from_json(br#"[{"id": "Status", "primary_key": ["id"],
///     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#)?;
/// let text = br#"{"__entity_type__": "Status", "id": "a", "name": "Done"}"#;
/// let record = decode_entity(text, &schema)?;
/// assert_eq!(record.identity().to_string(), "Status(a)");
/// assert_eq!(record.value(1), Value::from("Done"));
/// # Ok::<(), ftrack_entity::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Malformed`] if `text` is no such object, [`Error::UnknownEntityType`] if it speaks of a type that `schema`
/// does not have, and [`Error::MissingKey`] if an entity has no key.
pub fn decode_entity(text: &[u8], schema: &Schema) -> Result<Arc<Record>> {
    let mut decoder = Decoder::new(schema);
    match (decoder.read(text, OneEntity), decoder.failure.take()) {
        (_, Some(failure)) => Err(failure),
        (Err(source), None) => Err(Error::malformed("the entity", source)),
        (Ok(identity), None) => Ok(record(&identity, schema, decoder.staged)?),
    }
}

struct OneEntity;

impl<'s> Reader<'s, Identity> for OneEntity {
    fn read<'de, D: Deserializer<'de>>(
        self,
        decoder: &mut Decoder<'s>,
        json: D,
    ) -> Result<Identity, D::Error> {
        let expected = None;
        EntitySeed { decoder, expected }.deserialize(json)
    }
}

/// The record of `identity`, with all that is staged for it.
fn record(identity: &Identity, schema: &Schema, staged: Staged) -> Result<Arc<Record>> {
    let entity_type = schema.entity_type(identity.entity_type().as_str())?;
    let record = Record::new(identity.clone(), Arc::clone(entity_type));
    let mut values = staged.values.into_iter();
    for entity in &staged.entities {
        let values = values.by_ref().take(entity.values);
        if entity.identity == *identity {
            record.merge(values, 0);
        } else {
            values.for_each(drop);
        }
    }
    Ok(Arc::new(record))
}
