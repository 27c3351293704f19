//! Locations and components.

use std::fs;

use ftrack_location::{DiskAccessor, IdStructure, StandardStructure};
use ftrack_session::{ErrorKind, Location, LocationChoice, Session, values};
use serde_json::json;

use crate::Studio;

fn location(session: &Session, name: &str, prefix: &std::path::Path) -> Location {
    let entity = session
        .ensure("Location", values! { "name": name }, &[])
        .unwrap();
    let location = Location::try_from(entity).unwrap();
    location.set_accessor(DiskAccessor::in_folder(prefix).unwrap().create_prefix(true));
    location.set_structure(IdStructure::new());
    location
}

#[test]
fn v2_0_0_bytes_that_are_no_text_come_back_from_the_server() {
    let studio = Studio::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("noise.bin");
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    fs::write(&path, &bytes).unwrap();
    let session = &studio.session;
    let server = session.location("ftrack.server").unwrap();
    let component = session
        .create_component(&path, values! {}, &server)
        .unwrap();
    let storage = location(session, "storage", &folder.path().join("storage"));
    storage.add_component(&component, &server).unwrap();
    let path = storage.filesystem_path(&component).unwrap();
    assert!(fs::read(path).unwrap() == bytes);
}

#[test]
fn v1_1_0_sequences_know_their_size() {
    let studio = Studio::new();
    let folder = tempfile::tempdir().unwrap();
    for (index, content) in [(1, "one"), (2, "second")] {
        fs::write(folder.path().join(format!("{index}.txt")), content).unwrap();
    }
    let path = format!("{}/%d.txt [1-2]", folder.path().to_str().unwrap());
    let sequence = studio
        .session
        .create_component(path, values! {}, LocationChoice::Auto)
        .unwrap();
    let other = studio.other_session();
    let found = other
        .get("SequenceComponent", sequence.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(found.get::<i64>("size").unwrap(), 9);
}

#[test]
fn v0_15_5_only_the_locations_that_are_asked_for_are_answered() {
    let studio = Studio::new();
    let session = &studio.session;
    let component = session
        .create_component("/missing.exr", values! { "size": 5 }, LocationChoice::Auto)
        .unwrap();
    let asked = ["ftrack.server", "ftrack.unmanaged"].map(|name| session.location(name).unwrap());
    let availability = session
        .component_availability(&component, Some(&asked))
        .unwrap();
    let expected = [(asked[0].id(), 0.0), (asked[1].id(), 100.0)];
    assert_eq!(availability, expected.into());
}

#[test]
fn v0_15_1_the_standard_structure_finds_the_version_by_its_id() {
    let studio = Studio::new();
    let session = &studio.session;
    let folder = tempfile::tempdir().unwrap();
    let storage = location(session, "storage", folder.path());
    storage.set_structure(StandardStructure::new());
    let path = folder.path().join("plate.exr");
    fs::write(&path, "pixels").unwrap();
    let version = session.query("AssetVersion").first().unwrap().unwrap();
    let data = values! { "name": "plate", "version_id": version.id() };
    let component = session.create_component(&path, data, &storage).unwrap();
    let identifier = storage.resource_identifier(&component).unwrap();
    let number: i64 = version.get("version").unwrap();
    assert!(
        identifier.ends_with(&format!("/v{number:03}/plate.exr")),
        "{identifier}"
    );
}

#[test]
fn v0_13_0_locations_give_urls() {
    let studio = Studio::new();
    let session = &studio.session;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "notes").unwrap();
    let server = session.location("ftrack.server").unwrap();
    let component = session
        .create_component(&path, values! {}, &server)
        .unwrap();
    let url = server.url(&component).unwrap();
    let start = format!(
        "{}/component/get?id={}",
        session.server_url(),
        component.id()
    );
    assert!(url.starts_with(&start));
}

#[test]
fn v0_10_0_the_error_for_components_that_are_there_names_one_or_many() {
    let studio = Studio::new();
    let session = &studio.session;
    let unmanaged = session.location("ftrack.unmanaged").unwrap();
    let origin = session.location("ftrack.origin").unwrap();
    let [one, two] = ["/a.exr", "/b.exr"].map(|path| {
        session
            .create_component(path, values! { "size": 5 }, &unmanaged)
            .unwrap()
    });
    let add = |components: &[ftrack_session::Entity]| {
        let options = ftrack_session::AddOptions::new();
        unmanaged
            .add_components(components, [&origin], &options)
            .unwrap_err()
    };
    let error = add(std::slice::from_ref(&one));
    assert_eq!(error.kind(), ErrorKind::ComponentInLocation);
    assert_eq!(error.details()["components"], json!([one.id()]));
    let error = add(&[one.clone(), two.clone()]);
    assert_eq!(error.details()["components"], json!([one.id(), two.id()]));
}

#[test]
fn v0_8_2_sequences_have_the_type_of_their_files() {
    let studio = Studio::new();
    let session = &studio.session;
    let sequence = session
        .create_component(
            "/plates/bunny.%04d.exr [1-2]",
            values! { "size": 5 },
            LocationChoice::None,
        )
        .unwrap();
    assert_eq!(sequence.get::<String>("file_type").unwrap(), ".exr");
    for member in sequence.collection("members").unwrap().entities().unwrap() {
        assert_eq!(member.get::<String>("file_type").unwrap(), ".exr");
    }
}
