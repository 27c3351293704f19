//! Creating components from files and sequences.

use std::fs;

use ftrack_location::{DiskAccessor, IdStructure};
use ftrack_session::{
    AddOptions, AssetVersionHelpers, Entity, EntityState, ErrorKind, LocationChoice, symbol, values,
};
use serde_json::json;

use super::{Place, content, registered};

#[test]
fn a_component_of_a_file_knows_its_size_and_type_and_is_in_the_location_that_is_picked() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    location.set_priority(10);
    let path = place.file("plate.v1.exr", "pixels");
    let trace = place.session.trace();
    let component = place
        .session
        .create_component(&path, values! { "name": "plate" }, LocationChoice::Auto)
        .unwrap();
    assert_eq!(trace.request_count(), 1, "everything in one batch");
    assert_eq!(component.entity_type(), "FileComponent");
    assert_eq!(component.state(), None);
    let other = place.other_session();
    let found = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(found.get::<String>("name").unwrap(), "plate");
    assert_eq!(found.get::<String>("file_type").unwrap(), ".exr");
    assert_eq!(found.get::<i64>("size").unwrap(), 6);
    let id = component.id();
    let expected = format!(
        "{}/{}/{}/{}/{}.exr",
        &id[..1],
        &id[1..2],
        &id[2..3],
        &id[3..4],
        &id[4..]
    );
    assert_eq!(place.files("storage"), [expected]);
    assert_eq!(registered(&other, &location), 1);
}

#[test]
fn without_a_location_nothing_is_sent_and_the_origin_knows_the_file() {
    let place = Place::new();
    let path = place.file("plate.exr", "pixels");
    let trace = place.session.trace();
    let component = place
        .session
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap();
    assert_eq!(trace.request_count(), 0);
    assert_eq!(component.state(), Some(EntityState::Created));
    assert_eq!(place.origin().filesystem_path(&component).unwrap(), path);
    place.session.commit().unwrap();
    assert_eq!(place.origin().filesystem_path(&component).unwrap(), path);
    let other = place.other_session();
    let component = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    let error = other
        .location("ftrack.origin")
        .unwrap()
        .resource_identifier(&component)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
    assert_eq!(error.details()["components"], json!([component.id()]));
}

#[test]
fn by_default_files_stay_where_they_are_and_their_paths_are_stored() {
    let place = Place::new();
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, LocationChoice::default())
        .unwrap();
    let other = place.other_session();
    let unmanaged = other.location("ftrack.unmanaged").unwrap();
    let component = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(unmanaged.filesystem_path(&component).unwrap(), path);
}

#[test]
fn a_file_that_is_not_there_is_an_error_unless_it_is_said_to_be_elsewhere() {
    let place = Place::new();
    let session = &place.session;
    for missing in ["missing.exr", "plate.%04d.exr [1-3]", "plate.####.exr", ""] {
        let path = place.path(missing);
        let error = session
            .create_component(&path, values! {}, LocationChoice::None)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{missing}");
        assert!(session.recorded_operations().is_empty());
    }
    let path = place.path("missing.exr");
    let elsewhere = AddOptions::new().elsewhere(true);
    let component = session
        .create_component_with(&path, values! {}, LocationChoice::None, &elsewhere)
        .unwrap();
    assert_eq!(component.get::<i64>("size").unwrap(), 0);
    let component = session
        .create_component(&path, values! { "size": 12 }, LocationChoice::None)
        .unwrap();
    assert_eq!(component.get::<i64>("size").unwrap(), 12);
}

/// Other systems have no such names.
#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_no_text_are_used_or_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new();
    let session = &place.session;
    let odd = place.folder.path().join(OsStr::from_bytes(b"odd \xff"));
    fs::create_dir(&odd).unwrap();
    let location = place.location("storage", IdStructure::new());
    location.set_accessor(DiskAccessor::in_folder(&odd).unwrap());
    let path = place.file("plate.exr", "pixels");
    let component = session
        .create_component(&path, values! { "name": "plate" }, &location)
        .unwrap();
    let downloaded = session.download(&component, odd.join("to")).unwrap();
    assert_eq!(fs::read(&downloaded.path).unwrap(), b"pixels");

    // The server keeps the path of a file that stays where it is, as a text.
    let file = odd.join("plate.exr");
    fs::write(&file, "pixels").unwrap();
    let error = session
        .create_component(&file, values! {}, LocationChoice::None)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let said = error.to_string();
    assert!(
        said.contains("odd") && said.contains("is not Unicode"),
        "{said}"
    );
    assert!(session.recorded_operations().is_empty());
}

