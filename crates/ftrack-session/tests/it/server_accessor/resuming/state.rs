//! What is kept of an upload, and who may go on with it.

use std::fs;
use std::thread;
use std::time::Duration;

use ftrack_server::Fault;
use ftrack_session::{StartedAnewReason, UploadControl, UploadNotice, UploadState};

use super::{Desk, PART, PARTS, check_sent};
use crate::server_accessor::content;

#[test]
fn a_damaged_state_costs_a_new_upload_and_is_said() {
    let desk = Desk::new();
    desk.cut_after(&desk.session(), 10);
    let [state] = desk.states().try_into().unwrap();
    fs::write(&state, b"\x00rubbish\n{}\n").unwrap();
    let (component, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
    assert_eq!(sent as usize, PARTS);
    assert_eq!(desk.reasons(), [StartedAnewReason::StateDamaged]);
    desk.check(&component);
}

#[test]
fn a_state_holds_neither_key_nor_address_and_is_its_owners() {
    let desk = Desk::new();
    desk.cut_after(&desk.session(), 10);
    let [state] = desk.states().try_into().unwrap();
    let text = fs::read_to_string(&state).unwrap();
    assert!(text.contains("\"upload\":") && text.contains("\"part\":"));
    assert!(!text.contains(desk.server.api_key()) && !text.contains("/upload/"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&state).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn two_uploads_of_the_same_file_at_once_are_two() {
    let desk = Desk::new();
    let control = UploadControl::new();
    control.pause();
    let first = desk.session();
    let first_options = desk
        .options()
        .upload(desk.upload_options().control(control.clone()));
    let (first, second) = thread::scope(|scope| {
        let uploading = scope.spawn(|| desk.upload_with(&first, &first_options).unwrap());
        while desk.states().is_empty() {
            thread::yield_now();
        }
        // The state is there before it is locked, for a moment.
        let second = desk.upload(&desk.session()).unwrap();
        control.resume();
        (uploading.join().unwrap(), second)
    });
    assert_ne!(first.id(), second.id());
    for component in [&first, &second] {
        desk.check_content(component);
    }
    let is_told = |notice: &UploadNotice| matches!(notice, UploadNotice::NotResumable { .. });
    let notices = desk.notices.lock().unwrap();
    assert!(notices.iter().any(is_told), "{notices:?}");
    assert!(desk.states().is_empty());
}

#[test]
fn what_was_registered_when_the_program_ended_is_not_registered_again() {
    let desk = Desk::new();
    let slow = Fault::delay(Duration::from_millis(700)).action("create");
    desk.server.fail_next(slow).unwrap();
    let session = desk.session();
    let (first, state, kept) = thread::scope(|scope| {
        let uploading = scope.spawn(|| desk.upload(&session).unwrap());
        // As it is when the program is killed while the server registers the component.
        let kept = loop {
            if let [state] = desk.states().as_slice()
                && let Ok(text) = fs::read_to_string(state)
                && text.ends_with("\"registering\"\n")
            {
                break (state.clone(), text);
            }
            thread::yield_now();
        };
        (uploading.join().unwrap(), kept.0, kept.1)
    });
    fs::write(&state, &kept).unwrap();
    let (again, sent) = desk.parts_sent(|| desk.upload(&desk.session()).unwrap());
    assert_eq!((again.id(), sent), (first.id(), 0));
    desk.check(&again);

    // A file that is another by now is another component.
    fs::write(&state, &kept).unwrap();
    desk.write(&content(PART * PARTS));
    let other = desk.upload(&desk.session()).unwrap();
    assert_ne!(other.id(), first.id());
    assert_eq!(desk.reasons(), [StartedAnewReason::SourceChanged]);
    desk.check_content(&other);
}

#[test]
fn small_uploads_and_those_that_are_told_to_keep_no_state() {
    let desk = Desk::new();
    desk.write(&content(2 * PART));
    desk.cut_after(&desk.session(), 0);
    assert!(desk.states().is_empty());
    desk.write(&content(PART * PARTS));
    let disabled = desk.upload_options().state(UploadState::Disabled);
    desk.pass(10);
    desk.fail(Fault::status(503));
    let error = desk
        .upload_with(&desk.session(), &desk.options().upload(disabled))
        .unwrap_err();
    assert!(error.details().get("resumable").is_none());
    assert!(desk.states().is_empty());
    desk.server.clear_faults().unwrap();
    let beside = desk.upload_options().state(UploadState::BesideSource);
    desk.pass(10);
    desk.fail(Fault::status(503));
    let options = desk.options().upload(beside);
    desk.upload_with(&desk.session(), &options).unwrap_err();
    desk.server.clear_faults().unwrap();
    let names = fs::read_dir(desk.folder.path()).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.any(|name| name.starts_with(".ftrack-") && name.ends_with(".upload")));
    let (component, sent) =
        desk.parts_sent(|| desk.upload_with(&desk.session(), &options).unwrap());
    check_sent(sent, 10, 1);
    desk.check(&component);
}
