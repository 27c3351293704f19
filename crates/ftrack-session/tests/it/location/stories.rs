//! From one artist to the next: publish, find, bring over, read.

use std::fs;

use ftrack_location::{EntityIdStructure, IdStructure, StandardStructure};
use ftrack_session::{
    AddOptions, AssetVersionHelpers, Entity, FetchPolicy, Location, Session, values,
};

use super::{Place, content, location};

/// The location of this name, with the structure that its number stands for.
fn structured(session: &Session, place: &Place, name: &str, number: usize) -> Location {
    let prefix = place.text(name);
    match number {
        0 => location(session, name, &prefix, IdStructure::new()),
        1 => location(session, name, &prefix, StandardStructure::new()),
        _ => location(session, name, &prefix, EntityIdStructure),
    }
}

fn found(session: &Session, component: &Entity) -> Entity {
    session
        .get(component.entity_type(), component.id().as_str())
        .unwrap()
        .unwrap()
}

fn read(location: &Location, component: &Entity) -> String {
    fs::read_to_string(location.filesystem_path(component).unwrap()).unwrap()
}

#[test]
fn a_file_reaches_another_location_whole() {
    for (from, to) in [(0, 1), (1, 2), (2, 0)] {
        let place = Place::new();
        let near = structured(&place.session, &place, "near", from);
        let path = place.file("plate.exr", "pixels of a plate");
        let version = place.version();
        let component = version
            .create_component_in(&path, values! { "name": "plate" }, &near)
            .unwrap();

        let session = place.other_session();
        let near = structured(&session, &place, "near", from);
        let far = structured(&session, &place, "far", to);
        let component = found(&session, &component);
        assert_eq!(near.component_availability(&component).unwrap(), 100.0);
        assert_eq!(far.component_availability(&component).unwrap(), 0.0);
        assert_eq!(
            session.pick_location_for(&component).unwrap(),
            Some(near.clone())
        );
        far.add_component(&component, &near).unwrap();
        assert_eq!(read(&far, &component), "pixels of a plate");
        assert_eq!(read(&near, &component), "pixels of a plate");
    }
}

#[test]
fn a_sequence_with_gaps_reaches_another_location_whole() {
    const INDEXES: [u32; 4] = [8, 9, 11, 100];
    for (from, to) in [(0, 1), (1, 0)] {
        let place = Place::new();
        let near = structured(&place.session, &place, "near", from);
        let path = place.sequence("plate", &INDEXES);
        let sequence = place
            .version()
            .create_component_in(&path, values! { "name": "plate" }, &near)
            .unwrap();

        let session = place.other_session();
        let near = structured(&session, &place, "near", from);
        let far = structured(&session, &place, "far", to);
        let sequence = found(&session, &sequence);
        far.add_component(&sequence, &near).unwrap();
        assert_eq!(far.component_availability(&sequence).unwrap(), 100.0);
        let members = sequence.collection("members").unwrap().entities().unwrap();
        assert_eq!(members.len(), 4);
        for member in members {
            let index: u32 = member.get::<String>("name").unwrap().parse().unwrap();
            assert!(INDEXES.contains(&index));
            assert_eq!(read(&far, &member), content("plate", index));
        }
        let expression = far.resource_identifier(&sequence).unwrap();
        assert!(expression.contains(".%04d."), "{expression}");
    }
}

#[test]
fn a_container_reaches_another_location_whole() {
    let place = Place::new();
    let near = structured(&place.session, &place, "near", 0);
    let session = &place.session;
    let version = place.version();
    let container = session
        .create(
            "ContainerComponent",
            values! { "name": "package", "version": &version },
        )
        .unwrap();
    for name in ["notes", "report"] {
        let path = place.file(&format!("{name}.txt"), name);
        let data = values! { "name": name, "container": &container };
        let none = ftrack_session::LocationChoice::None;
        let file = session.create_component(&path, data, none).unwrap();
        container
            .collection("members")
            .unwrap()
            .push(&file)
            .unwrap();
    }
    near.add_component(&container, place.origin()).unwrap();

    let session = place.other_session();
    let near = structured(&session, &place, "near", 0);
    let far = structured(&session, &place, "far", 1);
    let container = found(&session, &container);
    far.add_component(&container, &near).unwrap();
    assert_eq!(far.component_availability(&container).unwrap(), 100.0);
    let folder = far.filesystem_path(&container).unwrap();
    for name in ["notes", "report"] {
        assert_eq!(
            fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap(),
            name
        );
    }
}

#[test]
fn files_reach_the_server_and_come_back_from_it() {
    let place = Place::new();
    let server = place.session.location("ftrack.server").unwrap();
    let path = place.sequence("plate", &[1, 3]);
    let sequence = place
        .session
        .create_component(&path, values! { "name": "plate" }, &server)
        .unwrap();
    let path = place.file("notes.txt", "notes");
    let file = place
        .session
        .create_component(&path, values! { "name": "notes" }, &server)
        .unwrap();
    assert_eq!(server.resource_identifier(&file).unwrap(), file.id());

    let session = place.other_session();
    let server = session.location("ftrack.server").unwrap();
    let near = structured(&session, &place, "near", 0);
    let [sequence, file] = [sequence, file].map(|component| found(&session, &component));
    near.add_components(
        &[sequence.clone(), file.clone()],
        [&server],
        &AddOptions::new(),
    )
    .unwrap();
    assert_eq!(read(&near, &file), "notes");
    for member in sequence.collection("members").unwrap().entities().unwrap() {
        let index: u32 = member.get::<String>("name").unwrap().parse().unwrap();
        assert_eq!(read(&near, &member), content("plate", index));
    }
    server.remove_component(&sequence).unwrap();
    assert_eq!(server.component_availability(&sequence).unwrap(), 0.0);
    assert_eq!(near.component_availability(&sequence).unwrap(), 100.0);
}

#[test]
fn sessions_that_load_nothing_on_access_publish_as_well() {
    for policy in [FetchPolicy::Off, FetchPolicy::Deny] {
        let place = Place::new();
        let near = structured(&place.session, &place, "near", 1);
        let path = place.sequence("plate", &[1, 2]);
        let sequence = place
            .version()
            .create_component_in(&path, values! { "name": "plate" }, &near)
            .unwrap();
        let session = place.other_session();
        let near = structured(&session, &place, "near", 1);
        let far = structured(&session, &place, "far", 1);
        let sequence = found(&session, &sequence);
        session.set_fetch_policy(policy);
        far.add_component(&sequence, &near).unwrap();
        assert_eq!(far.component_availability(&sequence).unwrap(), 100.0);
        far.remove_component(&sequence).unwrap();
        assert!(place.files("far").is_empty());
        assert_eq!(session.fetch_policy(), policy);
    }
}
