//! "Understanding sessions".

use ftrack_session::{Operation, values};

use super::taking;
use crate::Studio;

#[test]
fn operations_are_recorded_and_committed_in_one_transaction() {
    let studio = Studio::new();
    let session = &studio.session;
    taking(0, session, || {
        let user = session.create("User", values! { "username": "" }).unwrap();
        user.set("username", "martin").unwrap();
        let values = values! { "username": "bjorn" };
        let other_user = session.create("User", values).unwrap();
        other_user.set("email", "bjorn@example.com").unwrap();
    });
    let recorded = session.recorded_operations();
    assert!(matches!(
        &recorded[..],
        [
            Operation::Create { .. },
            Operation::Update { .. },
            Operation::Create { .. },
            Operation::Update { .. }
        ]
    ));
    // Updates that follow their create are part of it.
    let committed = taking(1, session, || session.commit().unwrap());
    assert_eq!(committed.operations, 2);
    assert!(session.recorded_operations().is_empty());
}

#[test]
fn queries_are_issued_at_once() {
    let studio = Studio::new();
    let session = &studio.session;
    let values = values! { "username": "some_unique_username" };
    let user = session.create("User", values).unwrap();
    let name: String = user.get("username").unwrap();
    let query = format!("User where username is \"{name}\"");
    let count = || session.query(&query).results().unwrap().len().unwrap();
    assert_eq!(taking(1, session, count), 0);
    session.commit().unwrap();
    assert_eq!(taking(1, session, count), 1);
}

#[test]
fn results_are_merged_and_local_changes_stay() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = session.query("User").first().unwrap().unwrap();
    user.set("email", "me@example.com").unwrap();
    let query = format!("User where id is \"{}\"", user.id());
    let retrieved = taking(1, session, || session.query(query).one().unwrap());
    let email: String = taking(0, session, || retrieved.get("email").unwrap());
    assert_eq!(email, "me@example.com");
    assert_eq!(retrieved, user);
}

#[test]
fn what_was_loaded_once_is_known() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = session.query("User").first().unwrap().unwrap();
    let name: String = taking(1, session, || user.get("username").unwrap());
    let again: String = taking(0, session, || user.get("username").unwrap());
    assert_eq!(name, again);
    let _off = session.auto_populating(false);
    let email = taking(0, session, || user.value("email").unwrap());
    assert!(email.is_not_set());
}

#[test]
fn entity_types_are_those_of_the_server() {
    let studio = Studio::new();
    let session = &studio.session;
    assert!(taking(0, session, || session
        .types()
        .any(|name| name == "ObjectType")));
    assert_eq!(studio.project().entity_type(), "Project");
}
