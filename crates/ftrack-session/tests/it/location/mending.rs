//! Components that are published anew in place.

use std::fs;
use std::time::Duration;

use ftrack_location::StandardStructure;
use ftrack_server::Fault;
use ftrack_session::{
    AssetVersionHelpers, Entity, ErrorKind, Location, LocationChoice, RemoveOptions, SyncOptions,
    values,
};

use super::{Place, registered};

fn publish_frames(place: &Place, location: &Location, indexes: &[u32]) -> Entity {
    let path = place.sequence("plate", indexes);
    place
        .version()
        .create_component_in(&path, values! { "name": "plate" }, location)
        .unwrap()
}

/// The names of the frames with their sizes, and the size of all, as another session reads them.
fn frames(place: &Place, sequence: &Entity) -> (Vec<(String, i64)>, i64) {
    let other = place.other_session();
    let text = format!(
        "select size, members.name, members.size from SequenceComponent where id is {}",
        sequence.id()
    );
    let found = other.query(text).one().unwrap();
    let members = found.collection("members").unwrap().entities().unwrap();
    let mut frames: Vec<(String, i64)> = members
        .iter()
        .map(|member| (member.get("name").unwrap(), member.get("size").unwrap()))
        .collect();
    frames.sort();
    (frames, found.get("size").unwrap())
}

#[test]
fn frames_are_replaced_and_added_by_their_numbers_and_others_stay() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2, 3]);
    let untouched = fs::read_to_string(place.path("plate.0001.exr")).unwrap();
    for (name, text) in [("fix_2.exr", "two"), ("fix_7.exr", "seven")] {
        place.file(&format!("fix/{name}"), text);
    }
    place.session.create("Note", values! {}).unwrap();
    let mended = place
        .session
        .mend_component(&sequence, place.path("fix/fix_%d.exr [2, 7]"), &location)
        .unwrap();
    assert_eq!((mended.replaced.len(), mended.added.len()), (1, 1));
    assert_eq!(place.session.recorded_operations().len(), 1);
    let text =
        |frame: &Entity| fs::read_to_string(location.filesystem_path(frame).unwrap()).unwrap();
    assert_eq!(text(&mended.replaced[0]), "two");
    assert_eq!(text(&mended.added[0]), "seven");
    let path = location.filesystem_path(&mended.added[0]).unwrap();
    assert!(
        path.to_string_lossy().ends_with("plate.0007.exr"),
        "{}",
        path.display()
    );

    let (found, size) = frames(&place, &sequence);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["0001", "0002", "0003", "0007"]);
    assert_eq!((found[1].1, found[3].1), (3, 5));
    assert_eq!(size, found.iter().map(|(_, size)| size).sum::<i64>());
    // The session that did it knows as well.
    assert_eq!(sequence.get::<i64>("size").unwrap(), size);
    let members = sequence.collection("members").unwrap().entities().unwrap();
    assert_eq!(members.len(), 4);
    let first = members
        .iter()
        .find(|member| member.get::<String>("name").unwrap() == "0001")
        .unwrap();
    assert_eq!(text(first), untouched);
    assert_eq!(registered(&place.session, &location), 5);
    assert!(location.verify().unwrap().is_clean());
}

#[test]
fn a_single_frame_and_a_single_file_are_mended() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2]);
    let fix = place.file("fix/render.0002.exr", "better pixels");
    let session = &place.session;
    let mended = session.mend_component(&sequence, &fix, &location).unwrap();
    assert_eq!(mended.replaced.len(), 1);
    assert_eq!(frames(&place, &sequence).0[1], ("0002".to_owned(), 13));

    let path = place.file("notes.exr", "notes");
    let file = place
        .version()
        .create_component_in(&path, values! { "name": "notes" }, &location)
        .unwrap();
    let fix = place.file("fix/anything.exr", "better notes");
    session.mend_component(&file, &fix, &location).unwrap();
    assert_eq!(file.get::<i64>("size").unwrap(), 12);
    let there = location.filesystem_path(&file).unwrap();
    assert_eq!(fs::read_to_string(there).unwrap(), "better notes");
    assert_eq!(place.origin().filesystem_path(&file).unwrap(), fix);
    assert!(location.verify().unwrap().is_clean());
}

#[test]
fn other_locations_are_brought_what_changed() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, StandardStructure::new()));
    let sequence = publish_frames(&place, &near, &[1, 2]);
    far.add_component(&sequence, &near).unwrap();
    let fix = place.file("fix/plate.0002.exr", "better pixels");
    place.file("fix/plate.0003.exr", "third");
    let session = &place.session;
    session
        .mend_component(&sequence, place.path("fix/plate.%04d.exr [2-3]"), &near)
        .unwrap();
    assert_eq!(far.verify().unwrap().differing.len(), 1);
    let report = far.sync_from(&near, &SyncOptions::new()).unwrap();
    assert_eq!(report.files, 2, "{report:?}");
    assert!(far.verify().unwrap().is_clean());
    let there = place.files("far");
    let second = there
        .iter()
        .find(|file| file.ends_with("0002.exr"))
        .unwrap();
    assert_eq!(
        fs::read(place.path("far").join(second)).unwrap(),
        fs::read(fix).unwrap()
    );
}

