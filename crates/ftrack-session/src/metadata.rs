//! Metadata: texts by key, on nearly every entity.

mod rows;

use ftrack_entity::Value;

pub(crate) use self::rows::MetadataRows;
use crate::entity::Entity;
use crate::error::Result;
use crate::mapping::mapping;
use crate::metadata_items::METADATA;

/// The metadata of an entity: values by key (product documentation, "Using metadata").
///
/// A view: it always shows what the entity has at the moment. Each key is an entity of its own, of type `Metadata`,
/// which is created, changed and deleted as keys are; all of it is recorded and sent by the next commit.
///
/// ```
/// use ftrack_session::values;
///
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// let sequence = session.query("Sequence").first()?.ok_or_else(|| {
///     ftrack_session::Error::new(ftrack_session::ErrorKind::NoResultFound, "no sequence")
/// })?;
/// let metadata = sequence.metadata()?;
/// metadata.set("frame_padding", "4")?;
/// assert_eq!(metadata.get::<String>("frame_padding")?, "4");
///
/// // What is not named is gone.
/// metadata.replace(values! { "focal_length": "70" })?;
/// assert_eq!(metadata.keys()?, ["focal_length"]);
/// session.commit()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Metadata {
    owner: Entity,
}

impl Entity {
    /// The entity's metadata, to read and to change. It is loaded, with its values, if it is not known; that of a new
    /// entity is empty.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if entities of this type have no metadata,
    /// [`NotLoaded`](crate::ErrorKind::NotLoaded) if it is not known and loading is switched off, and the errors of
    /// loading.
    #[track_caller]
    pub fn metadata(&self) -> Result<Metadata> {
        self.collection(METADATA)?;
        Ok(Metadata {
            owner: self.clone(),
        })
    }
}

impl Metadata {
    /// The keys, oldest first.
    ///
    /// # Errors
    ///
    /// The errors of loading.
    #[track_caller]
    pub fn keys(&self) -> Result<Vec<String>> {
        self.rows()?.iter().map(|row| row.get("key")).collect()
    }

    /// The value of `key`; `None` if there is no such key.
    ///
    /// # Errors
    ///
    /// The errors of loading.
    #[track_caller]
    pub fn value(&self, key: &str) -> Result<Option<Value>> {
        for row in self.rows()? {
            if row.get::<String>("key")? == key {
                return row.value("value").map(Some);
            }
        }
        Ok(None)
    }

    /// Sets the value of `key`, which is added if there is none yet.
    ///
    /// # Errors
    ///
    /// [`WrongType`](crate::ErrorKind::WrongType) for what is not a plain value,
    /// [`ImmutableCollection`](crate::ErrorKind::ImmutableCollection) if the metadata cannot be changed, and the errors
    /// of loading.
    #[track_caller]
    pub fn set(&self, key: &str, value: impl Into<Value>) -> Result<()> {
        self.replace_or_update(false, [(key, value.into())])
    }

    /// Deletes `key` and says whether it was there.
    ///
    /// # Errors
    ///
    /// [`ImmutableCollection`](crate::ErrorKind::ImmutableCollection) if the metadata cannot be changed, and the errors
    /// of loading.
    #[track_caller]
    pub fn remove(&self, key: &str) -> Result<bool> {
        let rows = self.writable()?;
        if !self.owner.session().entity_types().has_write_hooks() {
            return Ok(rows.remove(&mut self.owner.session().recorder(), key));
        }
        if !rows.contains(key) {
            return Ok(false);
        }
        let removal = vec![(key.to_owned(), Value::Null)];
        let items = rows.accept(&self.owner, removal)?;
        let mut recorder = self.owner.session().recorder();
        let mut is_removed = false;
        for (name, value) in items {
            if name == key && value.is_null() {
                is_removed = rows.remove(&mut recorder, key);
            } else {
                rows.set(&mut recorder, &name, value);
            }
        }
        Ok(is_removed)
    }

    /// Replaces all metadata: keys that are not named are deleted, the others are set.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set). Nothing is changed then.
    #[track_caller]
    pub fn replace<K: AsRef<str>>(
        &self,
        items: impl IntoIterator<Item = (K, Value)>,
    ) -> Result<()> {
        self.replace_or_update(true, items)
    }

    /// Sets the values of several keys.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set). Nothing is changed then.
    #[track_caller]
    pub fn update<K: AsRef<str>>(&self, items: impl IntoIterator<Item = (K, Value)>) -> Result<()> {
        self.replace_or_update(false, items)
    }

    #[track_caller]
    fn replace_or_update<K: AsRef<str>>(
        &self,
        replace: bool,
        items: impl IntoIterator<Item = (K, Value)>,
    ) -> Result<()> {
        let items: Vec<(String, Value)> = items
            .into_iter()
            .map(|(key, value)| (key.as_ref().to_owned(), value))
            .collect();
        let rows = self.writable()?;
        if replace {
            let replacement = rows.accept_replacement(&self.owner, items)?;
            rows.replace(&mut self.owner.session().recorder(), replacement);
            return Ok(());
        }
        let items = rows.accept(&self.owner, items)?;
        let mut recorder = self.owner.session().recorder();
        for (key, value) in items {
            rows.set(&mut recorder, &key, value);
        }
        Ok(())
    }

    /// The entities behind the keys.
    #[track_caller]
    fn rows(&self) -> Result<Vec<Entity>> {
        self.owner.collection(METADATA)?.entities()
    }

    /// The entities behind the keys, to be changed; they are loaded.
    #[track_caller]
    fn writable(&self) -> Result<MetadataRows<'_>> {
        self.owner.collection(METADATA)?;
        self.owner.check_alive()?;
        let rows = MetadataRows::new(self.owner.session(), self.owner.shared_record())?;
        rows.check_mutable()?;
        Ok(rows)
    }
}

mapping! { Metadata, "metadata" }
