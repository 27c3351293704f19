//! What remains when something fails: no half files, nothing registered without data, and it can be tried again.

use std::fs;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ftrack_location::transfer::{CancellationToken, TransferOptions};
use ftrack_location::{Accessor, AccessorError, IdStructure, MemoryAccessor, Upload};
use ftrack_server::Fault;
use ftrack_session::{
    AddOptions, Entity, EntityState, ErrorKind, LocationChoice, LocationConfiguration, values,
};
use ftrack_test_kit::storage::{Odd, Step};
use serde_json::json;

use super::{Place, cause_kind, registered};

/// A storage in memory that is full after so many files, and whose files cannot be removed if it is stuck.
struct Full {
    memory: MemoryAccessor,
    left: Arc<AtomicUsize>,
    stuck: Arc<AtomicBool>,
}

impl Full {
    fn after(files: usize) -> Self {
        Self {
            memory: MemoryAccessor::new(),
            left: Arc::new(AtomicUsize::new(files)),
            stuck: Arc::default(),
        }
    }

    fn accessor(&self) -> Odd {
        let (left, stuck) = (Arc::clone(&self.left), Arc::clone(&self.stuck));
        Odd::new(self.memory.clone())
            .before(move |step, _| match step {
                Step::Remove if stuck.load(Ordering::SeqCst) => {
                    Err(AccessorError::unsupported("remove"))
                }
                _ => Ok(()),
            })
            .writing(move |inner, _| {
                let before = left.load(Ordering::SeqCst);
                left.store(before.saturating_sub(1), Ordering::SeqCst);
                if before == 0 { Box::new(Broken) } else { inner }
            })
    }

    fn files(&self) -> usize {
        fn count(memory: &MemoryAccessor, container: &str) -> usize {
            let entries = memory.list(container).unwrap();
            entries
                .iter()
                .map(|entry| {
                    if memory.is_container(entry).unwrap() {
                        count(memory, entry)
                    } else {
                        1
                    }
                })
                .sum()
        }
        count(&self.memory, "")
    }
}

/// An upload for which there is no room.
struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for Broken {
    fn finish(self: Box<Self>) -> Result<(), AccessorError> {
        Err(AccessorError::unsupported("finish"))
    }
}

fn sequence(place: &Place) -> Entity {
    let path = place.sequence("plate", &[1, 2, 3, 4]);
    place
        .session
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap()
}

/// One file after the other.
fn in_order() -> AddOptions {
    AddOptions::new().transfer(TransferOptions::new().parallel(1))
}

#[test]
fn a_full_target_leaves_nothing_and_can_be_tried_again() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let full = Full::after(2);
    location.set_accessor(full.accessor());
    let sequence = sequence(&place);
    let origin = place.origin();
    let add = || location.add_components(std::slice::from_ref(&sequence), [&origin], &in_order());
    let error = add().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["transferred"], json!([]));
    assert_eq!(full.files(), 0);
    assert_eq!(registered(&place.session, &location), 0);
    assert_eq!(sequence.state(), Some(EntityState::Created));

    full.left.store(10, Ordering::SeqCst);
    add().unwrap();
    assert_eq!(full.files(), 4);
    assert_eq!(registered(&place.session, &location), 5);
}

#[test]
fn what_cannot_be_removed_again_is_named() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let full = Full::after(2);
    full.stuck.store(true, Ordering::SeqCst);
    location.set_accessor(full.accessor());
    let sequence = sequence(&place);
    let members = sequence.collection("members").unwrap().entities().unwrap();
    let origin = place.origin();
    let error = location
        .add_components(std::slice::from_ref(&sequence), [&origin], &in_order())
        .unwrap_err();
    let transferred = error.details()["transferred"].as_array().unwrap();
    assert_eq!(transferred.len(), 2);
    let mut components: Vec<&str> = transferred
        .iter()
        .map(|left| left["component"].as_str().unwrap())
        .collect();
    components.sort_unstable();
    let mut expected = [members[0].id(), members[1].id()];
    expected.sort();
    assert_eq!(components, expected);
    full.stuck.store(false, Ordering::SeqCst);
    for left in transferred {
        let identifier = left["resource_identifier"].as_str().unwrap();
        full.memory.remove(identifier).unwrap();
    }
    full.left.store(10, Ordering::SeqCst);
    location.add_component(&sequence, &origin).unwrap();
}

