//! Entity types as a studio wants them.

use std::fmt;
use std::sync::Arc;

use ftrack_entity::{EntityType, EntityTypeName, Schema, Value};
use rustc_hash::FxHashMap;

use crate::{Entity, Result};

type ReadHook = dyn Fn(&Entity, Value) -> Result<Value> + Send + Sync;

/// Changes to an entity type, made when a session starts: see [`SessionBuilder::customise`].
///
/// The official client builds a class for each entity type and lets a studio build it differently (product
/// documentation, "Working with entities", Customising entity types). In Rust, behaviour comes from extension traits of
/// one's own; what a type *is* is changed here.
///
/// [`SessionBuilder::customise`]: crate::SessionBuilder::customise
pub struct Customisation {
    definition: EntityType,
    reads: FxHashMap<String, Box<ReadHook>>,
    writes: FxHashMap<String, Box<ReadHook>>,
}

/// What makes a [`Customisation`] of a type.
pub(crate) type Customise = Box<dyn FnOnce(Customisation) -> Result<Customisation> + Send>;

impl Customisation {
    /// The type as it is so far.
    pub fn definition(&self) -> &EntityType {
        &self.definition
    }

    /// What queries that name no projections ask for.
    pub fn default_projections<P: Into<String>>(
        mut self,
        projections: impl IntoIterator<Item = P>,
    ) -> Self {
        let projections = projections.into_iter().map(Into::into).collect();
        self.definition = self.definition.with_default_projections(projections);
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
        Ok(self)
    }

    /// Gives an attribute another name beside its own, for code that knows it by that.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name.
    pub fn alias(mut self, alias: &str, attribute: &str) -> Result<Self> {
        self.definition = self.definition.with_alias(alias, attribute)?;
        Ok(self)
    }

    /// Whether an attribute can be changed here; the server has its own view of that.
    ///
    /// # Errors
    ///
    /// [`UnknownAttribute`](crate::ErrorKind::UnknownAttribute) if there is none of this name.
    pub fn mutable(mut self, attribute: &str, mutable: bool) -> Result<Self> {
        self.definition = self.definition.with_immutable(attribute, !mutable)?;
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
        self.reads.insert(attribute.to_owned(), Box::new(hook));
        Ok(self)
    }

    /// Lets `hook` see and change every value that an attribute is set to, or refuse it.
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
        self.writes.insert(attribute.to_owned(), Box::new(hook));
        Ok(self)
    }
}

impl fmt::Debug for Customisation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Customisation")
            .field("entity_type", &self.definition.name())
            .field("reads", &self.reads.keys())
            .field("writes", &self.writes.keys())
            .finish_non_exhaustive()
    }
}

/// What is to be called when attributes are read and set.
#[derive(Default)]
pub(crate) struct Hooks {
    reads: FxHashMap<(EntityTypeName, u16), Box<ReadHook>>,
    writes: FxHashMap<(EntityTypeName, u16), Box<ReadHook>>,
}

impl Hooks {
    /// Whether anything is called when attributes are read: nearly always nothing is, and reading is to be quick.
    pub(crate) fn reads(&self, entity: &Entity, position: u16) -> Option<&ReadHook> {
        if self.reads.is_empty() {
            return None;
        }
        self.reads
            .get(&(entity.identity().entity_type(), position))
            .map(|hook| &**hook)
    }

    pub(crate) fn writes(&self, entity: &Entity, position: u16) -> Option<&ReadHook> {
        self.writes
            .get(&(entity.identity().entity_type(), position))
            .map(|hook| &**hook)
    }
}

/// The schema with its types customised, and the hooks of their attributes.
pub(crate) fn customised(
    schema: Schema,
    changes: Vec<(String, Customise)>,
) -> Result<(Schema, Hooks)> {
    let mut hooks = Hooks::default();
    if changes.is_empty() {
        return Ok((schema, hooks));
    }
    let mut types: Vec<EntityType> = schema
        .types()
        .map(|entity_type| Arc::unwrap_or_clone(Arc::clone(entity_type)))
        .collect();
    for (name, change) in changes {
        schema.entity_type(&name)?;
        let Some(place) = types
            .iter_mut()
            .find(|entity_type| entity_type.name().as_str() == name)
        else {
            continue;
        };
        let changed = change(Customisation {
            definition: place.clone(),
            reads: FxHashMap::default(),
            writes: FxHashMap::default(),
        })?;
        let Customisation {
            definition,
            reads,
            writes,
        } = changed;
        let name = definition.name();
        let by_position = |(attribute, hook): (String, Box<ReadHook>)| {
            definition
                .position(&attribute)
                .map(|position| ((name, position), hook))
        };
        hooks
            .reads
            .extend(reads.into_iter().filter_map(by_position));
        hooks
            .writes
            .extend(writes.into_iter().filter_map(by_position));
        *place = definition;
    }
    Ok((Schema::from_types(types), hooks))
}
