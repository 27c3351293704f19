//! Where in a location components are.

use ftrack_entity::ReadEntity;
use ftrack_location::{
    IdStructure, MemoryAccessor, ResourceIdentifierTransformer, StandardStructure,
    StructureContext, TransformError,
};
use ftrack_session::{Entity, ErrorKind, LocationChoice, LocationConfiguration, values};
use serde_json::json;

use super::Place;

#[test]
fn resource_identifiers_come_in_the_order_of_the_components() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let components: Vec<Entity> = ["a.exr", "b.exr"]
        .iter()
        .map(|name| {
            let path = place.file(name, "pixels");
            place
                .session
                .create_component(&path, values! {}, &location)
                .unwrap()
        })
        .collect();
    let each: Vec<String> = components
        .iter()
        .map(|component| location.resource_identifier(component).unwrap())
        .collect();
    assert_eq!(location.resource_identifiers(&components).unwrap(), each);
    let twice = [
        components[1].clone(),
        components[0].clone(),
        components[1].clone(),
    ];
    assert_eq!(
        location.resource_identifiers(&twice).unwrap(),
        [&each[1], &each[0], &each[1]].map(Clone::clone)
    );
    assert!(location.resource_identifiers(&[]).unwrap().is_empty());
}

#[test]
fn all_components_that_are_missing_are_named() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let create = |name: &str, choice: LocationChoice| {
        let path = place.file(name, "pixels");
        place
            .session
            .create_component(&path, values! {}, choice)
            .unwrap()
    };
    let there = create("a.exr", (&location).into());
    let missing = [
        create("b.exr", LocationChoice::Auto),
        create("c.exr", LocationChoice::None),
    ];
    let all = [there, missing[0].clone(), missing[1].clone()];
    let error = location.resource_identifiers(&all).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
    assert!(error.is(ErrorKind::Location));
    assert_eq!(
        error.details()["components"],
        json!([missing[0].id(), missing[1].id()])
    );
    assert!(error.to_string().contains("storage"), "{error}");
}

#[test]
fn a_location_without_accessor_tells_identifiers_but_no_paths() {
    let place = Place::new();
    let (location, component) = place.published();
    let other = place.other_session();
    let bare = other.location("storage").unwrap();
    let found = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(
        bare.resource_identifier(&found).unwrap(),
        location.resource_identifier(&component).unwrap()
    );
    let error = bare.filesystem_path(&found).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(bare.url(&found).unwrap_err().kind(), ErrorKind::Location);
}

#[test]
fn what_a_storage_cannot_do_is_said_by_its_own_kind() {
    let place = Place::new();
    let (location, component) = place.published();
    let error = location.url(&component).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessorUnsupportedOperation);
    location.configure(LocationConfiguration::new().accessor(MemoryAccessor::new()));
    let error = location.filesystem_path(&component).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessorUnsupportedOperation);
    assert!(error.is(ErrorKind::AccessorOperationFailed));
}

/// Stores identifiers with the names of components.
struct Named;

impl ResourceIdentifierTransformer for Named {
    fn encode(
        &self,
        identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        let name = component
            .value("name")
            .map_err(TransformError::from_error)?;
        let name = name.as_str().ok_or("the component has no name")?;
        if name == "secret" {
            return Err("secrets are not stored".into());
        }
        Ok(format!("{name}:{identifier}"))
    }

    fn decode(&self, stored: &str, component: &dyn ReadEntity) -> Result<String, TransformError> {
        let name = component
            .value("name")
            .map_err(TransformError::from_error)?;
        let name = name.as_str().ok_or("the component has no name")?;
        let identifier = stored
            .strip_prefix(&format!("{name}:"))
            .ok_or("it is of another component")?;
        Ok(identifier.to_owned())
    }
}

#[test]
fn transformers_change_what_is_stored_and_know_the_component() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    location.set_resource_identifier_transformer(Named);
    let path = place.file("plate.exr", "pixels");
    let create = |name: &str| {
        place
            .session
            .create_component(&path, values! { "name": name }, &location)
    };
    let component = create("plate").unwrap();
    let identifier = location.resource_identifier(&component).unwrap();
    assert!(!identifier.contains(':'), "{identifier}");
    assert!(location.filesystem_path(&component).unwrap().is_file());
    let stored: String = place
        .other_session()
        .query(format!(
            "ComponentLocation where component_id is \"{}\"",
            component.id()
        ))
        .one()
        .unwrap()
        .get("resource_identifier")
        .unwrap();
    assert_eq!(stored, format!("plate:{identifier}"));

    let error = create("secret").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(place.files("storage").len(), 1, "its data is gone again");
    assert!(place.session.recorded_operations().is_empty());
    location.remove_component(&component).unwrap();
    assert!(place.files("storage").is_empty());
}

#[test]
fn structures_name_folders_for_any_entity() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let shot = place.session.query("Shot").first().unwrap().unwrap();
    let folder = location
        .structure()
        .unwrap()
        .resource_identifier(&shot, &StructureContext::new())
        .unwrap();
    assert!(
        folder.contains(&shot.get::<String>("name").unwrap()),
        "{folder}"
    );
    location
        .accessor()
        .unwrap()
        .make_container(&folder, true)
        .unwrap();
    assert!(place.path("storage").join(folder).is_dir());
}