#[cfg(unix)]
#[test]
fn a_target_that_cannot_be_written_is_said_and_nothing_is_registered() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    // A file is where the folder should be: that stops every user.
    fs::write(place.path("storage"), "in the way").unwrap();
    let sequence = sequence(&place);
    let error = location
        .add_component(&sequence, place.origin())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["transferred"], json!([]));
    assert_eq!(registered(&place.session, &location), 0);
    fs::remove_file(place.path("storage")).unwrap();
    location.add_component(&sequence, place.origin()).unwrap();
    assert_eq!(registered(&place.session, &location), 5);
}

#[test]
fn a_source_file_that_is_missing_leaves_nothing() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.sequence("plate", &[1, 2, 3]);
    fs::remove_file(place.path("plate.0002.exr")).unwrap();
    let error = place
        .session
        .create_component(&path, values! { "name": "plate", "size": 30 }, &location)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert!(place.files("storage").is_empty());
    assert!(place.session.recorded_operations().is_empty());
    place.file("plate.0002.exr", "there again");
    place
        .session
        .create_component(&path, values! { "name": "plate" }, &location)
        .unwrap();
    assert_eq!(place.files("storage").len(), 3);
    let query = "SequenceComponent where name is plate and version_id is none";
    assert_eq!(place.other_session().query(query).all().unwrap().len(), 1);
}

#[test]
fn a_cancelled_transfer_leaves_nothing_and_can_be_tried_again() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let sequence = sequence(&place);
    let token = CancellationToken::new();
    let cancel = token.clone();
    let transfer = TransferOptions::new()
        .parallel(1)
        .progress_interval(std::time::Duration::ZERO)
        .progress(move |progress| {
            if progress.files == 2 {
                cancel.cancel();
            }
        })
        .cancellation(token);
    let error = location
        .add_components(
            std::slice::from_ref(&sequence),
            [&place.origin()],
            &AddOptions::new().transfer(transfer),
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(error.details()["transferred"], json!([]));
    assert!(place.files("storage").is_empty());
    assert_eq!(registered(&place.session, &location), 0);
    location.add_component(&sequence, place.origin()).unwrap();
    assert_eq!(place.files("storage").len(), 4);
}

#[test]
fn a_registration_that_is_refused_leaves_no_data_and_no_trace() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.sequence("plate", &[1, 2]);
    // Something else that waits to be committed is refused.
    let user = place
        .session
        .create("User", values! { "username": "jane" })
        .unwrap();
    let create = || {
        place
            .session
            .create_component(&path, values! { "name": "plate" }, &location)
    };
    let error = create().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["transferred"], json!([]));
    assert!(place.files("storage").is_empty());
    assert_eq!(
        user.state(),
        Some(EntityState::Created),
        "that stays with its owner"
    );
    assert_eq!(place.session.created(), std::slice::from_ref(&user));
    user.set("username", "another.jane").unwrap();
    let component = create().unwrap();
    assert_eq!(location.component_availability(&component).unwrap(), 100.0);
    assert_eq!(registered(&place.session, &location), 3);
}

