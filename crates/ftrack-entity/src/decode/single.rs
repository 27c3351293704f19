//! One entity, apart from any answer.

use serde::de::DeserializeSeed;

use super::entity::EntitySeed;
use super::{Decoder, Staged};
use crate::{Error, Identity, Result, Schema};

/// Reads an object that is an entity: its type, its key and values.
///
/// ```
/// use ftrack_entity::{Schema, decode_entity};
///
/// let schema = Schema::from_json(br#"[{"id": "Status", "primary_key": ["id"],
///     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#)?;
/// let text = br#"{"__entity_type__": "Status", "id": "a", "name": "Done"}"#;
/// let (identity, staged) = decode_entity(text, &schema)?;
/// assert_eq!(identity.to_string(), "Status(a)");
/// assert_eq!(staged.len(), 1);
/// # Ok::<(), ftrack_entity::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Malformed`] if `text` is no such object, [`Error::UnknownEntityType`] if it speaks of a type that `schema`
/// does not have, and [`Error::MissingKey`] if an entity has no key.
pub fn decode_entity(text: &[u8], schema: &Schema) -> Result<(Identity, Staged)> {
    let mut decoder = Decoder::new(schema);
    let mut json = serde_json::Deserializer::from_slice(text);
    let seed = EntitySeed {
        decoder: &mut decoder,
        expected: None,
    };
    let outcome = seed
        .deserialize(&mut json)
        .and_then(|identity| json.end().map(|()| identity));
    match (outcome, decoder.failure.take()) {
        (_, Some(failure)) => Err(failure),
        (Err(source), None) => Err(Error::malformed("the entity", source)),
        (Ok(identity), None) => Ok((identity, decoder.staged)),
    }
}
