//! What configurations are about.

use ftrack_entity::{EntityType, Value};

use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// What configurations of custom attributes tell entities apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    /// The word of configurations for the kind of entity.
    pub(crate) entity_type: &'static str,
    /// For tasks, shots and other kinds of contexts: which one.
    pub(crate) object_type_id: Option<String>,
    /// The project that the entity is in, where that is known and counts.
    pub(crate) project_id: Option<String>,
    /// Whether attributes that are inherited from above apply.
    pub(crate) inherits: bool,
}

impl Class {
    #[track_caller]
    pub(super) fn from_entity(entity: &Entity) -> Result<Self> {
        let has_object_type = entity.definition().position("object_type_id").is_some();
        let object_type_id = if has_object_type {
            entity.get("object_type_id")?
        } else {
            None
        };
        Self::from_parts(entity.definition(), object_type_id, project_id(entity)?)
    }

    pub(crate) fn from_parts(
        definition: &EntityType,
        object_type_id: Option<String>,
        project_id: Option<String>,
    ) -> Result<Self> {
        let Some(entity_type) = class_word(definition) else {
            let name = definition.name().as_str();
            let message =
                format!("nothing is known of how custom attributes of a {name} are configured");
            return Err(
                Error::new(ErrorKind::InvalidArgument, message).with_detail("entity_type", name)
            );
        };
        Ok(Self {
            entity_type,
            object_type_id,
            project_id,
            inherits: matches!(entity_type, "task" | "show" | "assetversion" | "asset"),
        })
    }
}

/// The word of configurations for entities of a type.
pub(crate) fn class_word(definition: &EntityType) -> Option<&'static str> {
    Some(match definition.name().as_str() {
        _ if definition.position("object_type_id").is_some() => "task",
        "Project" => "show",
        "AssetVersion" => "assetversion",
        "Asset" => "asset",
        "User" => "user",
        "TypedContextList" | "AssetVersionList" => "list",
        "ListObject" => "listobject",
        _ => return None,
    })
}

/// The id of the project that `entity` is in. An entity that is new may not say so itself; then what it belongs to
/// does.
#[track_caller]
fn project_id(entity: &Entity) -> Result<Option<String>> {
    if entity.entity_type() == "Project" {
        return Ok(Some(entity.id()));
    }
    if has(entity, "project_id")
        && let Some(id) = entity.get::<Option<String>>("project_id")?
    {
        return Ok(Some(id));
    }
    for name in ["project", "parent", "asset"] {
        if has(entity, name)
            && let Value::Reference(above) = entity.value(name)?
        {
            return project_id(&entity.related(&above)?);
        }
    }
    Ok(None)
}

fn has(entity: &Entity, attribute: &str) -> bool {
    entity.definition().position(attribute).is_some()
}
