//! Commits that the server refuses: nothing is lost, and everything can be sent again or taken back.

use ftrack_session::{ErrorKind, Session, values};

use crate::support::{server, session};

/// A batch whose first half is fine and whose second half the server refuses: a user by a name that is taken.
fn half_refused(session: &Session) -> (ftrack_session::Entity, ftrack_session::Entity) {
    let project = session
        .query("Project where name is \"last_lantern\"")
        .one()
        .unwrap();
    let sequence = session
        .create("Sequence", values! { "name": "kept", "parent": &project })
        .unwrap();
    let user = session
        .create("User", values! { "username": "john" })
        .unwrap();
    (sequence, user)
}

fn is_there(session: &Session, sequence: &str) -> bool {
    let query = format!("Sequence where name is \"{sequence}\"");
    !session.query(query).all().unwrap().is_empty()
}

#[test]
fn a_refusal_in_the_middle_leaves_nothing_on_the_server_and_everything_here() {
    let server = server();
    let author = session(&server);
    let (sequence, user) = half_refused(&author);
    let before = author.recorded_operations().len();
    let error = author.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateEntry);
    assert!(error.is(ErrorKind::NotUnique));
    assert!(error.to_string().contains("john"), "{error}");
    let operations = error.details()["operations"].to_string();
    assert!(operations.contains(&sequence.id()), "{operations}");

    assert_eq!(author.recorded_operations().len(), before);
    assert_eq!(author.created(), [sequence.clone(), user.clone()]);
    assert_eq!(sequence.get::<String>("name").unwrap(), "kept");
    assert!(
        !is_there(&session(&server), "kept"),
        "a batch is one transaction"
    );
}

#[test]
fn a_refused_commit_is_mended_and_sent_again() {
    let server = server();
    let author = session(&server);
    let (_, user) = half_refused(&author);
    author.commit().unwrap_err();
    user.set("username", "johanna").unwrap();
    author.commit().unwrap();
    assert!(author.recorded_operations().is_empty());

    let reader = session(&server);
    assert!(is_there(&reader, "kept"));
    let read = reader.get("User", user.id().as_str()).unwrap().unwrap();
    assert_eq!(read.get::<String>("username").unwrap(), "johanna");
}

#[test]
fn a_refused_commit_is_rolled_back() {
    let server = server();
    let author = session(&server);
    half_refused(&author);
    author.commit().unwrap_err();
    author.rollback();
    assert!(author.recorded_operations().is_empty());
    assert_eq!(author.commit().unwrap().operations, 0);
    assert!(!is_there(&author, "kept"));
}

#[test]
fn a_refused_update_keeps_the_local_value() {
    let server = server();
    let author = session(&server);
    let jane = author
        .query("select username from User where username is \"jane\"")
        .one()
        .unwrap();
    jane.set("username", "john").unwrap();
    assert_eq!(
        author.commit().unwrap_err().kind(),
        ErrorKind::DuplicateEntry
    );
    assert_eq!(jane.get::<String>("username").unwrap(), "john");
    author.rollback();
    assert_eq!(jane.get::<String>("username").unwrap(), "jane");
}

#[test]
fn a_reference_to_nothing_is_refused() {
    let server = server();
    let author = session(&server);
    let project = author
        .query("Project where name is \"last_lantern\"")
        .one()
        .unwrap();
    author
        .create(
            "Shot",
            values! { "name": "adrift", "parent": &project, "status_id": "0e7ae000-0000-4000-8000-000000000000" },
        )
        .unwrap();
    assert_eq!(author.commit().unwrap_err().kind(), ErrorKind::Integrity);
}

#[test]
fn a_value_of_a_wrong_type_never_leaves() {
    let server = server();
    let author = session(&server);
    let task = author.query("Task").first().unwrap().unwrap();
    let trace = author.trace();
    for (attribute, value) in [("status", "Done"), ("children", "none")] {
        let error = task.set(attribute, value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongType, "{attribute}");
        assert!(error.to_string().contains(attribute), "{error}");
    }
    assert_eq!(
        task.set("id", "other").unwrap_err().kind(),
        ErrorKind::ImmutableAttribute
    );
    assert!(author.recorded_operations().is_empty());
    assert_eq!(trace.request_count(), 0);
}