#[test]
fn sequences_are_found_in_every_notation_and_a_file_is_that_file() {
    let place = Place::new();
    place.sequence("plate", &[1, 2, 4]);
    place.file("x.%04d.exr [1-3]", "a file");
    let create = |name: &str| {
        place
            .session
            .create_component(place.path(name), values! {}, LocationChoice::None)
            .unwrap()
    };
    for (folder, name) in [("tiles", "skin.1001.tx"), ("tiles", "skin.1011.tx")] {
        place.file(&format!("{folder}/{name}"), name);
    }
    for frame in ["-002", "-001", "0000", "0001"] {
        place.file(&format!("before.{frame}.exr"), frame);
    }
    let all = ["0001", "0002", "0004"];
    for (name, expected) in [
        ("plate.####.exr", &all[..]),
        ("plate.@@@@.exr", &all),
        ("plate.$F4.exr", &all),
        ("plate.%04d.exr", &all),
        ("plate.####.exr 1-4x3", &["0001", "0004"]),
        ("plate.@@@@.exr 1,2", &["0001", "0002"]),
        ("tiles/skin.<UDIM>.tx", &["1001", "1011"]),
        ("tiles", &["1001", "1011"]),
        ("before.####.exr -2-0", &["-002", "-001", "0000"]),
    ] {
        let sequence = create(name);
        assert_eq!(sequence.entity_type(), "SequenceComponent", "{name}");
        let members = sequence.collection("members").unwrap();
        let members = members.entities().unwrap();
        let found: Vec<String> = members
            .iter()
            .map(|member| member.get("name").unwrap())
            .collect();
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(create("x.%04d.exr [1-3]").entity_type(), "FileComponent");
}

#[test]
fn a_folder_with_several_sequences_or_paddings_is_refused_and_they_are_named() {
    let place = Place::new();
    for name in ["a.1.exr", "a.2.exr", "b.1.exr", "b.2.exr"] {
        place.file(&format!("renders/{name}"), name);
    }
    let refused = || {
        let path = place.path("renders");
        let session = &place.session;
        let error = session
            .create_component(path, values! {}, LocationChoice::None)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        format!("{error:#}")
    };
    let said = refused();
    assert!(
        said.contains("2 sequences")
            && said.contains("a.%d.exr [1-2]")
            && said.contains("b.%d.exr"),
        "{said}"
    );
    fs::remove_file(place.path("renders/b.1.exr")).unwrap();
    place.file("renders/a.03.exr", "another padding");
    let said = refused();
    assert!(
        said.contains("a.%d.exr [1-2]") && said.contains("a.03.exr"),
        "{said}"
    );
}

#[test]
fn absurd_ranges_fail_at_once() {
    let place = Place::new();
    for ranges in ["[0-18446744073709551615]", "[1-9999999999]"] {
        let path = place.path(&format!("plate.%04d.exr {ranges}"));
        let data = values! { "size": 5 };
        let error = place
            .session
            .create_component(path, data, LocationChoice::None)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    }
}

#[test]
fn what_the_data_says_counts_more_than_the_file() {
    let place = Place::new();
    let path = place.file("plate.exr", "pixels");
    let data = values! { "size": 1_000, "file_type": ".mov", "metadata": json!({"take": "3"}) };
    let component = place
        .session
        .create_component(
            &path,
            data,
            place.session.location("ftrack.unmanaged").unwrap(),
        )
        .unwrap();
    assert_eq!(component.get::<i64>("size").unwrap(), 1_000);
    assert_eq!(component.get::<String>("file_type").unwrap(), ".mov");
    let other = place.other_session();
    let found = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(
        found.metadata().unwrap().get::<String>("take").unwrap(),
        "3"
    );
}

#[test]
fn a_sequence_has_a_component_for_each_file_and_the_size_of_all() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.sequence("plate", &[1, 2, 4]);
    let trace = place.session.trace();
    let sequence = place
        .session
        .create_component(&path, values! { "name": "plate" }, &location)
        .unwrap();
    assert_eq!(
        trace.request_count(),
        1,
        "container and members in one batch"
    );
    let other = place.other_session();
    let found = other
        .get("SequenceComponent", sequence.id().as_str())
        .unwrap()
        .unwrap();
    let sizes: usize = [1, 2, 4]
        .map(|index| content("plate", index).len())
        .iter()
        .sum();
    assert_eq!(found.get::<usize>("size").unwrap(), sizes);
    assert_eq!(found.get::<i64>("padding").unwrap(), 4);
    assert_eq!(found.get::<String>("file_type").unwrap(), ".exr");
    let mut names: Vec<String> = found
        .collection("members")
        .unwrap()
        .entities()
        .unwrap()
        .iter()
        .map(|member| {
            assert_eq!(
                member.get::<Entity>("container").unwrap().id(),
                sequence.id()
            );
            member.get("name").unwrap()
        })
        .collect();
    names.sort();
    assert_eq!(names, ["0001", "0002", "0004"]);
    assert_eq!(registered(&other, &location), 4);
    let files = place.files("storage");
    assert_eq!(files.len(), 3);
    assert!(files[2].ends_with("/file.0004.exr"), "{files:?}");
}

