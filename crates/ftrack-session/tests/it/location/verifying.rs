//! Looking through a storage.

use std::fs;

use ftrack_location::IdStructure;
use ftrack_session::values;

use super::Place;

#[test]
fn what_a_killed_replacement_left_is_named_and_is_not_just_unregistered() {
    let place = Place::new();
    let (location, component) = place.published();
    let file = location.filesystem_path(&component).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let unique = "0f2c1a9e4d3b11ee9a6c0242ac120002";
    let beside = |word: &str| file.with_file_name(format!(".ftrack_{word}_{unique}_{name}"));
    fs::write(beside("old"), "pixels from before").unwrap();
    fs::write(beside("new"), "half").unwrap();
    let found = location.verify().unwrap();
    assert!(!found.is_clean());
    assert_eq!(found.unregistered, Some(Vec::new()));
    let mut left: Vec<bool> = found.left_over.iter().map(|left| left.is_old).collect();
    left.sort_unstable();
    assert_eq!(left, [false, true]);
    let identifier = location.resource_identifier(&component).unwrap();
    assert!(found.left_over.iter().all(|left| left.target == identifier));
}

#[cfg(unix)]
#[test]
fn links_in_circles_come_to_an_end() {
    use std::os::unix::fs::symlink;

    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.file("plate.exr", "pixels");
    let create = || {
        let session = &place.session;
        session
            .create_component(&path, values! {}, &location)
            .unwrap()
    };
    create();
    let storage = place.path("storage");
    place.file("storage/real/stray.exr", "nobody's");
    symlink(&storage, storage.join("real/up")).unwrap();
    symlink(storage.join("real"), storage.join("other")).unwrap();
    symlink(storage.join("other"), storage.join("again")).unwrap();
    let found = location.verify().unwrap();
    assert_eq!(found.unregistered, Some(vec!["real/stray.exr".to_owned()]));
    assert!(found.missing.is_empty());
}

#[cfg(unix)]
#[test]
fn what_is_registered_by_way_of_a_link_is_registered() {
    let place = Place::new();
    let (location, component) = place.published();
    // The folder moves to another name, and a link takes its place.
    let id = component.id();
    let first = place.path("storage").join(&id[..1]);
    let moved = place.path("storage").join("volume");
    fs::rename(&first, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &first).unwrap();
    let found = location.verify().unwrap();
    assert!(found.is_clean(), "{found:?}");
}
