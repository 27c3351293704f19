use ftrack_session::{EntityState, NoteHelpers, NoteOptions, values};

use crate::Studio;

/// 2.0.0: replies to notes failed now and then.
#[test]
fn v2_0_0_replies_never_fail() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session.query("Task").first().unwrap().unwrap();
    let user = session.query("User").first().unwrap().unwrap();
    for _ in 0..10 {
        let note = task.create_note("A note", &user, NoteOptions::new());
        let note = note.unwrap();
        let reply = note.create_reply("A reply", &user).unwrap();
        session.commit().unwrap();
        let found = reply.get::<String>("in_reply_to_id").unwrap();
        assert_eq!(found, note.id());
    }
}

/// 0.3.0: the server could get operations in another order than that in which they were made.
#[test]
fn v0_3_0_operations_are_applied_in_the_order_in_which_they_were_made() {
    let studio = Studio::new();
    let session = &studio.session;
    let old = session
        .create(
            "Sequence",
            values! { "name": "same", "parent": &studio.project() },
        )
        .unwrap();
    session.commit().unwrap();
    // The name is free only once the old one is gone.
    old.delete().unwrap();
    let new = session
        .create(
            "Sequence",
            values! { "name": "same", "parent": &studio.project() },
        )
        .unwrap();
    let shots: Vec<_> = (1..=5)
        .map(|number| {
            let values = values! { "name": format!("{number:03}"), "parent": &new };
            session.create("Shot", values).unwrap()
        })
        .collect();
    shots[4].set("description", "last").unwrap();
    session.commit().unwrap();
    let there = studio.other_session();
    assert!(there.get("Sequence", old.id()).unwrap().is_none());
    let found = there.get("Sequence", new.id()).unwrap().unwrap();
    assert_eq!(found.collection("children").unwrap().len(), 5);
}

/// 0.3.0: deleting what had not been committed made the commit fail.
#[test]
fn v0_3_0_what_is_created_and_deleted_in_one_commit_is_never_sent() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let brief = session
        .create("Sequence", values! { "name": "brief", "parent": &project })
        .unwrap();
    brief.metadata().unwrap().set("key", "value").unwrap();
    brief.set("description", "gone").unwrap();
    let stays = session
        .create("Sequence", values! { "name": "stays", "parent": &project })
        .unwrap();
    brief.delete().unwrap();
    assert_eq!(brief.state(), Some(EntityState::Deleted));
    session.commit().unwrap();
    assert!(session.recorded_operations().is_empty());
    let there = studio.other_session();
    assert!(there.get("Sequence", brief.id()).unwrap().is_none());
    assert!(there.get("Sequence", stays.id()).unwrap().is_some());
}
