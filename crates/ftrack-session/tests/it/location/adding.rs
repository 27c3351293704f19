//! Adding components to locations.

use std::fs;

use ftrack_location::transfer::TransferOptions;
use ftrack_location::{DiskAccessor, IdStructure, MemoryAccessor, StandardStructure};
use ftrack_session::{
    AddOptions, AssetVersionHelpers, Entity, EntityState, ErrorKind, Location,
    LocationConfiguration, LocationKind, Session, values,
};
use serde_json::json;

use super::{Place, cause_kind, content, location, registered};

/// A component that is only in the origin.
fn component(place: &Place, name: &str, text: &str) -> Entity {
    let path = place.file(name, text);
    let data = values! { "name": name };
    let none = ftrack_session::LocationChoice::None;
    place.session.create_component(&path, data, none).unwrap()
}

#[test]
fn components_come_from_one_source_or_from_one_each() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let first = component(&place, "a.exr", "one");
    let second = component(&place, "b.exr", "second");
    near.add_component(&first, place.origin()).unwrap();
    let all = [first.clone(), second.clone()];
    far.add_components(&all, [&near, &place.origin()], &AddOptions::new())
        .unwrap();
    for (component, text) in [(&first, "one"), (&second, "second")] {
        let path = far.filesystem_path(component).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    }
    let error = far
        .add_components(&all, [&near, &near, &near], &AddOptions::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    far.add_components(&[], [&near], &AddOptions::new())
        .unwrap();
}

#[test]
fn what_is_there_already_is_refused_and_nothing_is_done() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let first = component(&place, "a.exr", "one");
    let second = component(&place, "b.exr", "second");
    location.add_component(&first, place.origin()).unwrap();
    let error = location
        .add_components(
            &[first.clone(), second.clone()],
            [&place.origin()],
            &AddOptions::new(),
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentInLocation);
    assert_eq!(error.details()["components"], json!([first.id()]));
    assert_eq!(error.details()["location"], json!(location.id()));
    assert_eq!(place.files("storage").len(), 1);
    assert_eq!(registered(&place.session, &location), 1);
    location.add_component(&second, place.origin()).unwrap();
    assert_eq!(registered(&place.session, &location), 2);
}

#[test]
fn structures_and_accessors_are_needed_and_missed_by_name() {
    let place = Place::new();
    let target = place.location("storage", IdStructure::new());
    let source = place.location("source", IdStructure::new());
    let component = component(&place, "a.exr", "one");
    source.add_component(&component, place.origin()).unwrap();

    let files = || LocationConfiguration::new().accessor(MemoryAccessor::new());
    target.configure(files());
    let error = target.add_component(&component, &source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert!(error.to_string().contains("no structure"), "{error}");
    assert!(error.to_string().contains("storage"), "{error}");

    target.configure(LocationConfiguration::new().structure(IdStructure::new()));
    let error = target.add_component(&component, &source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.contains("no accessor") && cause.contains("storage"),
        "{cause}"
    );

    target.configure(files().structure(IdStructure::new()));
    source.configure(LocationConfiguration::new());
    let error = target.add_component(&component, &source).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        cause.contains("no accessor") && cause.contains("source"),
        "{cause}"
    );
    assert_eq!(error.details()["transferred"], json!([]));
}

#[test]
fn a_component_that_is_not_in_the_source_cannot_be_added() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let component = component(&place, "a.exr", "one");
    let error = far.add_component(&component, &near).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["component"], json!(component.id()));
    assert_eq!(
        cause_kind(&error),
        Some(ErrorKind::ComponentNotInLocation),
        "{error:?}"
    );
    assert_eq!(
        component.state(),
        Some(EntityState::Created),
        "it can be added from elsewhere"
    );
    far.add_component(&component, place.origin()).unwrap();
}

