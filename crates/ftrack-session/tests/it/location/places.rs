//! Components that would share a place in a location.

use std::fs;

use ftrack_location::{IdStructure, StandardStructure};
use ftrack_session::{AddOptions, AssetVersionHelpers, Entity, ErrorKind, Location, values};
use serde_json::json;

use super::{Place, registered};

/// A version of an asset of this name, all of them at one shot.
fn version(place: &Place, shot: &Entity, asset: &str) -> Entity {
    let session = &place.session;
    let kind = session.query("AssetType").first().unwrap().unwrap();
    let values = values! { "name": asset, "parent": shot, "type": kind };
    let asset = session.create("Asset", values).unwrap();
    let version = session
        .create("AssetVersion", values! { "asset": asset })
        .unwrap();
    session.commit().unwrap();
    version
}

fn publish(place: &Place, version: &Entity, location: &Location) -> ftrack_session::Result<Entity> {
    let path = place.file("plate.exr", "pixels");
    version.create_component_in(&path, values! { "name": "main" }, location)
}

#[test]
fn names_that_a_structure_does_not_tell_apart_are_said_before_anything_is_copied() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let shot = place.session.query("Shot").first().unwrap().unwrap();
    for (first, second) in [("éclair", "eclair"), ("Fire 1", "fire_1")] {
        let first_version = version(&place, &shot, first);
        let second_version = version(&place, &shot, second);
        let there = publish(&place, &first_version, &location).unwrap();
        let before = place.files("storage");
        let error = publish(&place, &second_version, &location).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Location);
        let said = error.to_string();
        let shot_name: String = shot.get("name").unwrap();
        for name in [first, second] {
            let path = format!("{shot_name}/{name} v001 \"main\"");
            assert!(said.contains(&path), "{path}: {said}");
        }
        assert_eq!(error.details()["other"], json!(there.id()));
        assert_eq!(error.details()["transferred"], json!([]));
        assert_eq!(place.files("storage"), before);
    }
}

#[test]
fn a_place_that_is_registered_and_empty_is_taken_all_the_same() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let first = publish(&place, &version, &location).unwrap();
    fs::remove_file(location.filesystem_path(&first).unwrap()).unwrap();
    let error = publish(&place, &version, &location).unwrap_err();
    assert_eq!(error.details()["other"], json!(first.id()));
    assert_eq!(registered(&place.session, &location), 1);
    assert!(place.files("storage").is_empty());
}

#[test]
fn two_of_one_call_are_both_said_by_name() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let asset: String = version.get("asset.name").unwrap();
    let both = ["a.exr", "b.exr"].map(|name| {
        let path = place.file(name, "pixels");
        let data = values! { "name": if name == "a.exr" { "Plate" } else { "plate" } };
        version.create_component(&path, data).unwrap()
    });
    let error = location
        .add_components(&both, [&place.origin()], &AddOptions::new())
        .unwrap_err();
    let said = error.to_string();
    for name in ["\"Plate\"", "\"plate\"", asset.as_str()] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(place.files("storage").is_empty());
}

#[test]
fn a_frame_of_another_sequence_is_said_by_name() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let path = place.file("plate.exr", "pixels");
    // A file that is called like a frame is not a sequence of its own.
    let data = values! { "name": "plate.0002" };
    let file = version.create_component_in(&path, data, &location).unwrap();
    let path = place.sequence("plate", &[1, 2]);
    let error = version
        .create_component_in(&path, values! { "name": "plate" }, &location)
        .unwrap_err();
    let said = error.to_string();
    assert!(said.contains("\"plate.0002\""), "{said}");
    assert_eq!(place.files("storage").len(), 1);
    assert_eq!(registered(&place.session, &location), 1);
    assert_eq!(location.component_availability(&file).unwrap(), 100.0);
}

#[test]
fn places_that_are_made_of_ids_are_not_asked_for() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let trace = place.session.trace();
    publish(&place, &place.version(), &location).unwrap();
    let asked = trace.requests();
    // The version is found, its own link is loaded by nobody, and one batch registers.
    let commits = asked.iter().filter(|request| request.purpose == "commit");
    assert_eq!(commits.count(), 1);
    assert!(asked.len() <= 3, "{}", asked.len());
}
