//! Resource identifiers as they are stored.

use std::error::Error;

use ftrack_entity::ReadEntity;
use ftrack_location::{JsonEntity, ResourceIdentifierTransformer, TransformError};
use serde_json::json;

/// Stores identifiers with the id of the component in front.
struct Signed;

impl ResourceIdentifierTransformer for Signed {
    fn encode(
        &self,
        resource_identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        let id = component.identity().key();
        Ok(format!("{id}:{resource_identifier}"))
    }

    fn decode(&self, stored: &str, component: &dyn ReadEntity) -> Result<String, TransformError> {
        let (id, identifier) = stored.split_once(':').ok_or("it is not signed")?;
        if id != component.identity().key().to_string() {
            return Err("it is of another component".into());
        }
        Ok(identifier.to_owned())
    }
}

#[test]
fn a_transformer_sees_the_component_and_comes_back_to_the_identifier() {
    let transformer: &dyn ResourceIdentifierTransformer = &Signed;
    let component = json!({"__entity_type__": "FileComponent", "id": "c-1"});
    let component = JsonEntity::new(&component).unwrap();
    let stored = transformer.encode("a/b.exr", &component).unwrap();
    assert_eq!(stored, "c-1:a/b.exr");
    assert_eq!(transformer.decode(&stored, &component).unwrap(), "a/b.exr");

    let error = transformer.decode("c-2:a/b.exr", &component).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot transform the resource identifier"
    );
    assert_eq!(
        error.source().unwrap().to_string(),
        "it is of another component"
    );
    let error = transformer.decode("a/b.exr", &component).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "it is not signed");
}
