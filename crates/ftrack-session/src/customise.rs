//! Entity types as a studio wants them.

mod build;
mod construct;

use std::fmt;
use std::sync::Arc;

use ftrack_entity::{EntityType, Value};

pub use self::construct::ConstructEntityType;
use crate::entity::Entity;
use crate::error::Result;
use crate::session::Change;

/// Changes to an entity type, made when a session starts: see [`SessionBuilder::customise`] and
/// [`ConstructEntityType`].
///
/// The official client builds a class for each entity type and lets a studio build it differently (product
/// documentation, "Working with entities", Customising entity types). In Rust, behaviour comes from extension traits of
/// one's own; what a type *is* is changed here.
///
/// [`SessionBuilder::customise`]: crate::SessionBuilder::customise
#[derive(Clone)]
pub struct Customisation {
    definition: EntityType,
    changes: Vec<Change>,
}

/// What makes a [`Customisation`] of a type.
pub(crate) type Customise = Box<dyn FnOnce(Customisation) -> Result<Customisation> + Send>;

impl Customisation {
    fn new(definition: EntityType) -> Self {
        Self {
            definition,
            changes: Vec::new(),
        }
    }

    /// The same with one more change.
    fn with(self, change: Change) -> Result<Self> {
        match change {
            Change::DefaultProjections(projections) => Ok(self.default_projections(projections)),
            Change::Hide(attribute) => self.hide(&attribute),
            Change::Alias { alias, attribute } => self.alias(&alias, &attribute),
            Change::Mutable { attribute, mutable } => self.mutable(&attribute, mutable),
            Change::OnRead { attribute, hook } => {
                self.on_read(&attribute, move |entity, value| hook(entity, value))
            }
            Change::OnWrite { attribute, hook } => {
                self.on_write(&attribute, move |entity, value| hook(entity, value))
            }
        }
    }

    /// The type as it is so far.
    pub fn definition(&self) -> &EntityType {
        &self.definition
    }

    /// What queries that name no projections ask for.
    pub fn default_projections<P: Into<String>>(
        mut self,
        projections: impl IntoIterator<Item = P>,
    ) -> Self {
        let projections: Vec<String> = projections.into_iter().map(Into::into).collect();
        self.definition = self
            .definition
            .with_default_projections(projections.clone());
        self.changes.push(Change::DefaultProjections(projections));
        self
    }

    /// Takes an attribute away: it is neither asked for nor seen.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name, or it is part of the
    /// primary key.
    pub fn hide(mut self, attribute: &str) -> Result<Self> {
        self.definition = self.definition.without_attribute(attribute)?;
        self.changes.push(Change::Hide(attribute.to_owned()));
        Ok(self)
    }

    /// Gives an attribute another name beside its own, for code that knows it by that.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name.
    pub fn alias(mut self, alias: &str, attribute: &str) -> Result<Self> {
        self.definition = self.definition.with_alias(alias, attribute)?;
        self.changes.push(Change::Alias {
            alias: alias.to_owned(),
            attribute: attribute.to_owned(),
        });
        Ok(self)
    }

    /// Whether an attribute can be changed here; the server has its own view of that.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name.
    pub fn mutable(mut self, attribute: &str, mutable: bool) -> Result<Self> {
        self.definition = self.definition.with_immutable(attribute, !mutable)?;
        self.changes.push(Change::Mutable {
            attribute: attribute.to_owned(),
            mutable,
        });
        Ok(self)
    }

    /// Lets `hook` see and change every value that is read of an attribute, or refuse it. It may read the entity, but
    /// not this attribute of it.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name.
    pub fn on_read(
        mut self,
        attribute: &str,
        hook: impl Fn(&Entity, Value) -> Result<Value> + Send + Sync + 'static,
    ) -> Result<Self> {
        self.definition.attribute(attribute)?;
        self.changes.push(Change::OnRead {
            attribute: attribute.to_owned(),
            hook: Arc::new(hook),
        });
        Ok(self)
    }

    /// Lets `hook` see and change every value that an attribute is set to, or refuse it: by setting it, creating and
    /// merging entities, changing collections, and undoing commits. It may read the entity.
    ///
    /// Of `metadata` and `custom_attributes` it sees the values that are written as an object, by key, and null for a
    /// key that is removed: the key stays if the hook leaves it out, and gets the value that the hook gives it. Only in
    /// a merge it sees the rows that are behind the keys. A local value that is taken back, by
    /// [`Entity::unset`](crate::Entity::unset) or a rollback, is not a write.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name.
    pub fn on_write(
        mut self,
        attribute: &str,
        hook: impl Fn(&Entity, Value) -> Result<Value> + Send + Sync + 'static,
    ) -> Result<Self> {
        self.definition.attribute(attribute)?;
        self.changes.push(Change::OnWrite {
            attribute: attribute.to_owned(),
            hook: Arc::new(hook),
        });
        Ok(self)
    }
}

impl fmt::Debug for Customisation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Customisation")
            .field("entity_type", &self.definition.name())
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}
