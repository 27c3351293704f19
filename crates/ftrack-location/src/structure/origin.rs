//! Where the data already is.

use ftrack_entity::ReadEntity;

use super::{Result, Structure, StructureContext, StructureError};

/// Passes through the resource identifier that the context holds; for locations that only remember where data is.
///
/// ```
/// use ftrack_location::{JsonEntity, OriginStructure, Structure, StructureContext};
/// use serde_json::json;
///
/// let component = json!({"__entity_type__": "FileComponent", "id": "0f2c1a9e"});
/// let context = StructureContext::new().with_source("/home/ada/plate.exr");
/// let identifier = OriginStructure.resource_identifier(&JsonEntity::new(&component)?, &context)?;
/// assert_eq!(identifier, "/home/ada/plate.exr");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OriginStructure;

impl Structure for OriginStructure {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        context: &StructureContext<'_>,
    ) -> Result<String> {
        context
            .source_resource_identifier()
            .map(str::to_owned)
            .ok_or_else(|| StructureError::NoSourceResourceIdentifier {
                entity: entity.identity().clone(),
            })
    }
}