#[test]
fn a_mending_that_fails_changes_nothing() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2]);
    let before = frames(&place, &sequence);
    let origin = place.origin();
    let member = sequence
        .collection("members")
        .unwrap()
        .entities()
        .unwrap()
        .remove(0);
    let from = origin.filesystem_path(&member).unwrap();
    place.file("fix/plate.0001.exr", "better pixels");
    place.file("fix/plate.0003.exr", "third");
    // Something is in the place of the frame that is added.
    let taken = location.filesystem_path(&member).unwrap();
    fs::create_dir(taken.with_file_name("plate.0003.exr")).unwrap();
    let mend = || {
        let path = place.path("fix/plate.%04d.exr [1, 3]");
        place.session.mend_component(&sequence, path, &location)
    };
    let error = mend().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location, "{error:#}");
    assert_eq!(frames(&place, &sequence), before);
    assert_eq!(fs::read(&taken).unwrap(), fs::read(&from).unwrap());
    assert_eq!(origin.filesystem_path(&member).unwrap(), from);
    fs::remove_dir(taken.with_file_name("plate.0003.exr")).unwrap();
    assert_eq!(mend().unwrap().added.len(), 1);
    assert!(location.verify().unwrap().is_clean());
}

#[test]
fn frames_are_added_and_dropped_at_both_ends_and_in_the_middle() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[2, 4, 6]);
    let session = &place.session;
    let names = || -> Vec<String> {
        let (found, size) = frames(&place, &sequence);
        assert_eq!(size, found.iter().map(|frame| frame.1).sum::<i64>());
        assert_eq!(sequence.get::<i64>("size").unwrap(), size);
        assert_eq!(registered(session, &location), found.len() + 1);
        assert_eq!(place.files("storage").len(), found.len());
        assert!(location.verify().unwrap().is_clean());
        found.into_iter().map(|frame| frame.0).collect()
    };
    let mut text = String::new();
    for (file, expected) in [
        // Before the first, in a gap, after the last, and before zero.
        ("fix.0001.exr", &["0001", "0002", "0004", "0006"][..]),
        ("fix.0003.exr", &["0001", "0002", "0003", "0004", "0006"]),
        (
            "fix.0007.exr",
            &["0001", "0002", "0003", "0004", "0006", "0007"],
        ),
        (
            "fix_-005.exr",
            &["-005", "0001", "0002", "0003", "0004", "0006", "0007"],
        ),
    ] {
        text.push('x');
        let path = place.file(&format!("fix/{file}"), &text);
        let mended = session.mend_component(&sequence, &path, &location).unwrap();
        assert_eq!(
            (mended.replaced.len(), mended.added.len()),
            (0, 1),
            "{file}"
        );
        let there = location.filesystem_path(&mended.added[0]).unwrap();
        assert_eq!(fs::read_to_string(there).unwrap(), text, "{file}");
        assert_eq!(names(), expected, "{file}");
    }
    let options = RemoveOptions::new();
    for (frame, expected) in [
        (-5, &["0001", "0002", "0003", "0004", "0006", "0007"][..]),
        (1, &["0002", "0003", "0004", "0006", "0007"]),
        (4, &["0002", "0003", "0006", "0007"]),
        (7, &["0002", "0003", "0006"]),
    ] {
        session.drop_frames(&sequence, [frame], &options).unwrap();
        assert_eq!(names(), expected, "{frame}");
    }
    // A folder of re-rendered frames is one way to say which.
    for frame in [3, 4] {
        place.file(&format!("again/plate.{frame:04}.exr"), "rendered again");
    }
    let mended = session
        .mend_component(&sequence, place.path("again"), &location)
        .unwrap();
    assert_eq!((mended.replaced.len(), mended.added.len()), (1, 1));
    assert_eq!(names(), ["0002", "0003", "0004", "0006"]);
}

#[test]
fn frames_are_dropped_from_every_location() {
    let place = Place::new();
    let [near, far] = ["near", "far"].map(|name| place.location(name, StandardStructure::new()));
    let sequence = publish_frames(&place, &near, &[1, 2, 3]);
    far.add_component(&sequence, &near).unwrap();
    let session = &place.session;
    let forget = RemoveOptions::new();
    let error = session.drop_frames(&sequence, [3, 9], &forget).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(
        error.to_string().contains("no frame 9, only 1-3"),
        "{error}"
    );
    let error = session
        .drop_frames(&sequence, [1, 2, 3], &forget)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);

    session.drop_frames(&sequence, [2, 3], &forget).unwrap();
    let (found, size) = frames(&place, &sequence);
    assert_eq!(found.len(), 1);
    assert_eq!(size, found[0].1);
    assert_eq!(sequence.collection("members").unwrap().len(), 1);
    for (location, name) in [(&near, "near"), (&far, "far")] {
        assert_eq!(place.files(name).len(), 1);
        assert_eq!(registered(session, location), 2);
        assert!(location.verify().unwrap().is_clean());
    }
}

