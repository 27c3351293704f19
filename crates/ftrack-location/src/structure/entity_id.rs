//! The id of the entity, and nothing else.

use ftrack_entity::ReadEntity;

use super::{Result, Structure, StructureContext, read};

/// The id of the entity is the resource identifier; for storages that are not folders, such as ftrack's own.
///
/// ```
/// use ftrack_location::{EntityIdStructure, JsonEntity, Structure, StructureContext};
/// use serde_json::json;
///
/// let component = json!({"__entity_type__": "FileComponent", "id": "0f2c1a9e", "file_type": ".exr"});
/// let component = JsonEntity::new(&component)?;
/// let identifier = EntityIdStructure.resource_identifier(&component, &StructureContext::new())?;
/// assert_eq!(identifier, "0f2c1a9e");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct EntityIdStructure;

impl Structure for EntityIdStructure {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        _: &StructureContext<'_>,
    ) -> Result<String> {
        Ok(read::id(entity))
    }
}
