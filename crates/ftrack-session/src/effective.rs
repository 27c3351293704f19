//! What custom attributes come to in the end: set on the entity itself, inherited from above, or the default.

mod configured;
mod hierarchy;
mod values;

use std::ops::Range;

use ftrack_entity::{Identity, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use self::configured::{Configured, Definition};
use self::hierarchy::Hierarchy;
use self::values::Values;
use crate::entity::keys::{no_such_key, typed};
use crate::entity::{Entity, FromAttribute};
use crate::error::{Error, ErrorKind, Result};
use crate::metadata_items::CUSTOM_ATTRIBUTES;
use crate::session::Session;

/// How many ids one query asks for.
const CHUNK: usize = 2_000;

/// How many rows one answer has at most.
const PAGE: u64 = 20_000;

/// The kind of attributes that the server computes.
const EXPRESSION: &str = "expression";

/// An entity, and the configurations that apply to it.
type Applicable<'a> = (&'a Entity, Vec<&'a Definition>);

/// The effective value of one custom attribute of one entity, and where it comes from. Made by
/// [`Entity::effective`] and [`Session::effective_custom_attributes`].
///
/// ```
/// use ftrack_session::Origin;
///
/// # fn example(shot: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// let rate = shot.effective("fps")?;
/// println!("{} frames a second", rate.get::<f64>()?);
/// match &rate.origin {
///     Origin::Explicit => println!("set on the shot"),
///     Origin::Inherited { from, name } => println!("inherited from {name} ({from})"),
///     _ => println!("nobody has set it: the default of {}", rate.configuration),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EffectiveAttribute {
    /// The entity that the value counts for.
    pub entity: Entity,
    /// The key of the attribute.
    pub key: String,
    /// The value that counts.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
    /// The type of the attribute as the server names it, such as `number`, `text`, `enumerator` or `date`; empty if the
    /// server does not tell.
    pub kind: String,
    /// The configuration that makes the attribute apply, an entity of the type `CustomAttributeConfiguration`.
    pub configuration: Identity,
}

/// Where an effective value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It was set on the entity itself.
    Explicit,
    /// It was set on an entity above.
    Inherited {
        /// The entity above, the nearest one that has a value.
        from: Identity,
        /// Its name.
        name: String,
    },
    /// Nobody has set it: it is the default of the configuration, or what the server computes from its expression.
    Default {
        /// The configuration.
        configuration: Identity,
    },
}

impl EffectiveAttribute {
    /// The value as a `T`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongType`] if it is of another type.
    pub fn get<T: FromAttribute>(&self) -> Result<T> {
        let value = Some(self.value.clone());
        typed(&self.entity, "custom attributes", &self.key, value)
    }
}

/// Effective values of several entities, in the order of the entities and for each in the order of its configurations.
/// Made by [`Session::effective_custom_attributes`].
#[derive(Debug, Clone, Default)]
pub struct EffectiveAttributes {
    attributes: Vec<EffectiveAttribute>,
    by_entity: FxHashMap<Identity, Range<usize>>,
}

impl EffectiveAttributes {
    /// For each entity and key the first configuration that the user may see.
    fn collect(applicable: Vec<Applicable<'_>>, values: &Values<'_>) -> Self {
        let mut collected = Self::default();
        for (entity, definitions) in applicable {
            let start = collected.attributes.len();
            let mut keys = FxHashSet::default();
            for definition in definitions {
                let applies = &definition.applies;
                if !values.is_visible(entity, definition) || !keys.insert(&applies.key) {
                    continue;
                }
                let (value, origin) = values.effective(entity, definition);
                collected.attributes.push(EffectiveAttribute {
                    entity: entity.clone(),
                    key: applies.key.clone(),
                    value,
                    origin,
                    kind: definition.kind.clone(),
                    configuration: applies.identity.clone(),
                });
            }
            let range = start..collected.attributes.len();
            collected.by_entity.insert(entity.identity().clone(), range);
        }
        collected
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, EffectiveAttribute> {
        self.attributes.iter()
    }

    /// Those of one entity; none if it was not asked for.
    pub fn for_entity(&self, entity: &Entity) -> &[EffectiveAttribute] {
        let range = self.by_entity.get(entity.identity()).cloned();
        range.map_or(&[], |range| &self.attributes[range])
    }

    /// That of one entity and key. `None` if no such attribute is configured for the entity, or the user may not see
    /// it, or it was not asked for.
    pub fn get(&self, entity: &Entity, key: &str) -> Option<&EffectiveAttribute> {
        let mut own = self.for_entity(entity).iter();
        own.find(|attribute| attribute.key == key)
    }
}

impl<'a> IntoIterator for &'a EffectiveAttributes {
    type Item = &'a EffectiveAttribute;
    type IntoIter = std::slice::Iter<'a, EffectiveAttribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for EffectiveAttributes {
    type Item = EffectiveAttribute;
    type IntoIter = std::vec::IntoIter<EffectiveAttribute>;

