//! Answers of a server, read in one pass.
//!
//! The text goes straight into values by attribute position: there is no JSON tree in between. Entities are staged
//! first and merged when the whole answer has been read, so a broken answer changes nothing.

mod entity;
mod reply;
mod single;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::Deserializer;

pub use self::reply::{Answer, Expected, Rejection, Reply, decode_batch};
pub use self::single::decode_entities;
use crate::error::Error;
use crate::identity::Identity;
use crate::json::Compact;
use crate::key::KeyPart;
use crate::schema::{AttributePosition, EntityType, Schema};
use crate::value::Value;

/// The entities of an answer, in the order of their first mention, ready to be merged into an
/// [`IdentityMap`](crate::IdentityMap).
#[derive(Debug, Default)]
pub struct Staged {
    pub(crate) entities: Vec<StagedEntity>,
    /// The values of all entities, one after the other: an answer costs one growing list, not a list per entity.
    pub(crate) values: Vec<(AttributePosition, Value)>,
}

#[derive(Debug)]
pub(crate) struct StagedEntity {
    pub(crate) identity: Identity,
    pub(crate) entity_type: Arc<EntityType>,
    /// How many of the values are this entity's, sorted by position.
    pub(crate) values: usize,
}

impl Staged {
    /// How many entities there are; one that is spelled out several times counts as often.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether there are no entities.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The identities, in the order of their first mention.
    pub fn identities(&self) -> impl ExactSizeIterator<Item = &Identity> {
        self.entities.iter().map(|entity| &entity.identity)
    }
}

/// What is carried along while an answer is read.
///
/// `slots` and `keys` are stacks shared by the entities that are being read: one that contains another has its
/// entries below the other's.
struct Decoder<'s> {
    schema: &'s Schema,
    slots: Vec<(AttributePosition, Value)>,
    keys: Vec<(u16, KeyPart)>,
    members: Vec<Identity>,
    compact: Compact,
    staged: Staged,
    /// The entities that are staged.
    seen: FxHashSet<Identity>,
    /// The reason why reading was stopped, where it is not a fault of the JSON.
    failure: Option<Error>,
}

/// What is read of a whole body: from text, or from bytes that might be none.
trait Reader<'s, T> {
    fn read<'de, D: Deserializer<'de>>(
        self,
        decoder: &mut Decoder<'s>,
        json: D,
    ) -> Result<T, D::Error>;
}

impl<'s> Decoder<'s> {
    fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            slots: Vec::new(),
            keys: Vec::new(),
            members: Vec::new(),
            compact: Compact::default(),
            staged: Staged::default(),
            seen: FxHashSet::default(),
            failure: None,
        }
    }

    /// Reads `body`, all of it.
    ///
    /// Whether it is UTF-8 is found out once, for all of it, which takes a fraction of the time of asking it of each
    /// text. If it is not, reading says where.
    fn read<T>(&mut self, body: &[u8], reader: impl Reader<'s, T>) -> serde_json::Result<T> {
        match std::str::from_utf8(body) {
            Ok(text) => self.read_all(serde_json::Deserializer::from_str(text), reader),
            Err(_) => self.read_all(serde_json::Deserializer::from_slice(body), reader),
        }
    }

    fn read_all<'de, T, R: serde_json::de::Read<'de>>(
        &mut self,
        mut json: serde_json::Deserializer<R>,
        reader: impl Reader<'s, T>,
    ) -> serde_json::Result<T> {
        let read = reader.read(self, &mut json)?;
        json.end().map(|()| read)
    }

    /// Stops reading with an error that is ours; the JSON reader only learns that there is one.
    fn fail<E: serde::de::Error>(&mut self, error: Error) -> E {
        let reason = E::custom(&error);
        self.failure = Some(error);
        reason
    }

    /// Stages an entity whose values are those above `mark`. A bare reference to one that is staged adds nothing.
    fn stage(&mut self, identity: &Identity, entity_type: &Arc<EntityType>, mark: usize) {
        let values = self.slots.len() - mark;
        if !self.seen.insert(identity.clone()) && values == 0 {
            return;
        }
        let slots = &mut self.slots[mark..];
        if !slots.is_sorted_by_key(|(position, _)| *position) {
            slots.sort_unstable_by_key(|(position, _)| *position);
        }
        self.staged.values.extend(self.slots.drain(mark..));
        let entity_type = Arc::clone(entity_type);
        self.staged.entities.push(StagedEntity {
            identity: identity.clone(),
            entity_type,
            values,
        });
    }
}