#[test]
fn an_existing_file_is_never_replaced() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let path = place.file("plate.exr", "new");
    let first = version
        .create_component_in(&path, values! { "name": "plate" }, &location)
        .unwrap();
    let target = location.filesystem_path(&first).unwrap();
    fs::write(&target, "precious").unwrap();
    let second = version
        .create_component(&path, values! { "name": "plate" })
        .unwrap();
    let error = location.add_component(&second, place.origin()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["transferred"], json!([]));
    assert_eq!(error.details()["component"], json!(second.id()));
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    assert_eq!(registered(&place.session, &location), 1);
}

#[test]
fn two_components_for_one_place_are_refused_before_anything_is_copied() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let both = ["a.exr", "b.exr"].map(|name| {
        let path = place.file(name, "pixels");
        version
            .create_component(&path, values! { "name": "plate" })
            .unwrap()
    });
    let error = location
        .add_components(&both, [&place.origin()], &AddOptions::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert!(place.files("storage").is_empty());
}

#[test]
fn containers_are_added_with_all_that_is_in_them_by_one_batch() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let session = &place.session;
    let container = session
        .create("ContainerComponent", values! { "name": "package" })
        .unwrap();
    let file = component(&place, "notes.txt", "notes");
    let path = place.sequence("plate", &[1, 3]);
    let none = ftrack_session::LocationChoice::None;
    let sequence = session
        .create_component(&path, values! { "name": "plate" }, none)
        .unwrap();
    for member in [&file, &sequence] {
        container
            .collection("members")
            .unwrap()
            .push(member)
            .unwrap();
        member.set("container", &container).unwrap();
    }
    let trace = session.trace();
    location.add_component(&container, place.origin()).unwrap();
    assert_eq!(
        trace
            .requests()
            .iter()
            .filter(|request| request.purpose == "commit")
            .count(),
        1
    );
    assert_eq!(registered(session, &location), 5);
    assert_eq!(location.component_availability(&container).unwrap(), 100.0);
    let folder = location.filesystem_path(&container).unwrap();
    assert!(folder.is_dir());
    let notes = location.filesystem_path(&file).unwrap();
    assert_eq!(notes.parent().unwrap(), folder);
    assert_eq!(place.files("storage").len(), 3);
}

#[test]
fn without_recursion_only_the_component_itself_is_registered() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.sequence("plate", &[1, 2]);
    let none = ftrack_session::LocationChoice::None;
    let sequence = place
        .session
        .create_component(&path, values! {}, none)
        .unwrap();
    location
        .add_components(
            std::slice::from_ref(&sequence),
            [&place.origin()],
            &AddOptions::new().recursive(false),
        )
        .unwrap();
    assert_eq!(registered(&place.session, &location), 1);
    assert!(place.files("storage").is_empty());
    // Availability is that of the files.
    assert_eq!(location.component_availability(&sequence).unwrap(), 0.0);
    let member = sequence
        .collection("members")
        .unwrap()
        .get(0)
        .unwrap()
        .unwrap();
    location.add_component(&member, place.origin()).unwrap();
    assert_eq!(location.component_availability(&sequence).unwrap(), 50.0);
}

#[test]
fn unmanaged_locations_only_register() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    location.set_kind(LocationKind::Unmanaged);
    let component = component(&place, "a.exr", "one");
    location.add_component(&component, place.origin()).unwrap();
    assert!(place.files("storage").is_empty());
    assert!(
        location
            .filesystem_path(&component)
            .unwrap()
            .starts_with(place.path("storage"))
    );
}

#[test]
fn memory_locations_hold_data_that_only_the_session_knows_of() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    location.set_kind(LocationKind::Memory);
    let component = component(&place, "a.exr", "one");
    let trace = place.session.trace();
    location.add_component(&component, place.origin()).unwrap();
    assert_eq!(trace.request_count(), 0);
    let path = location.filesystem_path(&component).unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "one");
    let error = location
        .add_component(&component, place.origin())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentInLocation);
    location.remove_component(&component).unwrap();
    assert!(place.files("storage").is_empty());
    assert_eq!(
        location.resource_identifier(&component).unwrap_err().kind(),
        ErrorKind::ComponentNotInLocation
    );
}

