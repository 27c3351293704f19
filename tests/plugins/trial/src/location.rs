//! A location whose accessor, structure and transformer live in the library.

use ftrack::entity::ReadEntity;
use ftrack::location::{
    MemoryAccessor, ResourceIdentifierTransformer, Structure, StructureContext, StructureError,
    TransformError, structure,
};
use ftrack::{LocationConfiguration, Result, Session};

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe("topic=ftrack.api.session.configure-location", |event| {
        let session = event
            .attachment::<Session>("session")
            .ok_or("there is no session in the event")?;
        if let Ok(location) = session.location("studio.projects") {
            location.configure(
                LocationConfiguration::new()
                    .accessor(MemoryAccessor::new())
                    .structure(Flat)
                    .resource_identifier_transformer(Backwards)
                    .priority(20),
            );
        }
        Ok(None)
    })?;
    Ok(())
}

/// All components in one folder.
struct Flat;

impl Structure for Flat {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        _: &StructureContext<'_>,
    ) -> structure::Result<String> {
        let text = |attribute| {
            let value = entity.value(attribute).map_err(StructureError::other)?;
            Ok::<_, StructureError>(value.as_str().unwrap_or_default().to_owned())
        };
        let name = text("name")?;
        if name == "refused" {
            return Err(StructureError::other("not this one"));
        }
        Ok(format!("trial/{name}{}", text("file_type")?))
    }
}

/// `folder/name` is stored as `name@folder`.
struct Backwards;

impl ResourceIdentifierTransformer for Backwards {
    fn encode(
        &self,
        resource_identifier: &str,
        _: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        let parts = resource_identifier.split_once('/');
        let (folder, name) = parts.ok_or_else(|| TransformError::from_error("no folder"))?;
        Ok(format!("{name}@{folder}"))
    }

    fn decode(&self, stored: &str, _: &dyn ReadEntity) -> Result<String, TransformError> {
        let parts = stored.split_once('@');
        let (name, folder) = parts.ok_or_else(|| TransformError::from_error("no folder"))?;
        Ok(format!("{folder}/{name}"))
    }
}
