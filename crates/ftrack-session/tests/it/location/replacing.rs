//! Components that are added again in the place of what is there.

use std::fs;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ftrack_location::transfer::TransferOptions;
use ftrack_location::{
    Accessor, AccessorError, IdStructure, LeftOver, MemoryAccessor, OriginStructure,
    StandardStructure,
};
use ftrack_server::Fault;
use ftrack_session::{
    AddOptions, AssetVersionHelpers, Entity, ErrorKind, Location, LocationChoice, LocationKind,
    RateLimit, UploadOptions, values,
};
use ftrack_test_kit::storage::{Odd, Step};
use serde_json::json;

use super::{Place, registered};

fn replacing() -> AddOptions {
    AddOptions::new().replace(true)
}

fn add(location: &Location, component: &Entity, source: &Location) -> ftrack_session::Result<()> {
    location.add_components(std::slice::from_ref(component), [source], &replacing())
}

fn text(location: &Location, component: &Entity) -> String {
    fs::read_to_string(location.filesystem_path(component).unwrap()).unwrap()
}

#[test]
fn a_component_is_replaced_where_it_is_and_registered_once() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let path = place.file("plate.exr", "pixels");
    let component = place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, &location)
        .unwrap();
    let before = location.filesystem_path(&component).unwrap();
    // It stays where it is although the structure would put it elsewhere now.
    location.set_structure(IdStructure::new());
    fs::write(&path, "better").unwrap();
    add(&location, &component, &place.origin()).unwrap();
    assert_eq!(location.filesystem_path(&component).unwrap(), before);
    assert_eq!(text(&location, &component), "better");
    assert_eq!(registered(&place.session, &location), 1);
    assert_eq!(place.files("storage").len(), 1);
    assert!(location.verify().unwrap().is_clean());
}

#[test]
fn what_vanished_and_what_nobody_registered_is_replaced() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let path = place.file("plate.exr", "pixels");
    let data = || values! { "name": "plate" };
    let lost = version
        .create_component_in(&path, data(), &location)
        .unwrap();
    let target = location.filesystem_path(&lost).unwrap();
    fs::remove_file(&target).unwrap();
    add(&location, &lost, &place.origin()).unwrap();
    assert_eq!(text(&location, &lost), "pixels");

    // A component was deleted, and its file stayed.
    let session = &place.session;
    session.delete(&lost).unwrap();
    session.commit().unwrap();
    fs::write(&target, "from before").unwrap();
    let again = version.create_component(&path, data()).unwrap();
    let error = location.add_component(&again, place.origin()).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("no component is registered"), "{said}");
    add(&location, &again, &place.origin()).unwrap();
    assert_eq!(text(&location, &again), "pixels");
    assert_eq!(place.files("storage").len(), 1);
}

#[test]
fn a_file_of_another_component_is_not_replaced() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let version = place.version();
    let path = place.file("plate.exr", "pixels");
    let first = version
        .create_component_in(&path, values! { "name": "plate" }, &location)
        .unwrap();
    fs::write(&path, "others").unwrap();
    let second = version
        .create_component(&path, values! { "name": "plate" })
        .unwrap();
    let error = add(&location, &second, &place.origin()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["other"], json!(first.id()));
    assert_eq!(text(&location, &first), "pixels");
    assert_eq!(place.files("storage").len(), 1);
}

#[test]
fn a_registration_that_fails_brings_the_old_files_back() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let path = place.sequence("plate", &[1, 2]);
    let sequence = place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, &location)
        .unwrap();
    let contents = || -> Vec<String> {
        let files = place.files("storage");
        files
            .iter()
            .map(|file| fs::read_to_string(place.path("storage").join(file)).unwrap())
            .collect()
    };
    let before = contents();
    for index in [1, 2] {
        fs::write(place.path(&format!("plate.{index:04}.exr")), "better").unwrap();
    }
    // Something else that waits to be committed is refused.
    let user = place
        .session
        .create("User", values! { "username": "jane" })
        .unwrap();
    let error = add(&location, &sequence, &place.origin()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location, "{error:#}");
    assert_eq!(error.details()["transferred"], json!([]));
    assert_eq!(contents(), before);
    user.set("username", "another.jane").unwrap();
    add(&location, &sequence, &place.origin()).unwrap();
    assert_eq!(contents(), ["better", "better"]);
}

