//! Custom attributes: values by key, as the studio has configured them.

mod class;
mod configuration;
mod dense;
mod sparse;

use ftrack_entity::{AttributeKind, Value};

pub(crate) use self::configuration::Configurations;
use crate::mapping::mapping;
use crate::{Entity, Error, ErrorKind, Result};

/// The name of the attribute.
const CUSTOM_ATTRIBUTES: &str = "custom_attributes";

/// The entity type of values that exist only where one was set.
const SPARSE: &str = "CustomAttributeValue";

/// The custom attributes of an entity: values by key (product documentation, "Using custom attributes").
///
/// A view: it always shows what the entity has at the moment. Which keys there are is configured on the server;
/// values of other keys cannot be set. An attribute that is inherited reads as what is set on the entity itself, and an
/// expression as its text.
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// let shot = session.query("Shot where name is \"bunny_010\"").one()?;
/// let custom_attributes = shot.custom_attributes()?;
/// for (key, value) in custom_attributes.items()? {
///     println!("{key}: {value:?}");
/// }
/// let start: i64 = custom_attributes.get("fstart")?;
/// custom_attributes.set("fend", start + 120)?;
/// session.commit()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CustomAttributes {
    owner: Entity,
    storage: Storage,
}

/// How the server keeps values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    /// There is a row for every configuration that applies to the entity, whether or not a value was set.
    Dense,
    /// There is a row where a value was set; elsewhere the default of the configuration counts. Older servers.
    Sparse,
}

impl Entity {
    /// The entity's custom attributes, to read and to change. They are loaded, with their values, if they are not
    /// known.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`] if entities of this type have none, [`ErrorKind::NotLoaded`] if they are not
    /// known and loading is switched off, and the errors of loading.
    #[track_caller]
    pub fn custom_attributes(&self) -> Result<CustomAttributes> {
        self.collection(CUSTOM_ATTRIBUTES)?;
        let attribute = self.definition().attribute(CUSTOM_ATTRIBUTES)?;
        let storage = match attribute.kind() {
            AttributeKind::MappedCollection(target) if target.as_str() == SPARSE => Storage::Sparse,
            _ => Storage::Dense,
        };
        Ok(CustomAttributes {
            owner: self.clone(),
            storage,
        })
    }
}

impl CustomAttributes {
    /// The keys: those that are configured for the entity. Of an entity that is new, and whose values are not on the
    /// server yet, those that were set.
    ///
    /// # Errors
    ///
    /// The errors of loading.
    #[track_caller]
    pub fn keys(&self) -> Result<Vec<String>> {
        match self.storage {
            Storage::Dense => dense::keys(&self.owner),
            Storage::Sparse => sparse::keys(&self.owner),
        }
    }

    /// The value of `key`; `None` if there is no such key.
    ///
    /// # Errors
    ///
    /// The errors of loading.
    #[track_caller]
    pub fn value(&self, key: &str) -> Result<Option<Value>> {
        match self.storage {
            Storage::Dense => dense::value(&self.owner, key),
            Storage::Sparse => sparse::value(&self.owner, key),
        }
    }

    /// Sets the value of `key`. Whether the value fits the configuration is checked by the server when it is
    /// committed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if no such key is configured for the entity, [`ErrorKind::WrongType`] for what is no
    /// plain value, and the errors of loading.
    #[track_caller]
    pub fn set(&self, key: &str, value: impl Into<Value>) -> Result<()> {
        let value = value.into();
        if matches!(value, Value::Reference(_) | Value::Collection(_)) {
            return Err(Error::new(
                ErrorKind::WrongType,
                format!(
                    "the custom attribute {key:?} takes a plain value, not {}",
                    value.kind()
                ),
            )
            .with_detail("key", key));
        }
        self.owner.check_alive()?;
        match self.storage {
            Storage::Dense => dense::set(&self.owner, key, value),
            Storage::Sparse => sparse::set(&self.owner, key, value),
        }
    }

    /// Sets the values of several keys, one after the other.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set), for the first key that cannot be set.
    #[track_caller]
    pub fn update<K: AsRef<str>>(&self, items: impl IntoIterator<Item = (K, Value)>) -> Result<()> {
        for (key, value) in items {
            self.set(key.as_ref(), value)?;
        }
        Ok(())
    }

    /// Removes the value of `key`, which leaves the default of its configuration, and says whether there was one.
    ///
    /// # Errors
    ///
    /// The errors of loading.
    #[track_caller]
    pub fn remove(&self, key: &str) -> Result<bool> {
        match self.storage {
            Storage::Dense => dense::remove(&self.owner, key),
            Storage::Sparse => sparse::remove(&self.owner, key),
        }
    }
}

mapping! { CustomAttributes, "custom attributes" }