#[test]
fn a_size_that_is_given_is_shared_by_the_files_of_a_sequence() {
    let place = Place::new();
    let sequence = place
        .session
        .create_component(
            "/plates/bunny.%d.exr [1-3]",
            values! { "size": 100 },
            LocationChoice::None,
        )
        .unwrap();
    assert_eq!(sequence.get::<i64>("size").unwrap(), 100);
    assert_eq!(sequence.get::<i64>("padding").unwrap(), 0);
    for member in sequence.collection("members").unwrap().entities().unwrap() {
        assert_eq!(member.get::<i64>("size").unwrap(), 33);
    }
}

#[test]
fn sequences_without_files_and_what_looks_like_one_are_as_documented() {
    let place = Place::new();
    let empty = place
        .session
        .create_component_with(
            "/plates/a.%04d.exr []",
            values! {},
            LocationChoice::None,
            &AddOptions::new().elsewhere(true),
        )
        .unwrap();
    assert_eq!(empty.entity_type(), "SequenceComponent");
    assert_eq!(empty.get::<i64>("size").unwrap(), 0);
    for path in ["/plates/a.####.exr", "/plates/a.%04d.exr"] {
        let file = place
            .session
            .create_component(path, values! { "size": 5 }, LocationChoice::None)
            .unwrap();
        assert_eq!(file.entity_type(), "FileComponent", "{path}");
    }
    place.session.commit().unwrap();
}

#[test]
fn subscribers_tell_the_types_of_files() {
    let place = Place::new();
    let hub = place.session.event_hub();
    hub.subscribe(
        "topic=ftrack.api.session.get-file-type-from-string",
        |event| {
            let path = event.data["file_path"].as_str().unwrap_or_default();
            Ok(path.ends_with(".tar.gz").then(|| json!(".tar.gz")))
        },
    )
    .unwrap();
    let type_of = |path: &str| {
        let created =
            place
                .session
                .create_component(path, values! { "size": 5 }, LocationChoice::None);
        created.unwrap().get::<String>("file_type").unwrap()
    };
    assert_eq!(type_of("/caches/bunny.v2.tar.gz"), ".tar.gz");
    assert_eq!(type_of("/caches/bunny.%04d.tar.gz [1-2]"), ".tar.gz");
    assert_eq!(type_of("/caches/bunny.abc"), ".abc");
    assert_eq!(type_of("/caches/.hidden"), "");
}

#[test]
fn media_for_review_goes_to_the_review_location_unless_told_otherwise() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    near.set_priority(1);
    let path = place.file("review.mp4", "frames");
    let review = place.session.location("ftrack.review").unwrap();
    for name in [
        "ftrackreview-mp4",
        "ftrackreview-webm",
        "ftrackreview-image",
    ] {
        let data = values! { "name": name };
        let component = place
            .session
            .create_component(&path, data, LocationChoice::Auto)
            .unwrap();
        assert_eq!(review.filesystem_path(&component).unwrap(), path);
        assert_eq!(near.component_availability(&component).unwrap(), 0.0);
    }
    let data = values! { "name": "ftrackreview-mp4" };
    let component = place.session.create_component(&path, data, &near).unwrap();
    assert_eq!(near.component_availability(&component).unwrap(), 100.0);
}

#[test]
fn versions_add_their_components_to_no_location_unless_told_otherwise() {
    let place = Place::new();
    let version = place.version();
    let path = place.file("plate.exr", "pixels");
    let data = values! { "name": "plate", "version_id": "another" };
    let component = version.create_component(&path, data).unwrap();
    assert_eq!(component.state(), Some(EntityState::Created));
    place.session.commit().unwrap();
    let other = place.other_session();
    let found = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(found.get::<String>("version_id").unwrap(), version.id());
    assert!(found.collection("component_locations").unwrap().is_empty());

    let path = place.file("matte.exr", "pixels");
    let data = values! { "name": "matte" };
    let component = version
        .create_component_in(&path, data, LocationChoice::Auto)
        .unwrap();
    let unmanaged = other.location(symbol::UNMANAGED_LOCATION_ID).unwrap();
    let found = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(unmanaged.component_availability(&found).unwrap(), 100.0);

    let user = place.session.query("User").first().unwrap().unwrap();
    let error = user.create_component("/a.exr", values! {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EntityType);
}

#[test]
fn a_unit_of_work_commits_its_own_components_only() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let user = place.session.query("User").first().unwrap().unwrap();
    user.set("first_name", "half done").unwrap();
    let unit = place.session.begin();
    let path = place.file("plate.exr", "pixels");
    let component = unit.create_component(&path, values! {}, &location).unwrap();
    assert_eq!(user.state(), Some(EntityState::Modified));
    assert_eq!(location.component_availability(&component).unwrap(), 100.0);
    place.session.rollback();
}

#[test]
fn a_component_that_cannot_be_created_leaves_nothing_recorded() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    for choice in [LocationChoice::None, LocationChoice::from(&location)] {
        let path = place.sequence("plate", &[1, 2]);
        let error = place
            .session
            .create_component(&path, values! { "colour": "red" }, choice)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownAttribute);
        assert!(place.session.recorded_operations().is_empty());
    }
}
