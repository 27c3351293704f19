//! What goes with an entity that is deleted, and what stays.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete};

#[test]
fn deleting_a_project_leaves_nothing_of_it() {
    let studio = Studio::demo();
    let project = studio.query("Project limit 1")[0].clone();
    let id = project["id"].as_str().unwrap().to_owned();
    assert!(
        !studio
            .query(&format!("TypedContext where project_id is {id}"))
            .is_empty()
    );
    studio.one(&delete("Project", &project["id"]));
    for query in [
        format!("Project where id is {id}"),
        format!("TypedContext where project_id is {id}"),
        format!("List where project_id is {id}"),
        "Asset where parent is None".to_owned(),
        "AssetVersion where asset is None".to_owned(),
        "Appointment where context is None".to_owned(),
    ] {
        assert!(studio.query(&query).is_empty(), "{query}");
    }
}

#[test]
fn what_others_need_is_not_deleted() {
    let studio = Studio::new();
    let project = studio.project("p");
    let task = studio.below("Task", "t", &project);
    let refused = studio.refused(&delete("Status", &task["status_id"]));
    assert_eq!(refused["exception"], "IntegrityError");
    let unused = studio.create("Status", &json!({"name": "unused"}));
    studio.one(&delete("Status", &unused["id"]));
}

#[test]
fn what_somebody_wrote_stays_when_they_go() {
    let studio = Studio::new();
    let user = studio.create("User", &json!({"username": "ada"}));
    let note = studio.create("Note", &json!({"content": "hers", "user_id": user["id"]}));
    studio.one(&delete("User", &user["id"]));
    let found = studio.query("select content, author, user_id from Note where author is None");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["content"], "hers");
    assert_eq!(found[0]["author"], Value::Null);
    studio.update("Note", &note["id"], &json!({"content": "nobody's"}));
    let nobody = json!({"content": "new", "user_id": null});
    assert_eq!(
        studio.refused(&create("Note", &nobody))["exception"],
        "ValidationError",
        "a new note has an author"
    );
    assert!(studio.query("Recipient").is_empty());
}

#[test]
fn work_logged_stays_when_its_task_goes() {
    let studio = Studio::new();
    let project = studio.project("p");
    let task = studio.below("Task", "t", &project);
    studio.create("Timelog", &json!({"context_id": task["id"], "duration": 5}));
    let logged = studio.query("select time_logged, bid_time_logged_difference from Task");
    assert_eq!(logged[0]["time_logged"], 5);
    assert_eq!(logged[0]["bid_time_logged_difference"], -5);
    studio.one(&delete("Task", &task["id"]));
    assert_eq!(
        studio.query("select context from Timelog")[0]["context"],
        Value::Null
    );
}
