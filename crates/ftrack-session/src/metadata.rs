//! Metadata: texts by key, on nearly every entity.

mod rows;

use ftrack_entity::{Attribute, AttributeKind, Value};

pub(crate) use self::rows::MetadataRows;
use crate::mapping::mapping;
use crate::{Entity, Result};

/// The name of the attribute.
const METADATA: &str = "metadata";

/// The entity type of what is behind a key.
const ROW_TYPE: &str = "Metadata";

/// Whether the attribute holds metadata.
pub(crate) fn is_metadata(attribute: &Attribute) -> bool {
    matches!(attribute.kind(), AttributeKind::MappedCollection(target) if target.as_str() == ROW_TYPE)
}

/// The keys and values of a JSON object.
pub(crate) fn items(value: &Value) -> Option<Vec<(String, Value)>> {
    match value {
        Value::Json(json) => match json.to_value() {
            serde_json::Value::Object(items) => {
                let items = items.into_iter();
                Some(items.map(|(key, value)| (key, value.into())).collect())
            }
            _ => None,
        },
        _ => None,
    }
}

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
    /// [`WrongType`](crate::ErrorKind::WrongType) for what is no plain value,
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
        let mut recorder = self.owner.session().recorder();
        Ok(rows.remove(&mut recorder, key))
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
        let rows = self.writable()?;
        let items: Vec<(String, Value)> = items
            .into_iter()
            .map(|(key, value)| (key.as_ref().to_owned(), value))
            .collect();
        rows.check(&items)?;
        let mut recorder = self.owner.session().recorder();
        if replace {
            rows.replace(&mut recorder, items);
        } else {
            for (key, value) in items {
                rows.set(&mut recorder, &key, value);
            }
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
        let rows = MetadataRows::of(self.owner.session(), self.owner.shared_record())?;
        rows.check_mutable()?;
        Ok(rows)
    }
}

mapping! { Metadata, "metadata" }
