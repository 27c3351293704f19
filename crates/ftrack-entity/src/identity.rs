//! What makes two entities the same.

use std::fmt;

use crate::key::Key;
use crate::name::EntityTypeName;

/// The concrete entity type and primary key of an entity.
///
/// ```
/// use ftrack_entity::Identity;
///
/// let status = Identity::new("Status", "44dd9fb2-4164-11df-9218-0019bb4983d8");
/// assert_eq!(status.to_string(), "Status(44dd9fb2-4164-11df-9218-0019bb4983d8)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    entity_type: EntityTypeName,
    key: Key,
}

impl Identity {
    /// The identity of the entity of this type with this key.
    pub fn new(entity_type: impl Into<EntityTypeName>, key: impl Into<Key>) -> Self {
        Self {
            entity_type: entity_type.into(),
            key: key.into(),
        }
    }

    /// The concrete entity type.
    pub fn entity_type(&self) -> EntityTypeName {
        self.entity_type
    }

    /// The primary key.
    pub fn key(&self) -> &Key {
        &self.key
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({})", self.entity_type, self.key)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