#[test]
fn dropping_that_fails_halfway_is_finished_by_calling_it_again() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2, 3]);
    let session = &place.session;
    let before = frames(&place, &sequence).1;
    // The file is removed and its registration taken back; then the component cannot be deleted.
    let faults = [
        Fault::delay(Duration::ZERO).action("delete"),
        Fault::status(429).action("delete").times(1_000),
    ];
    for fault in faults {
        place.server.fail_next(fault).unwrap();
    }
    let options = RemoveOptions::new();
    session.drop_frames(&sequence, [2], &options).unwrap_err();
    place.server.clear_faults().unwrap();
    assert_eq!(place.files("storage").len(), 2);
    assert_eq!(frames(&place, &sequence).0.len(), 3);
    assert_eq!(frames(&place, &sequence).1, before);
    session.drop_frames(&sequence, [2], &options).unwrap();
    let (found, size) = frames(&place, &sequence);
    assert_eq!(found.len(), 2);
    assert_eq!(size, found.iter().map(|frame| frame.1).sum::<i64>());
    assert!(location.verify().unwrap().is_clean());
}

#[test]
fn frames_in_a_location_that_cannot_be_reached_are_dropped_on_request_only() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2]);
    let other = place.other_session();
    let found = other
        .get("SequenceComponent", sequence.id().as_str())
        .unwrap()
        .unwrap();
    let error = other
        .drop_frames(&found, [2], &RemoveOptions::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert_eq!(frames(&place, &sequence).0.len(), 2);
    other
        .drop_frames(&found, [2], &RemoveOptions::new().forget(true))
        .unwrap();
    assert_eq!(frames(&place, &sequence).0.len(), 1);
    assert_eq!(place.files("storage").len(), 2);
}

#[test]
fn what_cannot_be_mended_is_refused() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2]);
    let session = &place.session;
    let refused = |component: &Entity, path: &str| {
        let path = place.path(path);
        session
            .mend_component(component, path, &location)
            .unwrap_err()
            .kind()
    };
    assert_eq!(
        refused(&sequence, "missing.exr"),
        ErrorKind::InvalidArgument
    );
    place.file("plate.mov", "movie");
    place.file("fix.0001.mov", "movie");
    assert_eq!(
        refused(&sequence, "fix.0001.mov"),
        ErrorKind::InvalidArgument
    );
    assert_eq!(
        refused(&sequence, "fix.%04d.mov [1]"),
        ErrorKind::InvalidArgument
    );
    place.file("nameless.exr", "pixels");
    assert_eq!(
        refused(&sequence, "nameless.exr"),
        ErrorKind::InvalidArgument
    );
    let path = place.file("elsewhere.exr", "pixels");
    let elsewhere = session
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap();
    assert_eq!(
        refused(&elsewhere, "elsewhere.exr"),
        ErrorKind::InvalidState
    );
    session.commit().unwrap();
    assert_eq!(
        refused(&elsewhere, "elsewhere.exr"),
        ErrorKind::ComponentNotInLocation
    );
    let user = session.query("User").first().unwrap().unwrap();
    assert_eq!(refused(&user, "elsewhere.exr"), ErrorKind::EntityType);
}

#[test]
fn what_mending_and_dropping_would_do_is_said_and_nothing_is_changed() {
    let place = Place::new();
    let location = place.location("storage", StandardStructure::new());
    let sequence = publish_frames(&place, &location, &[1, 2]);
    place.file("fix/plate.0002.exr", "better pixels");
    place.file("fix/plate.0007.exr", "seven");
    let before = (frames(&place, &sequence), place.files("storage"));
    let session = &place.session;

    let fix = place.path("fix/plate.%04d.exr [2, 7]");
    let plan = session.plan_mending(&sequence, fix, &location).unwrap();
    let replaced: Vec<String> = plan
        .replaced
        .iter()
        .map(|frame| frame.get("name").unwrap())
        .collect();
    assert_eq!(replaced, ["0002"]);
    assert_eq!(plan.added.to_string(), "7");
    let gone = place.path("fix/plate.%04d.exr [9]");
    let error = session
        .plan_mending(&sequence, gone, &location)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);

    let trying = RemoveOptions::new().dry_run(true);
    session.drop_frames(&sequence, [2], &trying).unwrap();
    let error = session.drop_frames(&sequence, [3], &trying).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let only = std::slice::from_ref(&sequence);
    location.remove_components_with(only, &trying).unwrap();

    assert!(session.recorded_operations().is_empty());
    let after = (frames(&place, &sequence), place.files("storage"));
    assert_eq!(after, before);
    assert!(location.verify().unwrap().is_clean());
}
