//! What configurations are about.

use ftrack_entity::Value;

use crate::{Entity, Error, ErrorKind, Result};

/// What configurations of custom attributes tell entities apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    /// The word of configurations for the kind of entity.
    pub(super) entity_type: &'static str,
    /// For tasks, shots and other kinds of contexts: which one.
    pub(super) object_type_id: Option<String>,
    /// The project that the entity is in, where that is known and counts.
    pub(super) project_id: Option<String>,
    /// Whether attributes that are inherited from above apply.
    pub(super) inherits: bool,
}

impl Class {
    #[track_caller]
    pub(super) fn of(entity: &Entity) -> Result<Self> {
        let has_object_type = entity.definition().position("object_type_id").is_some();
        let entity_type = match entity.entity_type() {
            _ if has_object_type => "task",
            "Project" => "show",
            "AssetVersion" => "assetversion",
            "Asset" => "asset",
            "User" => "user",
            "TypedContextList" | "AssetVersionList" => "list",
            other => {
                return Err(Error::new(
                    ErrorKind::InvalidArgument,
                    format!("custom attributes of a {other} cannot be set before it is committed"),
                )
                .with_detail("entity_type", other));
            }
        };
        let object_type_id = if has_object_type {
            entity.get("object_type_id")?
        } else {
            None
        };
        Ok(Self {
            entity_type,
            object_type_id,
            project_id: project_id(entity)?,
            inherits: matches!(entity_type, "task" | "show" | "assetversion" | "asset"),
        })
    }
}

/// The id of the project that `entity` is in. An entity that is new may not say so itself; then what it belongs to does.
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
