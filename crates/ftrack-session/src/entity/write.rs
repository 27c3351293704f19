//! Setting attributes.

use ftrack_entity::{AttributePosition, EntityState, Value};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::metadata_items;

impl Entity {
    /// Sets an attribute. The change is recorded and sent by the next commit; [`Value::NotSet`] takes a local value
    /// back.
    ///
    /// What the schema says of the attribute is checked at once: text for a number, an entity of another type than the
    /// attribute refers to, or a number that JSON cannot carry is an error, and the old value stays. Text that is a
    /// point in time becomes one where the attribute holds points in time.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity, status: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// task.set("bid", 8)?;
    /// task.set("status", status)?;
    /// task.set("description", None::<&str>)?;
    /// task.set("end_date", "2026-11-08T10:00:00")?;
    /// assert!(task.set("bid", f64::NAN).is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`], [`ErrorKind::ImmutableAttribute`] if the attribute has a value that cannot be
    /// changed, [`ErrorKind::WrongType`] if it cannot hold the value, [`ErrorKind::DuplicateItemInCollection`] for a
    /// collection with an entity in it twice, [`ErrorKind::InvalidStateTransition`] if the entity was deleted, and the
    /// errors of hooks.
    #[track_caller]
    pub fn set(&self, name: &str, value: impl Into<Value>) -> Result<()> {
        let session = self.session();
        let (position, value) =
            session.accept(self.definition(), Some(self.identity()), name, value.into())?;
        self.check_mutable(position, &value)?;
        if value.is_not_set() {
            session.set_value(&self.shared_record(), position, value);
            return Ok(());
        }
        self.check_alive()?;
        if let Some(items) = self.metadata_items(position, &value) {
            return self.metadata()?.replace(items);
        }
        let value = session.hooked(self, position, value)?;
        session.set_value(&self.shared_record(), position, value);
        Ok(())
    }

    /// The keys and values of an object that is to replace the metadata of the entity.
    fn metadata_items(
        &self,
        position: AttributePosition,
        value: &Value,
    ) -> Option<Vec<(String, Value)>> {
        let attribute = &self.definition()[position];
        metadata_items::items(value).filter(|_| metadata_items::is_metadata(attribute))
    }

    /// What is recorded as deleted cannot be changed any more: the server would refuse it.
    pub(crate) fn check_alive(&self) -> Result<()> {
        let is_deleted = self.state() == Some(EntityState::Deleted);
        if !is_deleted || !self.session().records_operations() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidStateTransition,
            format!("{self:?} was deleted and cannot be changed; roll back to have it again"),
        )
        .with_detail("entity", self.identity().to_string())
        .with_detail("from", "deleted")
        .with_detail("to", "modified"))
    }

    /// An immutable attribute can be set while it has no value, neither here nor on the server as far as that is known.
    pub(crate) fn check_mutable(&self, position: AttributePosition, value: &Value) -> Result<()> {
        let attribute = &self.definition()[position];
        let has_value = || !self.record().read(position, Value::is_not_set);
        let is_refused = attribute.is_key() || !attribute.is_mutable() && has_value();
        if !is_refused || value.is_not_set() {
            return Ok(());
        }
        let entity = self.identity().clone();
        Err(ftrack_entity::Error::Immutable {
            entity,
            attribute: attribute.name().to_owned(),
        }
        .into())
    }
}