#[test]
fn what_was_replaced_is_kept_and_named_while_nobody_knows_what_is_registered() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &location)
        .unwrap();
    fs::write(&path, "better").unwrap();
    // Something that is sent again only where that does no harm goes along.
    component.set("name", "another").unwrap();
    place
        .server
        .fail_next(Fault::garbage().action("update").times(9))
        .unwrap();
    let outcome = add(&location, &component, &place.origin());
    let Err(error) = outcome else {
        assert_eq!(text(&location, &component), "better");
        return;
    };
    if error.kind() == ErrorKind::CommitOutcomeUnknown {
        let replaced = error.details()["replaced"].as_array().unwrap().clone();
        assert_eq!(replaced.len(), 1, "{replaced:?}");
        let kept = replaced[0]["kept_as"].as_str().unwrap();
        let kept = place.path("storage").join(kept);
        assert_eq!(fs::read_to_string(kept).unwrap(), "pixels");
        assert_eq!(text(&location, &component), "better");
        let left = location.verify().unwrap().left_over;
        assert!(left.len() == 1 && left[0].is_old, "{left:?}");
    } else {
        assert_eq!(text(&location, &component), "pixels", "{error:#}");
    }
}

/// A storage that does nothing any more from one call on, or fails at one call only.
fn unlucky(
    memory: &MemoryAccessor,
    calls: &Arc<AtomicUsize>,
    faulty: RangeInclusive<usize>,
) -> Odd {
    let calls = Arc::clone(calls);
    Odd::new(memory.clone()).before(move |step, identifier| {
        let may_fail = matches!(
            step,
            Step::Exists | Step::Create | Step::Remove | Step::Rename | Step::Replace
        );
        if !may_fail || !faulty.contains(&calls.fetch_add(1, Ordering::SeqCst)) {
            return Ok(());
        }
        Err(AccessorError::OperationFailed {
            operation: "do as asked",
            resource_identifier: identifier.to_owned(),
            source: "the storage is away".into(),
        })
    })
}

#[test]
fn a_storage_that_fails_at_any_step_has_all_old_or_all_new_files() {
    const OLD: [&str; 3] = ["old 1", "old 22", "old 333"];
    const NEW: [&str; 3] = ["new 4444", "new 55555", "new 666666"];
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let memory = MemoryAccessor::new();
    location.set_accessor(memory.clone());
    let paths = ["a.exr", "b.exr", "c.exr"];
    let components: Vec<Entity> = paths
        .iter()
        .zip(OLD)
        .map(|(name, old)| {
            let path = place.file(name, old);
            let session = &place.session;
            session
                .create_component(path, values! {}, &location)
                .unwrap()
        })
        .collect();
    let read = |component: &Entity| {
        let identifier = location.resource_identifier(component).unwrap();
        let mut reader = memory.open(&identifier).unwrap();
        std::io::read_to_string(&mut reader).unwrap()
    };
    let one_by_one =
        || replacing().transfer(ftrack_location::transfer::TransferOptions::new().parallel(1));
    let run = |first: usize, last: usize| {
        for (name, new) in paths.iter().zip(NEW) {
            place.file(name, new);
        }
        let calls = Arc::new(AtomicUsize::new(0));
        location.set_accessor(unlucky(&memory, &calls, first..=last));
        let outcome = location.add_components(&components, [&place.origin()], &one_by_one());
        location.set_accessor(memory.clone());
        (outcome, calls.load(Ordering::SeqCst))
    };
    let (outcome, calls) = run(usize::MAX, usize::MAX);
    outcome.unwrap();
    assert!(calls >= 9, "{calls}");
    let put_back = || {
        for (name, old) in paths.iter().zip(OLD) {
            place.file(name, old);
        }
        location
            .add_components(&components, [&place.origin()], &one_by_one())
            .unwrap();
        for left in location.verify().unwrap().left_over {
            memory.remove(&left.resource_identifier).unwrap();
        }
    };
    for last_offset in [0, usize::MAX] {
        for first in 0..calls {
            put_back();
            let (outcome, _) = run(first, first.saturating_add(last_offset));
            let found: Vec<String> = components.iter().map(read).collect();
            let left = location.verify().unwrap().left_over;
            match &outcome {
                Ok(()) => assert_eq!(found, NEW, "at {first}"),
                // Nothing can be brought back by a storage that is gone: but each file is whole, and the old ones are
                // kept.
                Err(_) if last_offset > 0 => {
                    for ((found, old), new) in found.iter().zip(OLD).zip(NEW) {
                        assert!(found == old || found == new, "{found} at {first}");
                    }
                    let new = found
                        .iter()
                        .zip(NEW)
                        .filter(|(found, new)| found == new)
                        .count();
                    assert_eq!(
                        left.iter().filter(|left| left.is_old).count(),
                        new,
                        "{left:?}"
                    );
                }
                Err(error) => {
                    assert_eq!(found, OLD, "at {first}: {error:#}");
                    let named = error.details()["transferred"].to_string();
                    for LeftOver {
                        resource_identifier,
                        ..
                    } in &left
                    {
                        assert!(named.contains(resource_identifier), "{named} at {first}");
                    }
                }
            }
            let unregistered = location.verify().unwrap().unregistered.unwrap();
            assert!(unregistered.is_empty(), "{unregistered:?} at {first}");
        }
    }
    assert_eq!(registered(&place.session, &location), 3);
}

