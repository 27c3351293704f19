//! Entities that are JSON.

use std::error::Error;

use ftrack_entity::{Identity, ReadEntity, Value};
use serde_json::{Map, Value as Json};

/// An entity that is a JSON object, for structures without a session: a row of a report, a file beside a shot.
///
/// Objects name their type as `__entity_type__` and have an `id`. Other entities are objects within it: the values
/// of references, items of collections, or anything else that holds them; [`ReadEntity::related`] finds them
/// wherever they are.
///
/// ```
/// use ftrack_entity::ReadEntity;
/// use ftrack_location::JsonEntity;
/// use serde_json::json;
///
/// let row = json!({
///     "__entity_type__": "Shot", "id": "s-1", "name": "bunny_010",
///     "project": {"__entity_type__": "Project", "id": "p-1", "name": "bunny"},
/// });
/// let shot = JsonEntity::new(&row)?;
/// assert_eq!(shot.identity().to_string(), "Shot(s-1)");
/// assert_eq!(shot.value("project.name")?.as_str(), Some("bunny"));
/// assert!(shot.value("description")?.is_not_set());
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug)]
pub struct JsonEntity<'json> {
    root: &'json Json,
    object: &'json Map<String, Json>,
    identity: Identity,
}

/// The JSON is not an entity: no object, or without the text `__entity_type__` or `id`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entity is an object with the texts `__entity_type__` and `id`")]
pub struct NotAnEntity;

impl<'json> JsonEntity<'json> {
    /// The entity that `json` is.
    ///
    /// # Errors
    ///
    /// [`NotAnEntity`]
    pub fn new(json: &'json Json) -> Result<Self, NotAnEntity> {
        Self::within(json, json).ok_or(NotAnEntity)
    }

    fn within(root: &'json Json, json: &'json Json) -> Option<Self> {
        Some(Self {
            root,
            object: json.as_object()?,
            identity: identity(json)?,
        })
    }
}

impl ReadEntity for JsonEntity<'_> {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn value(&self, path: &str) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let mut object = self.object;
        let mut path = path;
        while let Some((name, rest)) = path.split_once('.') {
            object = match object.get(name) {
                Some(Json::Object(next)) => next,
                Some(Json::Null) => return Ok(Value::Null),
                _ => return Ok(Value::NotSet),
            };
            path = rest;
        }
        Ok(object.get(path).map_or(Value::NotSet, value))
    }

    fn related(
        &self,
        wanted: &Identity,
    ) -> Result<Option<Box<dyn ReadEntity + '_>>, Box<dyn Error + Send + Sync>> {
        let found = find(self.root, wanted).and_then(|json| Self::within(self.root, json));
        Ok(found.map(|entity| Box::new(entity) as Box<dyn ReadEntity>))
    }
}

fn identity(json: &Json) -> Option<Identity> {
    let entity_type = json.get("__entity_type__")?.as_str()?;
    let id = json.get("id")?.as_str()?;
    Some(Identity::new(entity_type, id))
}

fn value(json: &Json) -> Value {
    if let Some(identity) = identity(json) {
        return identity.into();
    }
    if let Json::Array(items) = json
        && !items.is_empty()
        && let Some(members) = items.iter().map(identity).collect::<Option<Vec<_>>>()
    {
        return members.into();
    }
    json.clone().into()
}

/// The object of this identity, the one that says most if there are several.
fn find<'json>(json: &'json Json, wanted: &Identity) -> Option<&'json Json> {
    let attributes = |json: &&Json| json.as_object().map_or(0, Map::len);
    let here = identity(json)
        .filter(|identity| identity == wanted)
        .map(|_| json);
    let within: Box<dyn Iterator<Item = &Json>> = match json {
        Json::Object(object) => Box::new(object.values()),
        Json::Array(items) => Box::new(items.iter()),
        _ => return None,
    };
    within
        .filter_map(|json| find(json, wanted))
        .chain(here)
        .max_by_key(attributes)
}
