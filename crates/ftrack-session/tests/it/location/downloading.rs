//! Copying the files of components to a folder.

use std::fs;

use ftrack_location::IdStructure;
use ftrack_session::{DownloadOptions, Entity, ErrorKind, FetchPolicy, values};

use super::Place;

#[test]
fn files_sequences_and_containers_are_called_after_their_components() {
    let place = Place::new();
    let session = &place.session;
    let location = place.location("storage", IdStructure::new());
    let path = place.file("plate.exr", "pixels");
    let file = session
        .create_component(&path, values! { "name": "final/plate" }, &location)
        .unwrap();
    let path = place.sequence("shot", &[1, 3]);
    let sequence = session
        .create_component(&path, values! { "name": "shot" }, &location)
        .unwrap();
    let folder = place.path("new/folder");
    let trying = DownloadOptions::new().dry_run(true);
    let planned = session.download_with(&sequence, &folder, &trying).unwrap();
    assert_eq!(planned.path, folder.join("shot.%04d.exr [1, 3]"));
    assert_eq!(planned.files, 2);
    assert!(!folder.exists());

    let downloaded = session.download(&file, &folder).unwrap();
    assert_eq!(downloaded.path, folder.join("final_plate.exr"));
    assert_eq!(fs::read_to_string(&downloaded.path).unwrap(), "pixels");
    assert_eq!((downloaded.files, downloaded.bytes), (1, 6));
    assert_eq!(downloaded.location, location);
    let downloaded = session.download(&sequence, &folder).unwrap();
    assert_eq!(downloaded.path, folder.join("shot.%04d.exr [1, 3]"));
    assert_eq!(downloaded.files, 2);
    assert_eq!(
        fs::read(folder.join("shot.0003.exr")).unwrap(),
        fs::read(place.path("shot.0003.exr")).unwrap()
    );

    // Nothing is replaced, and nothing is left of what failed.
    let error = session
        .download_with(&sequence, &folder, &trying)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    fs::remove_file(folder.join("shot.0001.exr")).unwrap();
    let error = session.download(&sequence, &folder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert!(!folder.join("shot.0001.exr").exists());
    assert!(folder.join("shot.0003.exr").exists());
}

#[test]
fn the_location_is_the_best_or_the_one_that_is_named() {
    let place = Place::new();
    let session = &place.session;
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    near.set_priority(10);
    far.set_priority(20);
    let path = place.file("plate.exr", "pixels");
    let component = session
        .create_component(&path, values! { "name": "plate" }, &far)
        .unwrap();
    assert_eq!(
        session
            .download(&component, place.path("a"))
            .unwrap()
            .location,
        far
    );
    near.add_component(&component, &far).unwrap();
    assert_eq!(
        session
            .download(&component, place.path("b"))
            .unwrap()
            .location,
        near
    );
    let options = DownloadOptions::new().location(&far);
    let downloaded = session
        .download_with(&component, place.path("c"), &options)
        .unwrap();
    assert_eq!(downloaded.location, far);
    for location in [&near, &far] {
        location.remove_component(&component).unwrap();
    }
    let error = session.download(&component, place.path("d")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInAnyLocation);
    assert!(!place.path("d").exists());
}

/// Three containers in a container, each with two containers of three files and a sequence.
#[test]
fn what_containers_hold_takes_requests_for_each_level_and_not_for_each_of_them() {
    let place = Place::new();
    let session = &place.session;
    let create = |entity_type: &str, name: &str, within: Option<&Entity>| {
        let component = session
            .create(entity_type, values! { "name": name })
            .unwrap();
        if let Some(container) = within {
            component.set("container", container).unwrap();
        }
        component
    };
    let top = create("ContainerComponent", "top", None);
    for outer in 0..3 {
        let outer = create("ContainerComponent", &format!("outer{outer}"), Some(&top));
        for inner in 0..2 {
            let inner = create("ContainerComponent", &format!("inner{inner}"), Some(&outer));
            for file in 0..3 {
                let file = create("FileComponent", &format!("file{file}"), Some(&inner));
                file.set("file_type", ".exr").unwrap();
            }
            let sequence = create("SequenceComponent", "frames", Some(&inner));
            sequence.set("padding", 4).unwrap();
            for frame in ["1", "2"] {
                let frame = create("FileComponent", frame, Some(&sequence));
                frame.set("file_type", ".exr").unwrap();
            }
        }
    }
    session.commit().unwrap();
    // Whatever is loaded on access: not by it.
    for policy in [
        FetchPolicy::Siblings,
        FetchPolicy::Single,
        FetchPolicy::Deny,
    ] {
        let other = place.other_session();
        let there = super::location(
            &other,
            "storage",
            &place.text("storage"),
            IdStructure::new(),
        );
        let _policy = other.fetching(policy);
        let top = other.get("ContainerComponent", top.id()).unwrap().unwrap();
        let trace = other.trace();
        let options = DownloadOptions::new().location(&there);
        let error = other
            .download_with(&top, place.path("folder"), &options)
            .unwrap_err();
        // Nothing of it is in the location, so it goes no further; all of it was known by then.
        assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation, "{error}");
        assert_eq!(error.details()["components"].as_array().unwrap().len(), 30);
        assert!(
            trace.request_count() <= 8,
            "{policy:?}: {:#?}",
            trace.requests()
        );
    }
}
