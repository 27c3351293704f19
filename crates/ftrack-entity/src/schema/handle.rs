//! Attributes that were found once.

use std::fmt;
use std::sync::Arc;

use super::{Attribute, AttributePosition, EntityType, Schema};
use crate::error::Result;

/// An attribute of a type, found once by its name, so that reading it of many entities needs no further look.
///
/// Made by [`Schema::attribute`].
#[derive(Clone)]
pub struct AttributeHandle {
    entity_type: Arc<EntityType>,
    position: AttributePosition,
}

impl Schema {
    /// The attribute `name` of the type `entity_type`.
    ///
    /// ```
    /// use ftrack_entity::Schema;
    ///
    /// let schema = Schema::from_json(br#"[{"id": "Task", "primary_key": ["id"],
    ///     "properties": {"id": {"type": "string"}, "bid": {"type": "number"}}}]"#)?;
    /// let bid = schema.attribute("Task", "bid")?;
    /// assert_eq!(bid.definition().name(), "bid");
    /// assert!(schema.attribute("Task", "bit").is_err());
    /// # Ok::<(), ftrack_entity::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::UnknownEntityType`](crate::Error::UnknownEntityType) and
    /// [`Error::UnknownAttribute`](crate::Error::UnknownAttribute), with the most similar name.
    pub fn attribute(&self, entity_type: &str, name: &str) -> Result<AttributeHandle> {
        let entity_type = Arc::clone(self.entity_type(entity_type)?);
        let position = entity_type
            .position(name)
            .ok_or_else(|| entity_type.unknown_attribute(name))?;
        Ok(AttributeHandle {
            entity_type,
            position,
        })
    }
}

impl AttributeHandle {
    /// The type.
    pub fn entity_type(&self) -> &Arc<EntityType> {
        &self.entity_type
    }

    /// The attribute, as all entities of the type have it.
    pub fn definition(&self) -> &Attribute {
        self.entity_type.at(self.position)
    }

    /// Where records of `entity_type` keep the value, if that is the very type of this handle.
    #[inline]
    pub fn position_in(&self, entity_type: &Arc<EntityType>) -> Option<AttributePosition> {
        Arc::ptr_eq(&self.entity_type, entity_type).then_some(self.position)
    }
}

impl fmt::Debug for AttributeHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.definition().name();
        write!(formatter, "<{}.{name}>", self.entity_type.name())
    }
}
