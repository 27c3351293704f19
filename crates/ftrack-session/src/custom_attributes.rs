//! Custom attributes: values by key, as the studio has configured them.

mod class;
mod configuration;
mod dense;
mod options;
mod sparse;

pub(crate) use self::class::{Class, class_word};
use ftrack_entity::{AttributeKind, Identity, Value};
use rustc_hash::FxHashSet;

use crate::entity::Entity;
use crate::entity::keys::no_such_key;
use crate::error::Result;
use crate::mapping::mapping;
use crate::metadata_items::{CUSTOM_ATTRIBUTES, SPARSE};
use crate::session::Session;

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
    /// [`ErrorKind::UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if entities of this type have none,
    /// [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if they are not known and loading is switched off, and the
    /// errors of loading.
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
        let mut keys = match self.storage {
            Storage::Dense => dense::keys(&self.owner),
            Storage::Sparse => sparse::keys(&self.owner),
        }?;
        // An attribute of the entity's type may have the key of a hierarchical one.
        let mut seen = FxHashSet::default();
        keys.retain(|key| seen.insert(key.clone()));
        Ok(keys)
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

    /// The identity of the configuration behind `key`, an entity of the type `CustomAttributeConfiguration`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no such key is configured for the entity, and the errors
    /// of loading.
    #[track_caller]
    pub fn configuration(&self, key: &str) -> Result<Identity> {
        let found = configuration::find(&self.owner, key)?;
        let found = found.map(|configuration| configuration.identity);
        found.ok_or_else(|| no_such_key(&self.owner, "custom attributes", key))
    }

    /// Sets the value of `key`. Options of an enumerator are compared with those that are configured; whether other
    /// values fit the configuration is checked by the server when they are committed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no such key is configured for the entity,
    /// [`ErrorKind::WrongType`](crate::ErrorKind::WrongType) for what is not a plain value and for an option that the
    /// enumerator does not have, and the errors of loading.
    #[track_caller]
    pub fn set(&self, key: &str, value: impl Into<Value>) -> Result<()> {
        let owner = &self.owner;
        let value = Session::accept_keyed(owner, CUSTOM_ATTRIBUTES, key, value.into())?;
        owner.check_alive()?;
        let item = vec![(key.to_owned(), value)];
        let items = owner
            .session()
            .hooked_items(owner, CUSTOM_ATTRIBUTES, item)?;
        for (key, value) in items {
            options::check(owner, &key, &value)?;
            self.set_item(&key, value)?;
        }
        Ok(())
    }

    #[track_caller]
    fn set_item(&self, key: &str, value: Value) -> Result<()> {
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
        let owner = &self.owner;
        owner.check_alive()?;
        let is_set = match self.storage {
            Storage::Dense => dense::is_set(owner, key)?,
            Storage::Sparse => sparse::is_set(owner, key)?,
        };
        if !is_set {
            return Ok(false);
        }
        let removal = vec![(key.to_owned(), Value::Null)];
        let items = owner
            .session()
            .hooked_items(owner, CUSTOM_ATTRIBUTES, removal)?;
        let mut is_removed = false;
        for (name, value) in items {
            if name == key && value.is_null() {
                is_removed = self.remove_item(key)?;
            } else {
                self.set_item(&name, value)?;
            }
        }
        Ok(is_removed)
    }

    #[track_caller]
    fn remove_item(&self, key: &str) -> Result<bool> {
        match self.storage {
            Storage::Dense => dense::remove(&self.owner, key),
            Storage::Sparse => sparse::remove(&self.owner, key),
        }
    }
}

mapping! { CustomAttributes, "custom attributes" }