#[test]
fn locations_that_leave_files_alone_are_told_where_they_are_now() {
    let place = Place::new();
    let unmanaged = place.session.location("ftrack.unmanaged").unwrap();
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &unmanaged)
        .unwrap();
    let before = registered(&place.session, &unmanaged);
    let other = place.file("better/plate.exr", "better");
    let origin = place.origin();
    origin
        .add_components(
            std::slice::from_ref(&component),
            [other.as_path()],
            &replacing(),
        )
        .unwrap();
    add(&unmanaged, &component, &origin).unwrap();
    assert_eq!(unmanaged.filesystem_path(&component).unwrap(), other);
    assert_eq!(registered(&place.session, &unmanaged), before);
    assert_eq!(fs::read_to_string(path).unwrap(), "pixels");
}

#[test]
fn a_memory_location_and_the_server_replace_as_well() {
    let place = Place::new();
    let session = &place.session;
    let location = place.location("storage", OriginStructure);
    location.set_structure(IdStructure::new());
    location.set_kind(LocationKind::Memory);
    let server = session.location("ftrack.server").unwrap();
    let path = place.file("notes.txt", "notes");
    let component = session
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap();
    let origin = place.origin();
    for target in [&location, &server] {
        target.add_component(&component, &origin).unwrap();
    }
    fs::write(&path, "better").unwrap();
    for target in [&location, &server] {
        add(target, &component, &origin).unwrap();
        let identifier = target.resource_identifier(&component).unwrap();
        let mut reader = target.accessor().unwrap().open(&identifier).unwrap();
        assert_eq!(std::io::read_to_string(&mut reader).unwrap(), "better");
    }
    assert_eq!(registered(session, &server), 1);
}

/// The server puts what it got in the place of what it had, and cannot bring that back: so it must not get it.
#[test]
fn the_server_keeps_what_it_has_when_the_new_file_changes_while_it_is_sent() {
    const KIB: u64 = 1024;
    let place = Place::new();
    let server = place.session.location("ftrack.server").unwrap();
    // In one piece, and in parts.
    for part_size in [1024 * KIB, 16 * KIB] {
        let path = place.file("plate.mov", "the old pixels");
        let component = place
            .session
            .create_component(&path, values! { "name": "plate" }, &server)
            .unwrap();
        fs::write(&path, vec![7; 200 * 1024]).unwrap();
        let writer = path.clone();
        let transfer = TransferOptions::new()
            .progress_interval(Duration::ZERO)
            .progress(move |progress| {
                // Slow as it is sent, the first of it is told of long before the last is sent.
                if progress.bytes > 0 {
                    fs::write(&writer, "somebody renders again").unwrap();
                }
            });
        let upload = UploadOptions::new()
            .part_size(part_size)
            .limit(RateLimit::new(400 * KIB));
        let options = replacing().transfer(transfer).upload(upload);
        let error = server
            .add_components(
                std::slice::from_ref(&component),
                [&place.origin()],
                &options,
            )
            .unwrap_err();
        let said = format!("{error:#}");
        assert!(said.contains("changed"), "{said}");
        let mut reader = server.accessor().unwrap().open(&component.id()).unwrap();
        assert_eq!(
            std::io::read_to_string(&mut reader).unwrap(),
            "the old pixels"
        );
        // And once nobody writes to it any more, it is replaced.
        add(&server, &component, &place.origin()).unwrap();
        let mut reader = server.accessor().unwrap().open(&component.id()).unwrap();
        assert_eq!(
            std::io::read_to_string(&mut reader).unwrap(),
            "somebody renders again"
        );
    }
}
