//! Components that were deleted, here or by somebody else.

use ftrack_location::IdStructure;
use ftrack_session::{Entity, ErrorKind, Location, values};

use super::{Place, cause_kind, registered};

fn published(place: &Place, name: &str, location: &Location) -> Entity {
    let path = place.file(name, "pixels");
    let session = &place.session;
    session
        .create_component(path, values! { "name": name }, location)
        .unwrap()
}

#[test]
fn a_component_that_was_deleted_is_not_added_again_and_that_is_said_in_words() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let component = published(&place, "a.exr", &near);
    let id = component.id();
    place.session.delete(&component).unwrap();
    let error = far.add_component(&component, &near).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("was deleted"), "{error}");

    place.session.commit().unwrap();
    // It went from where it was, too.
    let error = far.add_component(&component, &near).unwrap_err();
    assert_eq!(cause_kind(&error), Some(ErrorKind::ComponentNotInLocation));
    let error = near.remove_component(&component).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
    assert!(error.to_string().contains(&id), "{error}");
    assert_eq!(registered(&place.session, &far), 0);
    assert!(place.files("far").is_empty());
}

#[test]
fn a_component_that_somebody_else_deleted_is_missed_by_its_name() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let component = published(&place, "a.exr", &near);
    let id = component.id();
    let other = place.other_session();
    let found = other.get("FileComponent", id.as_str()).unwrap().unwrap();
    other.delete(&found).unwrap();
    other.commit().unwrap();

    let error = far.add_component(&component, &near).unwrap_err();
    assert!(format!("{error:#}").contains(&id), "{error:#}");
    let error = far.add_component(&component, place.origin()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert!(format!("{error:#}").contains(&id), "{error:#}");
    let error = near.remove_component(&component).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
    assert!(place.files("far").is_empty());
    assert!(place.session.recorded_operations().is_empty());
}
