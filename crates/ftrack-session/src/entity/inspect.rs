//! What is known of single attributes of an entity.

use std::fmt;

use ftrack_entity::{Attribute, AttributeKind, AttributePosition, EntityState, Value};

use super::Entity;
use crate::error::Result;
use crate::session::Session;

/// An attribute of one entity: what kind it is, and which values are known. Nothing is loaded by asking.
///
/// See the product documentation, reference of `attribute`.
///
/// ```
/// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// task.set("bid", 8)?;
/// let bid = task.attribute("bid")?;
/// assert!(bid.is_modified() && bid.is_mutable());
/// println!("{:?} on the server, {:?} here", bid.remote_value(), bid.local_value());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct EntityAttribute<'a> {
    entity: &'a Entity,
    attribute: &'a Attribute,
    position: AttributePosition,
}

impl Entity {
    /// The attribute of this name, as it is on this entity.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is no such attribute.
    pub fn attribute(&self, name: &str) -> Result<EntityAttribute<'_>> {
        let position = self.definition().position_of(name)?;
        Ok(EntityAttribute {
            entity: self,
            attribute: &self.definition()[position],
            position,
        })
    }

    /// All attributes, as they are on this entity.
    pub fn attributes(&self) -> impl Iterator<Item = EntityAttribute<'_>> {
        let attributes = self.definition().positioned_attributes();
        attributes.map(|(position, attribute)| EntityAttribute {
            entity: self,
            attribute,
            position,
        })
    }

    /// The attribute at `position` of the entity's type, counted from 0 as in
    /// [`EntityType::attributes`](ftrack_entity::EntityType::attributes).
    pub fn attribute_at(&self, position: usize) -> Option<EntityAttribute<'_>> {
        let position = self.definition().position_at(position)?;
        Some(EntityAttribute {
            entity: self,
            attribute: &self.definition()[position],
            position,
        })
    }

    /// The attributes that make up the primary key, in order, with their values.
    pub fn primary_key(&self) -> Vec<(&str, String)> {
        let names = self.definition().primary_key();
        let parts = self.identity().key().parts();
        names
            .zip(parts)
            .map(|(attribute, part)| (attribute.name(), part.to_string()))
            .collect()
    }
}

impl Session {
    /// What recorded operations make of each of `entities`, which belong to this session, at one moment.
    ///
    /// ```
    /// use ftrack_session::{EntityState, values};
    ///
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let new = session.create("User", values! { "username": "martin" })?;
    /// let known = session.query("User").first()?.unwrap_or_else(|| new.clone());
    /// assert_eq!(session.states([&new, &known]), [Some(EntityState::Created), None]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn states<'e>(
        &self,
        entities: impl IntoIterator<Item = &'e Entity>,
    ) -> Vec<Option<EntityState>> {
        // The iterator is the caller's: it runs before anything is locked.
        let identities: Vec<_> = entities.into_iter().map(Entity::identity).collect();
        let recorder = self.recorder();
        let states = identities
            .into_iter()
            .map(|identity| recorder.state(identity));
        states.collect()
    }
}

impl<'a> EntityAttribute<'a> {
    /// Where records keep its value.
    pub(super) fn position(&self) -> AttributePosition {
        self.position
    }

    /// The name.
    pub fn name(&self) -> &'a str {
        self.attribute.name()
    }

    /// What its values are.
    pub fn kind(&self) -> AttributeKind {
        self.attribute.kind()
    }

    /// Whether it can be changed once it has a value.
    pub fn is_mutable(&self) -> bool {
        self.attribute.is_mutable() && !self.attribute.is_key()
    }

    /// Whether the server computes it on reading, so that it should not be kept for long.
    pub fn is_computed(&self) -> bool {
        self.attribute.is_computed()
    }

    /// The value of a new entity that is created without one; `"{uid}"` stands for a fresh id.
    pub fn default(&self) -> Option<&'a serde_json::Value> {
        self.attribute.default()
    }

    /// The attribute as all entities of the type have it.
    pub fn definition(&self) -> &'a Attribute {
        self.attribute
    }

    /// The value that is known: the local one, else that of the server, else [`Value::NotSet`]. Nothing is loaded.
    pub fn known_value(&self) -> Value {
        self.entity.record().value(self.position)
    }

    /// The value that was set here and is not committed yet; [`Value::NotSet`] if there is none.
    pub fn local_value(&self) -> Value {
        if self.attribute.is_key() {
            return Value::NotSet;
        }
        self.entity.record().local_value(self.position)
    }

    /// The value that the server sent; [`Value::NotSet`] if it has sent none.
    pub fn remote_value(&self) -> Value {
        self.entity.record().remote_value(self.position)
    }

    /// Whether any value is known.
    pub fn is_set(&self) -> bool {
        !self.entity.record().read(self.position, Value::is_not_set)
    }

    /// Whether a value was set here that differs from the one that the server sent. If it has sent none, any value
    /// differs.
    pub fn is_modified(&self) -> bool {
        let local = self.local_value();
        !local.is_not_set() && local != self.remote_value()
    }
}

impl fmt::Debug for EntityAttribute<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}.{}>", self.entity.entity_type(), self.name())
    }
}
