//! A type of a schema, read when it is first needed.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::{EntityType, parse};
use crate::name::EntityTypeName;

/// A type, or where it is in the text of its schema.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    name: EntityTypeName,
    place: Option<Range<usize>>,
    known: OnceLock<Arc<EntityType>>,
}

impl Entry {
    /// The type of this name, which is at `place`.
    pub(super) fn unread(name: EntityTypeName, place: Range<usize>) -> Self {
        Self {
            name,
            place: Some(place),
            known: OnceLock::new(),
        }
    }

    pub(super) fn name(&self) -> EntityTypeName {
        self.name
    }

    /// Where it is in the text of the schema.
    pub(super) fn place(&self) -> Option<Range<usize>> {
        self.place.clone()
    }

    /// Its part of the text of the schema.
    pub(super) fn text<'text>(&self, text: &'text [u8]) -> Option<&'text [u8]> {
        text.get(self.place.clone()?)
    }

    /// The type, read from the text of the schema if it was not before.
    #[inline]
    pub(super) fn read(&self, text: &[u8]) -> &Arc<EntityType> {
        self.known.get_or_init(|| {
            let read = self.text(text).and_then(|text| parse::one(text).ok());
            let read = read.filter(|read| read.name() == self.name);
            let nothing = || EntityType::new(self.name.as_str(), Vec::new(), &[], Vec::new());
            Arc::new(read.unwrap_or_else(nothing))
        })
    }

    /// Takes `entity_type` in the place of what is read from the text.
    pub(super) fn replace(&mut self, entity_type: EntityType) {
        self.known = OnceLock::from(Arc::new(entity_type));
    }
}

impl From<EntityType> for Entry {
    fn from(entity_type: EntityType) -> Self {
        Self {
            name: entity_type.name(),
            place: None,
            known: OnceLock::from(Arc::new(entity_type)),
        }
    }
}
