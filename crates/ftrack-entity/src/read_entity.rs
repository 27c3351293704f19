//! A small view of an entity, for code that needs no session.

use std::error::Error;

use crate::identity::Identity;
use crate::name::EntityTypeName;
use crate::value::Value;

/// What structures and the like need to know of an entity: what it is, and the values of its attributes.
///
/// A session's entities have this view, and so may anything else that describes an entity: a row of a report, a
/// file beside a shot, a test. Reading may load, so it may fail.
///
/// ```
/// use std::error::Error;
///
/// use ftrack_entity::{Identity, ReadEntity, Value};
///
/// struct Shot(Identity, &'static str);
///
/// impl ReadEntity for Shot {
///     fn identity(&self) -> &Identity {
///         &self.0
///     }
///
///     fn value(&self, path: &str) -> Result<Value, Box<dyn Error + Send + Sync>> {
///         Ok(match path {
///             "name" => self.1.into(),
///             _ => Value::NotSet,
///         })
///     }
///
///     fn related(
///         &self,
///         _: &Identity,
///     ) -> Result<Option<Box<dyn ReadEntity + '_>>, Box<dyn Error + Send + Sync>> {
///         Ok(None)
///     }
/// }
///
/// fn folder(entity: &dyn ReadEntity) -> Result<String, Box<dyn Error + Send + Sync>> {
///     let name = entity.value("name")?;
///     Ok(format!("{}/{}", entity.entity_type(), name.as_str().unwrap_or_default()))
/// }
///
/// let shot = Shot(Identity::new("Shot", "s-1"), "bunny_010");
/// assert_eq!(folder(&shot)?, "Shot/bunny_010");
/// # Ok::<(), Box<dyn Error + Send + Sync>>(())
/// ```
pub trait ReadEntity {
    /// The concrete entity type and the primary key.
    fn identity(&self) -> &Identity;

    /// The value of an attribute; a dotted path walks references (`container.name`).
    ///
    /// It is [`Value::Null`] where a reference on the way is empty, and [`Value::NotSet`] where nothing is known.
    ///
    /// # Errors
    ///
    /// The value could not be loaded, or there is no such attribute.
    fn value(&self, path: &str) -> Result<Value, Box<dyn Error + Send + Sync>>;

    /// Another entity from where this one is from; `None` if there is none of this identity.
    ///
    /// # Errors
    ///
    /// The entity could not be loaded.
    fn related(
        &self,
        identity: &Identity,
    ) -> Result<Option<Box<dyn ReadEntity + '_>>, Box<dyn Error + Send + Sync>>;

    /// The concrete entity type.
    fn entity_type(&self) -> EntityTypeName {
        self.identity().entity_type()
    }

    /// The entity that the attribute at `path` refers to, if it refers to one.
    ///
    /// # Errors
    ///
    /// As of [`ReadEntity::value`] and [`ReadEntity::related`].
    fn reference(
        &self,
        path: &str,
    ) -> Result<Option<Box<dyn ReadEntity + '_>>, Box<dyn Error + Send + Sync>> {
        match self.value(path)? {
            Value::Reference(identity) => self.related(&identity),
            _ => Ok(None),
        }
    }
}
