//! What people did, as entities.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, update};
use crate::query::set_custom;

/// The events that a condition finds, with their data read.
fn events(studio: &Studio, condition: &str) -> Vec<Value> {
    let attributes =
        "action, insert, parent_id, parent_type, project_id, user.username, created_at, data";
    let mut found = studio.query(&format!("select {attributes} from Event where {condition}"));
    for event in &mut found {
        let data = event["data"].as_str().unwrap();
        event["data"] = serde_json::from_str(data).unwrap();
        assert!(event["created_at"].is_object());
    }
    // It is spelled out with the first event.
    assert!(found.is_empty() || found[0]["user"]["username"] == "admin");
    found
}

#[test]
fn deeds_are_noted_as_programs_look_for_them() {
    let studio = Studio::new();
    assert!(
        studio.query("Event").is_empty(),
        "the start is nobody's deed"
    );
    let project = studio.project("film");
    let shot = studio.below("Shot", "010", &project);
    let task = studio.below("Task", "comp", &shot);
    let admin = studio.query("User where username is admin")[0]["id"].clone();
    let (shot_id, task_id) = (shot["id"].as_str().unwrap(), task["id"].as_str().unwrap());

    let made = events(&studio, &format!("parent_id is {task_id}"));
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["action"], "db.append.task");
    assert_eq!(made[0]["insert"], "insert");
    assert_eq!(made[0]["project_id"], project["id"]);
    assert_eq!(made[0]["data"], json!({"id": task_id, "name": "comp"}));

    let status = studio.query("Status where name is Approved")[0]["id"].clone();
    studio.update("Task", &task["id"], &json!({"status_id": status, "bid": 5}));
    studio.update("Shot", &shot["id"], &json!({"status_id": status}));
    set_custom(
        &studio,
        "ContextCustomAttributeValue",
        "fend",
        &shot["id"],
        &json!(1234),
    );
    let notified = format!(
        "parent_id in ({task_id}, {shot_id}) and action in (\"change.status.shot\", \
         \"change.status.task\", \"update.custom_attribute.fend\")"
    );
    let found = events(&studio, &notified);
    let actions: Vec<&Value> = found.iter().map(|event| &event["action"]).collect();
    assert_eq!(
        actions,
        [
            "change.status.task",
            "change.status.shot",
            "update.custom_attribute.fend"
        ]
    );
    assert_eq!(found[0]["parent_type"], "task");
    assert_eq!(found[0]["data"]["status_id"]["new"], status);
    assert_eq!(found[2]["data"]["fend"]["new"], 1234);
    let bid = events(&studio, "action is db.update.task");
    assert_eq!(bid[0]["data"], json!({"bid": {"old": 0, "new": 5}}));

    let appointment = json!({"type": "assignment", "context_id": task_id, "resource_id": admin});
    studio.create("Appointment", &appointment);
    let assigned = format!(
        "feeds.owner_id is {} and action is \"db.append.task:user\" and feeds.distance is \"0\" \
         and feeds.relation is \"assigned\"",
        admin.as_str().unwrap()
    );
    assert_eq!(events(&studio, &assigned)[0]["parent_id"], task_id);
    let asset = studio.create("Asset", &json!({"name": "plate", "context_id": shot_id}));
    let version = studio.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    let published = format!(
        "feeds.owner_id in ({}) and action is \"asset.published\"",
        asset["id"].as_str().unwrap()
    );
    assert_eq!(events(&studio, &published)[0]["parent_id"], version["id"]);
}

#[test]
fn what_was_deleted_can_be_looked_up() {
    let studio = Studio::new();
    let project = studio.project("film");
    let task = studio.below("Task", "comp", &project);
    studio.one(&delete("Task", &task["id"]));
    let today = chrono::Utc::now().date_naive();
    let condition =
        format!("created_at >= \"{today}\" and insert is \"delete\" order by created_at asc");
    let gone = events(&studio, &condition);
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0]["project_id"], project["id"]);
    assert_eq!(gone[0]["data"]["id"], task["id"]);
    assert_eq!(gone[0]["data"]["name"], "comp");
    studio.one(&delete("Project", &project["id"]));
    assert!(events(&studio, "project_id is_not None").is_empty());
    assert_eq!(events(&studio, "action is db.remove.project").len(), 1);
}

#[test]
fn what_is_refused_or_changes_nothing_is_not_noted() {
    let studio = Studio::new();
    let project = studio.project("film");
    let before = studio.query("Event").len();
    studio.call(&json!([
        create("Task", &json!({"name": "t", "parent_id": project["id"]})),
        create("Project", &json!({"name": "film"})),
    ]));
    studio.update("Project", &project["id"], &json!({"name": "film"}));
    assert_eq!(studio.query("Event").len(), before);
}

#[test]
fn the_oldest_events_go_first() {
    let studio = Studio::new();
    let users: Vec<Value> = (0..500)
        .map(|number| create("User", &json!({"username": format!("u{number}")})))
        .collect();
    let users = studio.call(&json!(users));
    for round in 0..26 {
        let updates: Vec<Value> = users
            .as_array()
            .unwrap()
            .iter()
            .map(|user| {
                update(
                    "User",
                    &user["data"]["id"],
                    &json!({"first_name": round.to_string()}),
                )
            })
            .collect();
        assert!(studio.call(&json!(updates)).is_array());
    }
    let ids = studio.values("select id from Event", "id");
    assert!((10_000..=12_500).contains(&ids.len()), "{}", ids.len());
    assert_eq!(ids.last().unwrap(), &json!(500 * 27));
    assert!(ids.first().unwrap().as_i64() > Some(500));
}
