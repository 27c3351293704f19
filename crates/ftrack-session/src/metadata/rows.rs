//! The entities behind the keys of metadata.

use std::sync::Arc;

use ftrack_entity::{AttributePosition, EntityType, Identity, Key, KeyPart, Record, Value};

use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::metadata_items::{METADATA, ROW_TYPE};
use crate::session::Recorder;
use crate::session::Session;

/// The entities behind the keys of one entity's metadata, to be changed under the lock of the operation log.
///
/// What is recorded, and in which order, is what the official client records, so that a server is told the same
/// story by both.
pub(crate) struct MetadataRows<'a> {
    session: &'a Session,
    owner: Arc<Record>,
    /// Where the owner has its metadata.
    position: AttributePosition,
    row_type: &'a Arc<EntityType>,
    /// Where rows have their value, and the type of the owner.
    value: AttributePosition,
    parent_type: Option<AttributePosition>,
}

/// All keys that there are to be.
pub(crate) struct Replacement {
    items: Vec<(String, Value)>,
    /// Keys that stay as they are.
    kept: Vec<String>,
}

impl<'a> MetadataRows<'a> {
    /// The rows of `owner`, which has metadata.
    pub(crate) fn new(session: &'a Session, owner: Arc<Record>) -> Result<Self> {
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

    /// The values of these keys as rows hold them, after hooks have seen them. Servers take numbers for text here.
    pub(crate) fn accept(
        &self,
        owner: &Entity,
        items: Vec<(String, Value)>,
    ) -> Result<Vec<(String, Value)>> {
        // A hook sees what can be written, and what it makes of that has to be so, too.
        for (key, value) in &items {
            Session::accept_keyed(owner, METADATA, key, value.clone())?;
        }
        let items = self.session.hooked_items(owner, METADATA, items)?;
        let has_hooks = self.session.entity_types().has_write_hooks();
        let accepted = items.into_iter().map(|(key, value)| {
            let value = Session::accept_keyed(owner, METADATA, &key, value)?;
            if !has_hooks {
                return Ok((key, value));
            }
            let row = self.session.entity(&self.identity(&key))?;
            let value = self.session.hooked(&row, self.value, value)?;
            Ok((key, value))
        });
        accepted.collect()
    }

    /// As [`accept`](Self::accept) for all values that there are to be. Hooks see the keys that go with the value null:
    /// what a hook leaves out of these stays, and what it gives another value gets it.
    pub(crate) fn accept_replacement(
        &self,
        owner: &Entity,
        items: Vec<(String, Value)>,
    ) -> Result<Replacement> {
        if !self.session.entity_types().has_write_hooks() {
            let items = self.accept(owner, items)?;
            return Ok(Replacement {
                items,
                kept: Vec::new(),
            });
        }
        let is_named = |key: &String| items.iter().any(|(named, _)| named == key);
        let going: Vec<String> = self.keys().filter(|key| !is_named(key)).collect();
        let removals = going.iter().map(|key| (key.clone(), Value::Null));
        let seen = items.iter().cloned().chain(removals).collect();
        let (removed, items): (Vec<_>, Vec<_>) = self
            .accept(owner, seen)?
            .into_iter()
            .partition(|(key, value)| value.is_null() && going.contains(key));
        let is_removed = |key: &String| removed.iter().any(|(removed, _)| removed == key);
        let kept = going.into_iter().filter(|key| !is_removed(key)).collect();
        Ok(Replacement { items, kept })
    }

    pub(crate) fn check_mutable(&self) -> Result<()> {
        let attribute = &self.owner.entity_type()[self.position];
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

    /// Whether there is a row of `key`.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.members().contains(&self.identity(key))
    }

    /// Deletes the rows that do not stay and sets the others. The owner is told its new rows last, when all of them
    /// have been created.
    pub(crate) fn replace(&self, recorder: &mut Recorder<'_>, replacement: Replacement) {
        let Replacement { items, kept } = replacement;
        for key in self.keys() {
            if items.iter().all(|(named, _)| *named != key) && !kept.contains(&key) {
                self.remove(recorder, &key);
            }
        }
        for (key, value) in items {
            self.set(recorder, &key, value);
        }
        recorder.set(&self.owner, self.position, self.members().into());
    }

    fn keys(&self) -> impl Iterator<Item = String> + use<> {
        let keys = self.members().into_iter();
        keys.filter_map(|row| row.key().part(1).map(KeyPart::to_string))
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