#[test]
fn components_that_are_created_by_hand_are_added_to_the_origin_by_their_paths() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.file("a.exr", "one");
    let component = place
        .session
        .create(
            "FileComponent",
            values! { "name": "a", "file_type": ".exr" },
        )
        .unwrap();
    place.origin().add_component(&component, &*path).unwrap();
    assert_eq!(place.origin().filesystem_path(&component).unwrap(), path);
    location.add_component(&component, place.origin()).unwrap();
    assert_eq!(place.files("storage").len(), 1);

    let error = location
        .add_component(&component, path.to_str().unwrap())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let error = place
        .origin()
        .add_component(&component, &location)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn what_is_no_component_or_of_another_unit_of_work_is_refused() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let user = place.session.query("User").first().unwrap().unwrap();
    let error = location.add_component(&user, place.origin()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EntityType);

    let mine = component(&place, "a.exr", "one");
    let unit = place.session.begin();
    let path = place.file("b.exr", "two");
    let none = ftrack_session::LocationChoice::None;
    let other = unit.create_component(&path, values! {}, none).unwrap();
    let error = location
        .add_components(
            &[mine, other.clone()],
            [&place.origin()],
            &AddOptions::new(),
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    location.add_component(&other, place.origin()).unwrap();
    assert_eq!(other.state(), None);
}

#[test]
fn progress_is_told_while_a_sequence_is_copied() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.sequence("plate", &[1, 2, 3]);
    let last = std::sync::Arc::new(parking_lot::Mutex::new(None));
    let told = std::sync::Arc::clone(&last);
    let transfer = TransferOptions::new().progress(move |progress| *told.lock() = Some(*progress));
    place
        .session
        .create_component_with(
            &path,
            values! {},
            &location,
            &AddOptions::new().transfer(transfer),
        )
        .unwrap();
    let last = last.lock().unwrap();
    let bytes: u64 = [1, 2, 3]
        .map(|index| content("plate", index).len() as u64)
        .iter()
        .sum();
    assert_eq!((last.files, last.total_files), (3, 3));
    assert_eq!((last.bytes, last.total_bytes), (bytes, Some(bytes)));
}

/// The story that the official client needs 2,005 requests for.
#[test]
fn a_thousand_frames_move_in_a_few_requests() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let indexes: Vec<u32> = (1..=1_000).collect();
    for index in &indexes {
        place.file(&format!("plate.{index:04}.exr"), "pixels");
    }
    let version = place.version();
    let path = format!("{} [1-1000]", place.text("plate.%04d.exr"));
    let sequence = version
        .create_component_in(&path, values! { "name": "plate" }, &near)
        .unwrap();

    for structure in ["id", "standard"] {
        let session = place.other_session();
        let prefix = place.text(structure);
        let source = location(&session, "near", &place.text("near"), IdStructure::new());
        let target = if structure == "id" {
            location(&session, structure, &prefix, IdStructure::new())
        } else {
            location(&session, structure, &prefix, StandardStructure::new())
        };
        let sequence = found(&session, &sequence);
        let trace = session.trace();
        target.add_component(&sequence, &source).unwrap();
        // One of them looks for others in the same place.
        assert!(
            trace.request_count() <= 8,
            "{structure}: {}",
            trace.request_count()
        );
        assert_eq!(place.files(structure).len(), 1_000);
        assert_eq!(target.component_availability(&sequence).unwrap(), 100.0);
    }
}

fn found(session: &Session, component: &Entity) -> Entity {
    session
        .get(component.entity_type(), component.id().as_str())
        .unwrap()
        .unwrap()
}

