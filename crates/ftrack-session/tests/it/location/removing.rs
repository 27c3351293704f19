//! Removing components from locations.

use std::fs;

use ftrack_location::{IdStructure, StandardStructure};
use ftrack_session::{AssetVersionHelpers, Entity, ErrorKind, LocationKind, values};
use serde_json::json;

use super::{Place, registered};

#[test]
fn a_component_is_removed_with_its_data_and_stays_elsewhere() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &near)
        .unwrap();
    far.add_component(&component, &near).unwrap();
    near.remove_component(&component).unwrap();
    assert!(place.files("near").is_empty());
    assert_eq!(registered(&place.session, &near), 0);
    assert_eq!(
        fs::read_to_string(far.filesystem_path(&component).unwrap()).unwrap(),
        "pixels"
    );
    let error = near.remove_component(&component).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
    near.add_component(&component, &far).unwrap();
}

#[test]
fn a_sequence_is_removed_with_all_its_files_in_a_few_requests() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let path = place.sequence("plate", &[1, 2, 5]);
    let sequence = place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, &location)
        .unwrap();
    let other = place.other_session();
    let found = other
        .get("SequenceComponent", sequence.id().as_str())
        .unwrap()
        .unwrap();
    let there = super::location(
        &other,
        "storage",
        &place.text("storage"),
        StandardStructure::new(),
    );
    let trace = other.trace();
    there.remove_component(&found).unwrap();
    assert!(trace.request_count() <= 4, "{}", trace.request_count());
    assert!(place.files("storage").is_empty());
    assert_eq!(registered(&other, &there), 0);
}

#[test]
fn containers_go_with_their_folders() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.file("notes.txt", "notes");
    let session = &place.session;
    let container = session
        .create("ContainerComponent", values! { "name": "package" })
        .unwrap();
    let none = ftrack_session::LocationChoice::None;
    let data = values! { "container": &container };
    let file = session.create_component(&path, data, none).unwrap();
    container
        .collection("members")
        .unwrap()
        .push(&file)
        .unwrap();
    location.add_component(&container, place.origin()).unwrap();
    let folder = location.filesystem_path(&container).unwrap();
    let error = location
        .remove_components(std::slice::from_ref(&container), false)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessorContainerNotEmpty);
    assert_eq!(registered(session, &location), 2);
    location.remove_component(&container).unwrap();
    assert!(!folder.exists());
    assert_eq!(registered(session, &location), 0);
}

#[test]
fn what_is_only_partly_there_can_be_removed() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.sequence("plate", &[1, 2]);
    let sequence = place
        .session
        .create_component(&path, values! {}, &location)
        .unwrap();
    let member = sequence
        .collection("members")
        .unwrap()
        .get(1)
        .unwrap()
        .unwrap();
    location.remove_component(&member).unwrap();
    location.remove_component(&sequence).unwrap();
    assert_eq!(registered(&place.session, &location), 0);
    assert!(place.files("storage").is_empty());
}

#[test]
fn unmanaged_locations_leave_the_files_alone() {
    let place = Place::new();
    let unmanaged = place.session.location("ftrack.unmanaged").unwrap();
    assert_eq!(unmanaged.kind(), LocationKind::Unmanaged);
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &unmanaged)
        .unwrap();
    unmanaged.remove_component(&component).unwrap();
    assert!(path.exists());
    assert_eq!(unmanaged.component_availability(&component).unwrap(), 0.0);
}

#[test]
fn a_file_that_is_missing_is_said_and_what_was_removed_before_is_no_longer_registered() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let components = ["a.exr", "b.exr", "c.exr"].map(|name| {
        let path = place.file(name, "pixels");
        place
            .session
            .create_component(&path, values! {}, &location)
            .unwrap()
    });
    let missing = location.filesystem_path(&components[1]).unwrap();
    fs::remove_file(&missing).unwrap();
    let error = location.remove_components(&components, true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessorResourceNotFound);
    assert_eq!(error.details()["component"], json!(components[1].id()));
    assert_eq!(error.details()["location"], json!(location.id()));
    let available = location.component_availabilities(&components).unwrap();
    assert_eq!(available, [0.0, 100.0, 100.0]);
    assert_eq!(place.files("storage").len(), 1);
    fs::write(missing, "pixels").unwrap();
    location.remove_components(&components[1..], true).unwrap();
    assert_eq!(registered(&place.session, &location), 0);
}

#[test]
fn what_is_registered_is_compared_with_what_is_there() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let create = |name: &str| {
        let path = place.file(name, "pixels");
        place
            .session
            .create_component(path, values! { "name": name }, &location)
            .unwrap()
    };
    let [kept, lost, cut] = ["kept.exr", "lost.exr", "cut.exr"].map(create);
    assert!(location.verify().unwrap().is_clean());

    let path = |component: &Entity| location.filesystem_path(component).unwrap();
    fs::remove_file(path(&lost)).unwrap();
    fs::write(path(&cut), "pix").unwrap();
    let stray = path(&kept).with_file_name("stray.exr");
    fs::write(&stray, "nobody's").unwrap();

    let found = location.verify().unwrap();
    assert_eq!(found.checked, 3);
    let ids = |files: &[ftrack_session::RegisteredFile]| -> Vec<String> {
        files.iter().map(|file| file.component_id.clone()).collect()
    };
    assert_eq!(ids(&found.missing), [lost.id()]);
    assert_eq!(ids(&found.differing), [cut.id()]);
    assert_eq!(found.differing[0].found_size, Some(3));
    assert_eq!(found.differing[0].registered_size, Some(6));
    let unregistered = found.unregistered.clone().unwrap();
    assert!(
        unregistered.len() == 1 && unregistered[0].ends_with("stray.exr"),
        "{unregistered:?}"
    );

    // A file that has gone cannot be removed, but forgotten, and then added again.
    let error = location.remove_component(&lost).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessorResourceNotFound);
    assert!(error.details()["hint"].as_str().unwrap().contains("forget"));
    let forget = ftrack_session::RemoveOptions::new().forget(true);
    location
        .remove_components_with(std::slice::from_ref(&lost), &forget)
        .unwrap();
    assert_eq!(location.component_availability(&lost).unwrap(), 0.0);
    location.add_component(&lost, place.origin()).unwrap();
    assert_eq!(location.component_availability(&lost).unwrap(), 100.0);
    assert!(location.verify().unwrap().missing.is_empty());
    // What is forgotten keeps its data.
    location
        .remove_components_with(std::slice::from_ref(&kept), &forget)
        .unwrap();
    assert_eq!(location.verify().unwrap().unregistered.unwrap().len(), 2);
}
