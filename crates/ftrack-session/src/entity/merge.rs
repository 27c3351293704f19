//! Values of one entity taken over by another.

use ftrack_entity::Value;

use super::{Entity, checked_position};
use crate::{Error, ErrorKind, Result, Session};

/// A value that was taken over by [`Entity::merge`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EntityChange {
    /// Which of the attribute's values it is.
    pub side: ValueSide,
    /// The name of the attribute.
    pub name: String,
    /// The value before.
    pub old_value: Value,
    /// The value now.
    pub new_value: Value,
}

/// The two values that an attribute can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueSide {
    /// The one that was set and not committed.
    Local,
    /// The one that the server sent.
    Remote,
}

impl Entity {
    /// Takes over what is known of `other`, an entity of the same type, and says what that changed. Local values
    /// become local values here, and are recorded; values of the server become values of the server. What is not known
    /// of `other` stays as it is, and so does the primary key.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity, text: &str) -> ftrack_session::Result<()> {
    /// // As it was written down elsewhere.
    /// let other = task.session().decode(text)?;
    /// for entity in other.entities() {
    ///     for change in task.merge(&entity)? {
    ///         println!("{}: {:?} -> {:?}", change.name, change.old_value, change.new_value);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if `other` is of another type, and [`ErrorKind::ImmutableAttribute`] if it has a
    /// local value that cannot be set here. Nothing is taken over then.
    pub fn merge(&self, other: &Self) -> Result<Vec<EntityChange>> {
        let (remote, local) = self.differences(other)?;
        for (name, _, value) in &local {
            let position = checked_position(self.definition(), name, value)?;
            self.check_mutable(position, value)?;
        }
        let mut changes = Vec::new();
        for (name, position, new_value) in remote {
            let old_value = self.record().remote_value(position);
            self.record().set_remote(position, new_value.clone());
            changes.push(EntityChange {
                side: ValueSide::Remote,
                name,
                old_value,
                new_value,
            });
        }
        for (name, position, new_value) in local {
            let old_value = self.record().local_value(position);
            self.session()
                .set_value(self.record(), position, new_value.clone());
            changes.push(EntityChange {
                side: ValueSide::Local,
                name,
                old_value,
                new_value,
            });
        }
        Ok(changes)
    }

    /// The values of `other` that differ from those here: the server's, and local ones.
    fn differences(&self, other: &Self) -> Result<(Differences, Differences)> {
        if self.entity_type() != other.entity_type() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{other:?} cannot be merged into {self:?}: they are of different types"),
            ));
        }
        let (mut remote, mut local) = (Vec::new(), Vec::new());
        // The other entity may come from another server, whose type has its attributes in another order.
        for theirs in other
            .attributes()
            .filter(|theirs| !theirs.definition().is_key())
        {
            let Some(position) = self.definition().position(theirs.name()) else {
                continue;
            };
            let name = theirs.name().to_owned();
            let value = theirs.remote_value();
            if !value.is_not_set() && value != self.record().remote_value(position) {
                remote.push((name.clone(), position, value));
            }
            let value = theirs.local_value();
            if !value.is_not_set() && value != self.record().local_value(position) {
                local.push((name, position, value));
            }
        }
        Ok((remote, local))
    }
}

type Differences = Vec<(String, u16, Value)>;

impl Session {
    /// The entity of this session that is the same as `entity`, which may come from [`decode`](Self::decode) or from
    /// another session, with its values taken over. Nothing is recorded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no such type, else as [`Entity::merge`].
    pub fn merge(&self, entity: &Entity) -> Result<Entity> {
        let attached = self.entity(entity.identity())?;
        if !std::sync::Arc::ptr_eq(attached.record(), entity.record()) {
            let _unrecorded = self.operation_recording(false);
            attached.merge(entity)?;
        }
        Ok(attached)
    }
}