#[test]
fn a_location_may_have_any_accessor() {
    let place = Place::new();
    let entity = place
        .session
        .ensure("Location", values! { "name": "memory" }, &[])
        .unwrap();
    let location = Location::try_from(entity).unwrap();
    let accessor = MemoryAccessor::new();
    location.set_accessor(accessor.clone());
    location.set_structure(IdStructure::with_prefix("components"));
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &location)
        .unwrap();
    let identifier = location.resource_identifier(&component).unwrap();
    assert!(identifier.starts_with("components/"), "{identifier}");
    assert!(ftrack_location::Accessor::is_file(&accessor, &identifier).unwrap());
    let back = place.location("storage", IdStructure::new());
    back.set_accessor(
        DiskAccessor::in_folder(place.path("back"))
            .unwrap()
            .create_prefix(true),
    );
    back.add_component(&component, &location).unwrap();
    assert_eq!(place.files("back").len(), 1);
}

#[test]
fn what_is_brought_from_a_location_has_the_size_that_is_registered() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, IdStructure::new()));
    let component = component(&place, "a.exr", "pixels");
    near.add_component(&component, place.origin()).unwrap();
    let path = near.filesystem_path(&component).unwrap();
    for content in ["", "pix", "<html>a page to log in</html>"] {
        fs::write(&path, content).unwrap();
        let error = far.add_component(&component, &near).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Location, "{content:?}");
        assert!(format!("{error:?}").contains("expected 6"), "{error:?}");
        assert!(place.files("far").is_empty(), "{content:?}");
        assert_eq!(far.component_availability(&component).unwrap(), 0.0);
    }
    let any = AddOptions::new().check_sizes(false);
    far.add_components(std::slice::from_ref(&component), [&near], &any)
        .unwrap();
    assert_eq!(far.component_availability(&component).unwrap(), 100.0);
}

#[test]
fn a_storage_that_is_not_mounted_is_not_made() {
    let place = Place::new();
    let location = place.location("unmounted", IdStructure::new());
    location.set_accessor(DiskAccessor::in_folder(place.path("share")).unwrap());
    let component = component(&place, "a.exr", "pixels");
    let error = location
        .add_component(&component, place.origin())
        .unwrap_err();
    assert!(format!("{error:?}").contains("mount it"), "{error:?}");
    assert!(!place.path("share").exists());
    fs::create_dir(place.path("share")).unwrap();
    location.add_component(&component, place.origin()).unwrap();
}

/// Containers in containers, the outermost first, and a file in the innermost.
fn nested(place: &Place, depth: usize) -> (Entity, Entity) {
    let session = &place.session;
    let file = component(place, "deep.exr", "pixels");
    let mut inner = file.clone();
    for level in 0..depth {
        let name = format!("level {level}");
        let outer = session
            .create("ContainerComponent", values! { "name": name.as_str() })
            .unwrap();
        inner.set("container", &outer).unwrap();
        inner = outer;
    }
    session.commit().unwrap();
    (inner, file)
}

#[test]
fn containers_may_lie_in_one_another_as_deep_as_they_like() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let (outer, file) = nested(&place, 100);
    location.add_component(&outer, place.origin()).unwrap();
    assert_eq!(location.component_availability(&file).unwrap(), 100.0);
    assert_eq!(location.component_availability(&outer).unwrap(), 100.0);
    location.remove_component(&outer).unwrap();
    assert_eq!(location.component_availability(&outer).unwrap(), 0.0);
    assert!(place.files("storage").is_empty());
}

/// More than would fit on this stack if anything called itself for each level.
#[test]
fn what_lies_deep_in_containers_needs_no_deep_stack() {
    let work = || {
        let place = Place::new();
        let location = place.location("storage", IdStructure::new());
        let (outer, file) = nested(&place, 1_000);
        location.add_component(&file, place.origin()).unwrap();
        assert_eq!(location.component_availability(&outer).unwrap(), 100.0);
        let error = place.session.download(&outer, place.path("to"));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidArgument);
        let folder = place.path("to");
        assert!(!folder.exists());
        let id = file.id();
        outer.delete().unwrap();
        place.session.commit().unwrap();
        let other = place.other_session();
        assert!(other.get("FileComponent", id).unwrap().is_none());
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(work).unwrap().join().unwrap();
}
