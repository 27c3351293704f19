//! The entities behind the keys of metadata.

use std::sync::Arc;

use ftrack_entity::{EntityType, Identity, Key, KeyPart, Record, Value};

use super::{METADATA, ROW_TYPE};
use crate::entity::checked_position;
use crate::session::Recorder;
use crate::{Error, ErrorKind, Result, Session};

/// The entities behind the keys of one entity's metadata, to be changed under the lock of the operation log.
///
/// What is recorded, and in which order, is what the official client records, so that a server is told the same
/// story by both.
pub(crate) struct MetadataRows<'a> {
    session: &'a Session,
    owner: Arc<Record>,
    /// Where the owner has its metadata.
    position: u16,
    row_type: &'a Arc<EntityType>,
    /// Where rows have their value, and the type of the owner.
    value: u16,
    parent_type: Option<u16>,
}

impl<'a> MetadataRows<'a> {
    /// The rows of `owner`, which has metadata.
    pub(crate) fn of(session: &'a Session, owner: Arc<Record>) -> Result<Self> {
        let row_type = session.definition(ROW_TYPE)?;
        let position = |entity_type: &EntityType, name: &str| {
            entity_type.attribute(name)?;
            entity_type.position(name).ok_or_else(|| {
                Error::new(
                    ErrorKind::UnknownAttribute,
                    format!("no attribute {name:?}"),
                )
            })
        };
        Ok(Self {
            session,
            position: position(owner.entity_type(), METADATA)?,
            owner,
            row_type,
            value: position(row_type, "value")?,
            parent_type: row_type.position("parent_type"),
        })
    }

    /// Refuses values that no row can hold.
    pub(crate) fn check(&self, items: &[(String, Value)]) -> Result<()> {
        for (_, value) in items {
            checked_position(self.row_type, "value", value)?;
        }
        Ok(())
    }

    pub(crate) fn check_mutable(&self) -> Result<()> {
        let attribute = &self.owner.entity_type().attributes()[usize::from(self.position)];
        if attribute.is_mutable() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ImmutableCollection,
            format!("cannot modify the metadata of {}", self.owner.identity()),
        )
        .with_detail("entity", self.owner.identity().to_string())
        .with_detail("attribute", METADATA))
    }

    /// Sets the value of `key`: that of the row there is, else that of a new one.
    pub(crate) fn set(&self, recorder: &mut Recorder<'_>, key: &str, value: Value) {
        let identity = self.identity(key);
        let row = self
            .session
            .records()
            .get_or_insert(&identity, self.row_type);
        let mut members = self.members();
        if members.contains(&identity) {
            recorder.set(&row, self.value, value);
            return;
        }
        let parent_type = Value::from(self.owner.identity().entity_type().as_str());
        let data = self.parent_type.map(|position| (position, parent_type));
        let data = data.into_iter().chain([(self.value, value)]).collect();
        recorder.create(&row, data);
        members.push(identity);
        recorder.set(&self.owner, self.position, members.into());
    }

    /// Takes the row of `key` out and deletes it; says whether it was there.
    pub(crate) fn remove(&self, recorder: &mut Recorder<'_>, key: &str) -> bool {
        let identity = self.identity(key);
        let mut members = self.members();
        let Some(index) = members.iter().position(|member| *member == identity) else {
            return false;
        };
        members.remove(index);
        recorder.set(&self.owner, self.position, members.into());
        let row = self
            .session
            .records()
            .get_or_insert(&identity, self.row_type);
        recorder.delete(&row);
        true
    }

    /// Deletes the rows whose keys are not among `items` and sets the others. The owner is told its new rows last,
    /// when all of them have been created.
    pub(crate) fn replace(&self, recorder: &mut Recorder<'_>, items: Vec<(String, Value)>) {
        let keys = self.members();
        let keys = keys.iter().filter_map(|row| row.key().part(1));
        for key in keys.map(KeyPart::to_string) {
            if items.iter().all(|(named, _)| *named != key) {
                self.remove(recorder, &key);
            }
        }
        for (key, value) in items {
            self.set(recorder, &key, value);
        }
        recorder.set(&self.owner, self.position, self.members().into());
    }

    fn members(&self) -> Vec<Identity> {
        let members = |value: &Value| value.as_collection().map(<[Identity]>::to_vec);
        self.owner.read(self.position, members).unwrap_or_default()
    }

    fn identity(&self, key: &str) -> Identity {
        let owner = self.owner.identity().key();
        let parts = owner.parts().iter().take(1).cloned();
        let key = Key::composite(parts.chain([KeyPart::from(key)]));
        Identity::new(self.row_type.name(), key)
    }
}
