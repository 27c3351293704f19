//! What was decoded keeps what the text says.

use ftrack_session::{Entity, FetchPolicy, Value};
use serde_json::json;

use crate::Studio;

#[test]
fn decoded_entities_keep_the_values_of_entities_in_them() {
    let studio = Studio::new();
    let session = &studio.session;
    let query = "select name, status.name, assignments.resource.username from Task \
        where assignments any (resource_id != \"\") limit 3";
    let request = json!({"action": "query", "expression": query});
    let answer = session.call(&[request]).unwrap().remove(0);
    let other = studio.other_session();
    let _off = other.fetching(FetchPolicy::Off);
    let decoded = other.decode(&answer["data"].to_string()).unwrap();
    let tasks = decoded.entities();
    assert_eq!(tasks.len(), 3);
    let whole = |task: &Entity| {
        let status = task.get::<String>("status.name").unwrap();
        let users = task.get::<Vec<String>>("assignments.resource.username");
        (status, users.unwrap())
    };
    let expected: Vec<_> = tasks.iter().map(whole).collect();
    assert!(
        expected
            .iter()
            .all(|(status, users)| !status.is_empty() && !users.is_empty())
    );

    // Nothing of it is the session's before it is merged.
    let status = tasks[0].get::<Entity>("status").unwrap();
    let ours = other.entity(status.identity()).unwrap();
    assert!(ours.value("name").unwrap().is_not_set());
    let merged = other.merge_all(&decoded).unwrap().entities();
    assert_eq!(merged.iter().map(whole).collect::<Vec<_>>(), expected);
    assert!(!ours.value("name").unwrap().is_not_set());
    assert!(other.recorded_operations().is_empty());
}

#[test]
fn one_entity_keeps_them_too() {
    let studio = Studio::new();
    let session = &studio.session;
    let text = json!({"__entity_type__": "Task", "id": "t", "name": "comp",
        "status": {"__entity_type__": "Status", "id": "s", "name": "Hypothetical"}});
    let task = session.decode(&text.to_string()).unwrap();
    let task = task.as_entity().unwrap();
    assert_eq!(task.get::<String>("status.name").unwrap(), "Hypothetical");
    let merged = session.merge(task).unwrap();
    assert_eq!(merged.get::<String>("status.name").unwrap(), "Hypothetical");
}

#[test]
fn what_is_only_referred_to_is_that_of_the_session() {
    let studio = Studio::new();
    let session = &studio.session;
    let status = session.query("select name from Status").first().unwrap();
    let status = status.unwrap();
    let text = json!({"__entity_type__": "Task", "id": "t",
        "status": {"__entity_type__": "Status", "id": status.id()}});
    let decoded = session.decode(&text.to_string()).unwrap();
    let trace = session.trace();
    let name = decoded.as_entity().unwrap().value("status.name").unwrap();
    assert_eq!(name, status.value("name").unwrap());
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn changes_of_detached_entities_are_not_committed_and_settings_of_threads_hold_for_them() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session.query("select name from Task").first().unwrap();
    let text = session.encode(task.unwrap(), ftrack_session::EncodeStrategy::SetOnly);
    let decoded = session.decode(&text.unwrap()).unwrap();
    let decoded = decoded.as_entity().unwrap();
    {
        let _off = session.auto_populating(false);
        assert_eq!(decoded.value("description").unwrap(), Value::NotSet);
    }
    decoded.set("name", "mine").unwrap();
    assert!(session.recorded_operations().is_empty());
    assert_eq!(session.commit().unwrap().operations, 0);
    decoded.clear();
}