#[test]
fn a_server_that_fails_at_registration_leaves_no_data() {
    for fault in [
        Fault::status(503),
        Fault::status(500),
        Fault::disconnect().times(2),
    ] {
        let place = Place::new();
        let location = place.location("storage", IdStructure::new());
        let sequence = sequence(&place);
        place
            .server
            .fail_next(fault.clone().action("create"))
            .unwrap();
        let outcome = location.add_component(&sequence, place.origin());
        if let Err(error) = outcome {
            if error.kind() == ErrorKind::CommitOutcomeUnknown {
                assert_eq!(error.details()["transferred"].as_array().unwrap().len(), 4);
                assert_eq!(place.files("storage").len(), 4, "{fault:?}");
                place.session.commit().unwrap();
            } else {
                assert_eq!(error.kind(), ErrorKind::Location, "{fault:?}");
                assert!(place.files("storage").is_empty(), "{fault:?}");
                assert_eq!(registered(&place.session, &location), 0, "{fault:?}");
                location.add_component(&sequence, place.origin()).unwrap();
            }
        }
        assert_eq!(registered(&place.session, &location), 5, "{fault:?}");
        assert_eq!(place.files("storage").len(), 4, "{fault:?}");
    }
}

#[test]
fn a_registration_whose_answer_makes_no_sense_is_looked_into() {
    for fault in [Fault::garbage(), Fault::cut_after(40)] {
        let place = Place::new();
        let location = place.location("storage", IdStructure::new());
        let sequence = sequence(&place);
        place
            .server
            .fail_next(fault.clone().action("create"))
            .unwrap();
        location.add_component(&sequence, place.origin()).unwrap();
        assert_eq!(
            registered(&place.other_session(), &location),
            5,
            "{fault:?}"
        );
        assert_eq!(place.files("storage").len(), 4, "{fault:?}");
    }
}

#[test]
fn nothing_is_copied_if_the_server_cannot_be_asked_what_is_there() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let sequence = sequence(&place);
    place.session.commit().unwrap();
    place.server.fail_next(Fault::garbage().times(10)).unwrap();
    location
        .add_component(&sequence, place.origin())
        .unwrap_err();
    place.server.clear_faults().unwrap();
    assert!(place.files("storage").is_empty());
    location.add_component(&sequence, place.origin()).unwrap();
}

#[test]
fn a_removal_whose_commit_fails_is_made_up_for_by_the_next() {
    let place = Place::new();
    let (location, component) = place.published();
    place
        .server
        .fail_next(Fault::garbage().action("delete"))
        .unwrap();
    let outcome = location.remove_component(&component);
    assert!(place.files("storage").is_empty());
    if outcome.is_err() {
        // The batch was carried out, only its answer was garbled; deleting again does no harm to others.
        place.session.rollback();
    }
    assert_eq!(registered(&place.other_session(), &location), 0);
    location.add_component(&component, place.origin()).unwrap();
}

#[test]
fn a_component_that_the_structure_has_no_place_for_is_refused_before_anything_is_copied() {
    let place = Place::new();
    let location = place.location("storage", ftrack_location::StandardStructure::new());
    let sequence = sequence(&place);
    let error = location
        .add_component(&sequence, place.origin())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(cause_kind(&error), Some(ErrorKind::Structure), "{error:?}");
    assert!(place.files("storage").is_empty());
    location.configure(
        LocationConfiguration::new()
            .accessor(MemoryAccessor::new())
            .structure(IdStructure::new()),
    );
    location.add_component(&sequence, place.origin()).unwrap();
}

/// The server's own storage replaces files, so another session may have what this one uploaded in vain.
#[test]
fn what_another_session_has_registered_on_the_server_is_not_removed() {
    let place = Place::new();
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, LocationChoice::Auto)
        .unwrap();
    let server = place.session.location("ftrack.server").unwrap();
    let other = place.other_session();
    let there = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    let transfer = {
        let (session, component) = (place.session.clone(), component.clone());
        TransferOptions::new().progress(move |_| {
            // The first session is quicker, while the second uploads.
            let server = session.location("ftrack.server").unwrap();
            let origin = session.location("ftrack.origin").unwrap();
            if server.resource_identifier(&component).is_err() {
                server.add_component(&component, origin).unwrap();
            }
        })
    };
    other
        .create("User", values! { "username": "jane" })
        .unwrap();
    let error = other
        .location("ftrack.server")
        .unwrap()
        .add_components(
            &[there],
            [other.location("ftrack.unmanaged").unwrap()],
            &AddOptions::new().transfer(transfer),
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["transferred"], json!([]));
    let near = place.location("near", IdStructure::new());
    near.add_component(&component, &server).unwrap();
    assert_eq!(place.files("near").len(), 1, "the data is still there");
}

