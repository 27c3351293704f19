//! The interface of a map: entities read and change like one from attribute names to values.

use ftrack_entity::{Attribute, AttributePosition, Value};

use super::Entity;
use crate::entity::FromAttribute;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::fetch::FetchPolicy;

impl Entity {
    /// How many attributes there are.
    #[expect(
        clippy::len_without_is_empty,
        reason = "no entity is without attributes"
    )]
    pub fn len(&self) -> usize {
        self.definition().attributes().len()
    }

    /// Whether there is an attribute of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.definition().position(name).is_some()
    }

    /// All attributes with their values. Those that are not known are loaded first, in one request, unless loading is
    /// switched off.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// for (name, value) in task.items()? {
    ///     println!("{name}: {value:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotLoaded`] if something is not known and the fetch policy is
    /// [`Deny`](FetchPolicy::Deny), and the errors of loading.
    #[track_caller]
    pub fn items(&self) -> Result<Vec<(&str, Value)>> {
        self.load_missing()?;
        let attributes = self.definition().positioned_attributes();
        Ok(attributes
            .map(|(position, attribute)| (attribute.name(), self.record().value(position)))
            .collect())
    }

    /// The values of all attributes, in the order of [`keys`](Self::keys).
    ///
    /// # Errors
    ///
    /// As [`items`](Self::items).
    #[track_caller]
    pub fn values(&self) -> Result<Vec<Value>> {
        Ok(self.items()?.into_iter().map(|(_, value)| value).collect())
    }

    /// The value at `path` as a `T`; `default` if there is no such attribute, or its value is null or not known.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongType`] if the value is not a `T`, and the errors of loading.
    #[track_caller]
    pub fn get_or<T: FromAttribute>(&self, path: &str, default: T) -> Result<T> {
        match self.get::<Option<T>>(path) {
            Ok(value) => Ok(value.unwrap_or(default)),
            Err(error) if error.kind() == ErrorKind::UnknownAttribute => Ok(default),
            Err(error) => Err(error),
        }
    }

    /// Sets several attributes: all, or none of them.
    ///
    /// ```
    /// use ftrack_session::values;
    ///
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// task.update(values! { "name": "comp", "bid": 8 })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    #[track_caller]
    pub fn update<N: AsRef<str>>(
        &self,
        values: impl IntoIterator<Item = (N, Value)>,
    ) -> Result<()> {
        let values: Vec<(N, Value)> = values.into_iter().collect();
        for (name, value) in &values {
            let (definition, identity) = (self.definition(), Some(self.identity()));
            let accepted =
                self.session()
                    .accept(definition, identity, name.as_ref(), value.clone());
            let (position, value) = accepted?;
            self.check_mutable(position, &value)?;
        }
        self.check_alive()?;
        for (name, value) in values {
            self.set(name.as_ref(), value)?;
        }
        Ok(())
    }

    /// Takes the local value of an attribute back, so that the server's counts again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`] if there is no such attribute.
    pub fn unset(&self, name: &str) -> Result<()> {
        self.set(name, Value::NotSet)
    }

    /// Takes the local values of all attributes back.
    pub fn clear(&self) {
        for attribute in self.attributes() {
            if !attribute.local_value().is_not_set() {
                let position = attribute.position();
                self.session()
                    .set_value(&self.shared_record(), position, Value::NotSet);
            }
        }
    }

    /// The value of an attribute, whose local value is taken back.
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value).
    #[track_caller]
    pub fn pop(&self, name: &str) -> Result<Value> {
        let value = self.value(name)?;
        self.unset(name)?;
        Ok(value)
    }

    /// The value of an attribute, which is set to `default` first if no value is known. Null is a value.
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value) and [`set`](Self::set).
    #[track_caller]
    pub fn set_default(&self, name: &str, default: impl Into<Value>) -> Result<Value> {
        let value = self.value(name)?;
        if !value.is_not_set() {
            return Ok(value);
        }
        let default = default.into();
        self.set(name, default.clone())?;
        Ok(default)
    }

    /// Loads every attribute that is not known, in one request.
    #[track_caller]
    pub(crate) fn load_missing(&self) -> Result<()> {
        let is_missing = |(position, _): &(AttributePosition, &Attribute)| {
            self.record().read(*position, Value::is_not_set)
        };
        let attributes = self.definition().positioned_attributes();
        let missing: Vec<&Attribute> = attributes
            .filter(is_missing)
            .map(|(_, attribute)| attribute)
            .collect();
        let is_new = self.state() == Some(ftrack_entity::EntityState::Created);
        if missing.is_empty() || is_new {
            return Ok(());
        }
        match self.fetch_policy() {
            FetchPolicy::Off => Ok(()),
            FetchPolicy::Deny => Err(denied(self, &missing)),
            FetchPolicy::Siblings | FetchPolicy::Single => {
                let session = self.session();
                self.populate(
                    missing
                        .into_iter()
                        .flat_map(|attribute| session.projections(attribute, "")),
                )
            }
        }
    }
}

fn denied(entity: &Entity, missing: &[&Attribute]) -> Error {
    let names: Vec<&str> = missing.iter().map(|attribute| attribute.name()).collect();
    Error::new(
        ErrorKind::NotLoaded,
        format!(
            "{} of {entity:?} are not loaded, and loading on access is denied here; add them to the query's projections",
            names.join(", ")
        ),
    )
    .with_detail("projections", names)
}