    fn into_iter(self) -> Self::IntoIter {
        self.attributes.into_iter()
    }
}

impl Session {
    /// The values that custom attributes come to, for entities of any types that have some: what is set on the entity,
    /// else, where the attribute is hierarchical, what is set on the nearest entity above it, else the default of the
    /// configuration. Asks for the attributes with these keys, or for all if no keys are given.
    ///
    /// Versions inherit from their asset, and assets from what they belong to. A configuration of the entity's own
    /// project hides one of all projects with the same key. Values that were changed here and not committed count, and
    /// so do parents. An attribute that is not configured for an entity, or that the user may not see, is left out.
    ///
    /// The number of requests does not depend on how the entities are spread, only on how many there are: one for the
    /// configurations, one for each 2,000 for what is above them, and two for their values: one for each 2,000 that
    /// says what applies and what the server computes, and one for each 2,000, ancestors included, for what was set.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let shots = session.query("select name from Shot").all()?;
    /// let values = session.effective_custom_attributes(&shots, &["fps", "handles"])?;
    /// for shot in &shots {
    ///     if let Some(rate) = values.get(shot, "fps") {
    ///         println!("{}: {}", shot.get::<String>("name")?, rate.get::<f64>()?);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`] for an entity whose type has no custom attributes,
    /// [`ErrorKind::InvalidArgument`] for an entity of another session, [`ErrorKind::NotFound`] for one that is not on
    /// the server, and the errors of a query.
    #[track_caller]
    pub fn effective_custom_attributes(
        &self,
        entities: &[Entity],
        keys: &[&str],
    ) -> Result<EffectiveAttributes> {
        for entity in entities {
            self.check_has_values(entity)?;
        }
        if entities.is_empty() {
            return Ok(EffectiveAttributes::default());
        }
        let configured = Configured::load(self, keys)?;
        if configured.is_empty() {
            return Ok(EffectiveAttributes::default());
        }
        let hierarchy = Hierarchy::load(self, entities)?;
        let mut seen = FxHashSet::default();
        let mut applicable = Vec::new();
        for entity in entities {
            if seen.insert(entity.identity()) {
                let class = hierarchy.class(entity)?;
                applicable.push((entity, configured.applicable(&class).collect()));
            }
        }
        let values = Values::load(self, &applicable, &hierarchy)?;
        Ok(EffectiveAttributes::collect(applicable, &values))
    }

    fn check_has_values(&self, entity: &Entity) -> Result<()> {
        if !self.owns(entity) {
            let message = format!("{entity:?} belongs to another session");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        entity.definition().attribute(CUSTOM_ATTRIBUTES)?;
        Ok(())
    }
}

impl Entity {
    /// The value that the custom attribute `key` comes to, and where it comes from: set here, inherited from above, or
    /// the default. For many entities use [`Session::effective_custom_attributes`], which needs no more requests.
    ///
    /// [`CustomAttributes::set`](crate::CustomAttributes::set) sets a value on the entity itself, and
    /// [`CustomAttributes::remove`](crate::CustomAttributes::remove) takes it back, so that the value is inherited
    /// again.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, shot: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let custom_attributes = shot.custom_attributes()?;
    /// custom_attributes.set("fps", 25)?;
    /// assert_eq!(shot.effective("fps")?.get::<i64>()?, 25);
    /// custom_attributes.remove("fps")?;
    /// println!("{:?}", shot.effective("fps")?.origin);
    /// session.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if no such attribute is configured for the entity or the user may not see it, and the
    /// errors of [`Session::effective_custom_attributes`].
    #[track_caller]
    pub fn effective(&self, key: &str) -> Result<EffectiveAttribute> {
        let entities = std::slice::from_ref(self);
        let found = self
            .session()
            .effective_custom_attributes(entities, &[key])?;
        let mut found = found.into_iter();
        found
            .next()
            .ok_or_else(|| no_such_key(self, "custom attributes", key))
    }
}