#[test]
fn an_upload_that_is_refused_registers_nothing_and_can_be_tried_again() {
    let place = Place::new();
    let server = place.session.location("ftrack.server").unwrap();
    let sequence = sequence(&place);
    let refuse = Fault::status(403).action("get_upload_metadata").times(100);
    place.server.fail_next(refuse).unwrap();
    let error = server.add_component(&sequence, place.origin()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(error.details()["transferred"], json!([]));
    assert_eq!(sequence.state(), Some(EntityState::Created));
    place.server.clear_faults().unwrap();
    server.add_component(&sequence, place.origin()).unwrap();
    assert_eq!(server.component_availability(&sequence).unwrap(), 100.0);
}

#[test]
fn two_sessions_that_add_the_same_at_the_same_time_do_not_harm_each_other() {
    for _ in 0..5 {
        let place = Place::new();
        let path = place.sequence("plate", &[1, 2, 3, 4, 5, 6, 7, 8]);
        let sequence = place
            .session
            .create_component(&path, values! {}, LocationChoice::Auto)
            .unwrap();
        let storage = place.location("storage", IdStructure::new());
        let start = std::sync::Barrier::new(2);
        let add = || {
            let session = place.other_session();
            let key = sequence.id();
            let sequence = session
                .get("SequenceComponent", key.as_str())
                .unwrap()
                .unwrap();
            let target = super::location(
                &session,
                "storage",
                &place.text("storage"),
                IdStructure::new(),
            );
            let source = session.location("ftrack.unmanaged").unwrap();
            start.wait();
            target.add_component(&sequence, source)
        };
        let outcomes = std::thread::scope(|scope| {
            let both = [scope.spawn(add), scope.spawn(add)];
            both.map(|thread| thread.join().unwrap())
        });
        let added = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(added <= 1, "{outcomes:?}");
        for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert!(error.is(ErrorKind::Location), "{error:?}");
        }
        assert_eq!(registered(&place.session, &storage), added * 9);
        assert_eq!(place.files("storage").len(), added * 8);
        if added == 0 {
            let source = place.session.location("ftrack.unmanaged").unwrap();
            storage.add_component(&sequence, source).unwrap();
        }
        assert_eq!(place.files("storage").len(), 8);
    }
}

/// Threads that share one unit of work commit each other's operations; even then nothing is registered without data.
#[test]
fn threads_that_commit_meanwhile_never_register_what_was_taken_back() {
    let place = Place::new();
    let storage = place.location("storage", IdStructure::new());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let name = format!("user{}", ftrack_session::Key::random());
                let user = place.session.create("User", values! { "username": name });
                user.unwrap();
                // It fails along with others that are made to fail.
                let _ = place.session.commit();
            }
        });
        for number in 0..12 {
            if number % 3 == 0 {
                place
                    .server
                    .fail_next(Fault::status(403).action("create"))
                    .unwrap();
            }
            let path = place.sequence(&format!("plate{number}"), &[1, 2, 3]);
            let _ = place.session.create_component(&path, values! {}, &storage);
        }
        stop.store(true, Ordering::SeqCst);
    });
    place.server.clear_faults().unwrap();
    let other = place.other_session();
    let there = super::location(
        &other,
        "storage",
        &place.text("storage"),
        IdStructure::new(),
    );
    let sequences = other
        .query("SequenceComponent where component_locations.location.name is storage")
        .all()
        .unwrap();
    let mut frames = 0;
    for sequence in &sequences {
        let members = sequence.collection("members").unwrap().entities().unwrap();
        for path in there.filesystem_paths(&members).unwrap() {
            assert!(path.is_file(), "{}", path.display());
            frames += 1;
        }
    }
    assert_eq!(registered(&other, &there), frames + sequences.len());
    assert_eq!(place.files("storage").len(), frames);
}
