//! Creating, changing and deleting, and reading it back in another session.

use ftrack_session::{Entity, ErrorKind, Session, values};

use crate::support::{server, session};

/// A project with a sequence of two shots, two tasks each, not committed.
fn tree(session: &Session) -> Entity {
    let schema = session
        .query("ProjectSchema where name is \"VFX\"")
        .one()
        .unwrap();
    let status = session
        .query("Status where name is \"In progress\"")
        .one()
        .unwrap();
    let kind = session
        .query("Type where name is \"Animation\"")
        .one()
        .unwrap();
    let project = session
        .create(
            "Project",
            values! { "name": "comet", "full_name": "Comet", "project_schema": &schema },
        )
        .unwrap();
    let sequence = session
        .create("Sequence", values! { "name": "seq_1", "parent": &project })
        .unwrap();
    for shot in ["010", "020"] {
        let shot = session
            .create("Shot", values! { "name": shot, "parent": &sequence })
            .unwrap();
        for task in ["animation", "lighting"] {
            session
                .create(
                    "Task",
                    values! { "name": task, "parent": &shot, "type": &kind, "status": &status, "bid": 8 },
                )
                .unwrap();
        }
    }
    project
}

#[test]
fn a_tree_is_created_in_one_transaction_and_read_back() {
    let server = server();
    let author = session(&server);
    let project = tree(&author);
    assert_eq!(author.created().len(), 8);
    let trace = author.trace();
    let committed = author.commit().unwrap();
    assert_eq!(
        committed.operations, 8,
        "creates and what follows them are joined"
    );
    assert_eq!(trace.request_count(), 1);
    assert!(author.recorded_operations().is_empty());

    let reader = session(&server);
    let read = reader
        .get("Project", project.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(read.get::<String>("full_name").unwrap(), "Comet");
    let tasks = reader
        .query(
            "select link, status.name, bid from Task where project.name is \"comet\" order by name",
        )
        .all()
        .unwrap();
    assert_eq!(tasks.len(), 4);
    for task in &tasks {
        assert_eq!(task.get::<String>("status.name").unwrap(), "In progress");
        assert_eq!(task.get::<i64>("bid").unwrap(), 8);
        let link: serde_json::Value = task.get("link").unwrap();
        assert_eq!(link[0]["name"], "comet");
        assert_eq!(link.as_array().unwrap().len(), 4);
    }
    assert_eq!(read.collection("children").unwrap().len(), 1);
}

#[test]
fn an_update_sends_what_changed_and_is_read_back() {
    let server = server();
    let author = session(&server);
    let shot = author
        .query("Shot where name is \"010\" and parent.name is \"harbour\"")
        .one()
        .unwrap();
    let status = author
        .query("Status where name is \"Omitted\"")
        .one()
        .unwrap();
    shot.set("description", "First").unwrap();
    shot.set("description", "Second").unwrap();
    shot.set("status", &status).unwrap();
    assert_eq!(author.modified(), std::slice::from_ref(&shot));
    assert_eq!(author.commit().unwrap().operations, 1);
    assert_eq!(
        author.commit().unwrap().operations,
        0,
        "there is nothing left to send"
    );

    let reader = session(&server);
    let read = reader.get("Shot", shot.id().as_str()).unwrap().unwrap();
    assert_eq!(read.get::<String>("description").unwrap(), "Second");
    assert_eq!(read.get::<String>("status.name").unwrap(), "Omitted");
}

#[test]
fn a_deleted_entity_is_gone_with_what_belongs_to_it() {
    let server = server();
    let author = session(&server);
    let sequence = author
        .query("Sequence where name is \"storm\"")
        .one()
        .unwrap();
    let count = |session: &Session| {
        let below = format!("Task where ancestors any (id is \"{}\")", sequence.id());
        session.query(below).all().unwrap().len()
    };
    assert_eq!(count(&author), 20);
    author.delete(&sequence).unwrap();
    assert_eq!(count(&author), 20, "nothing is sent before the commit");
    author.commit().unwrap();

    let reader = session(&server);
    assert!(
        reader
            .get("Sequence", sequence.id().as_str())
            .unwrap()
            .is_none()
    );
    assert_eq!(count(&reader), 0);
}

#[test]
fn members_of_a_collection_are_added_and_taken_out() {
    let server = server();
    let author = session(&server);
    let project = author
        .query("Project where name is \"last_lantern\"")
        .one()
        .unwrap();
    let sequence = author
        .create("Sequence", values! { "name": "appended" })
        .unwrap();
    let children = project.collection("children").unwrap();
    let before = children.len();
    children.push(&sequence).unwrap();
    assert_eq!(
        children.push(&sequence).unwrap_err().kind(),
        ErrorKind::DuplicateItemInCollection
    );
    author.commit().unwrap();

    let reader = session(&server);
    let read = reader
        .query("Sequence where name is \"appended\"")
        .one()
        .unwrap();
    assert_eq!(read.get::<String>("parent.name").unwrap(), "last_lantern");
    let project: Entity = read.get("project").unwrap();
    assert_eq!(project.collection("children").unwrap().len(), before + 1);
}

#[test]
fn what_is_created_and_deleted_is_never_sent() {
    let server = server();
    let author = session(&server);
    let project = author
        .query("Project where name is \"last_lantern\"")
        .one()
        .unwrap();
    let trace = author.trace();
    let sequence = author
        .create("Sequence", values! { "name": "gone", "parent": &project })
        .unwrap();
    author.delete(&sequence).unwrap();
    assert_eq!(author.commit().unwrap().operations, 0);
    assert_eq!(trace.request_count(), 0);
    assert!(author.recorded_operations().is_empty());
}

#[test]
fn rolled_back_changes_are_forgotten() {
    let server = server();
    let author = session(&server);
    let user = author
        .query("select email from User where username is \"jane\"")
        .one()
        .unwrap();
    user.set("email", "other@studio.example").unwrap();
    let sequence = author
        .create("Sequence", values! { "name": "never" })
        .unwrap();
    author.rollback();
    assert_eq!(user.get::<String>("email").unwrap(), "jane@studio.example");
    assert!(author.created().is_empty() && author.modified().is_empty());
    assert!(
        author
            .get("Sequence", sequence.id().as_str())
            .unwrap()
            .is_none()
    );
    assert_eq!(author.commit().unwrap().operations, 0);
}

#[test]
fn a_closed_session_says_so() {
    let server = server();
    let session = session(&server);
    session.close();
    session.close();
    assert!(session.closed());
    let error = session.query("Project").first().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionClosed);
}
