//! The rules that writes keep.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, send, update};

#[test]
fn work_gets_status_type_and_priority_from_the_schema_of_its_project() {
    let studio = Studio::new();
    let project = studio.project("p");
    for entity_type in [
        "Task",
        "Shot",
        "Sequence",
        "AssetBuild",
        "Folder",
        "Milestone",
        "Episode",
    ] {
        let made = studio.below(entity_type, "x", &project);
        assert!(made["status_id"].is_string(), "{entity_type}: {made}");
        assert!(made["priority_id"].is_string(), "{entity_type}");
        assert_eq!(made["context_type"], "task");
        assert_eq!(made["project_id"], project["id"]);
    }
    let schema = studio.query(
        "select _task_type_schema.types.id, _task_workflow.statuses.id from ProjectSchema limit 1",
    );
    let task = studio.query("select type_id, status_id from Task")[0].clone();
    let ids = |list: &Value| -> Vec<Value> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|entity| entity["id"].clone())
            .collect()
    };
    assert!(ids(&schema[0]["_task_type_schema"]["types"]).contains(&task["type_id"]));
    assert!(ids(&schema[0]["_task_workflow"]["statuses"]).contains(&task["status_id"]));
}

#[test]
fn who_and_when_are_recorded() {
    let studio = Studio::new();
    studio.project("p");
    let project = studio.query("select created_by.username, created_at, status from Project");
    assert_eq!(project[0]["created_by"]["username"], "admin");
    assert_eq!(project[0]["created_at"]["__type__"], "datetime");
    assert_eq!(project[0]["status"], "active");
}

#[test]
fn a_context_may_find_its_parent_later_in_the_batch() {
    let studio = Studio::new();
    let project = studio.project("p");
    let sequence = create("Sequence", &json!({"id": "q-1", "name": "q"}));
    let answer = studio.call(&json!([
        sequence,
        create(
            "Shot",
            &json!({"id": "s-1", "name": "s",
            "parent": {"__entity_type__": "Sequence", "id": "q-1"}})
        ),
        update(
            "Project",
            &project["id"],
            &json!({"children": [{"__entity_type__": "Sequence", "id": "q-1"}]})
        ),
    ]));
    assert_eq!(answer[0]["data"]["project_id"], project["id"], "{answer}");
    assert_eq!(answer[1]["data"]["project_id"], project["id"]);
    let link = studio.query("select link from Shot where id is s-1")[0]["link"].clone();
    assert_eq!(link[0]["name"], "p");
    let alone = studio.refused(&create("Sequence", &json!({"name": "alone"})));
    assert!(
        alone["content"]
            .as_str()
            .unwrap()
            .contains("Sequence.parent")
    );
}

#[test]
fn moving_a_context_moves_everything_below_it() {
    let studio = Studio::new();
    let (one, two) = (studio.project("one"), studio.project("two"));
    let sequence = studio.below("Sequence", "q", &one);
    let shot = studio.below("Shot", "s", &sequence);
    let task = studio.below("Task", "t", &shot);
    studio.update(
        "Sequence",
        &sequence["id"],
        &json!({"parent": reference(&two)}),
    );
    let found = studio.query("select project.name, link from Task");
    assert_eq!(found[0]["project"]["name"], "two");
    assert_eq!(found[0]["link"][0]["name"], "two");
    assert_eq!(studio.query("Task where project.name is one").len(), 0);
    let circle = update(
        "Sequence",
        &sequence["id"],
        &json!({"parent": reference(&task)}),
    );
    let refused = studio.refused(&circle);
    assert!(
        refused["content"]
            .as_str()
            .unwrap()
            .contains("below itself")
    );
    let own = update(
        "Sequence",
        &sequence["id"],
        &json!({"parent": reference(&sequence)}),
    );
    studio.refused(&own);
}

#[test]
fn names_are_unique_where_they_have_to_be() {
    let studio = Studio::new();
    let project = studio.project("p");
    let asset_type = studio.query("AssetType limit 1")[0]["id"].clone();
    studio.below("Shot", "010", &project);
    studio.below("Task", "010", &project);
    let asset = json!({"name": "a", "type_id": asset_type, "context_id": project["id"]});
    let asset = studio.create("Asset", &asset);
    studio.create(
        "AssetVersion",
        &json!({"asset_id": asset["id"], "version": 3}),
    );
    let user = studio.query("User where username is admin")[0]["id"].clone();
    studio.create("Timer", &json!({"user_id": user}));
    let taken = [
        (
            "Shot",
            json!({"name": "010", "parent": reference(&project)}),
        ),
        (
            "Project",
            json!({"name": "p", "project_schema_id": studio.query("ProjectSchema")[0]["id"]}),
        ),
        ("User", json!({"username": "admin"})),
        ("Location", json!({"name": "ftrack.server"})),
        (
            "Asset",
            json!({"name": "a", "type_id": asset_type, "context_id": project["id"]}),
        ),
        (
            "AssetVersion",
            json!({"asset_id": asset["id"], "version": 3}),
        ),
        ("Timer", json!({"user_id": user})),
    ];
    for (entity_type, data) in taken {
        let refused = studio.refused(&create(entity_type, &data));
        assert_eq!(refused["exception"], "DuplicateEntryError", "{entity_type}");
    }
    let id = json!({"id": asset["id"], "name": "other"});
    assert_eq!(
        studio.refused(&create("Asset", &id))["exception"],
        "DuplicateEntryError"
    );
}

#[test]
fn versions_are_numbered_and_the_latest_is_known() {
    let studio = Studio::new();
    let project = studio.project("p");
    let asset = studio.create("Asset", &json!({"name": "a", "context_id": project["id"]}));
    let answers = studio.call(&json!([
        create("AssetVersion", &json!({"asset_id": asset["id"]})),
        create("AssetVersion", &json!({"asset_id": asset["id"]})),
    ]));
    assert_eq!(answers[0]["data"]["version"], 1);
    assert_eq!(answers[1]["data"]["version"], 2);
    assert!(answers[0]["data"]["status_id"].is_string());
    assert_eq!(
        studio.values(
            "select version from AssetVersion where is_latest_version is true",
            "version"
        ),
        [2]
    );
    let latest = studio.query("select latest_version.version from Asset");
    assert_eq!(latest[0]["latest_version"]["version"], 2);
    studio.one(&delete("AssetVersion", &answers[1]["data"]["id"]));
    assert_eq!(
        studio.query("select latest_version.version from Asset")[0]["latest_version"]["version"],
        1
    );
    let next = studio.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    assert_eq!(next["version"], 2);
}

#[test]
fn status_changes_are_recorded() {
    let studio = Studio::new();
    let project = studio.project("p");
    let task = studio.below("Task", "t", &project);
    let statuses = studio.query(
        "select id from Status where id is_not_x limit 3"
            .replace("id is_not_x", "name is_not x")
            .as_str(),
    );
    let other = statuses
        .iter()
        .map(|status| &status["id"])
        .find(|id| **id != task["status_id"])
        .unwrap();
    studio.update("Task", &task["id"], &json!({"status_id": other}));
    let changes = studio.query(
        "select status_changes.from_status_id, status_changes.status_id, \
        status_changes.user.username from Task",
    );
    let change = &changes[0]["status_changes"][0];
    assert_eq!(change["from_status_id"], task["status_id"]);
    assert_eq!(change["status_id"], *other);
    assert_eq!(change["user"]["username"], "admin");
    assert_eq!(change["__entity_type__"], "TypedContextStatusChange");
}

#[test]
fn notes_stand_with_what_they_are_about() {
    let studio = Studio::new();
    let project = studio.project("p");
    let task = studio.below("Task", "t", &project);
    let admin = studio.query("User where username is admin")[0]["id"].clone();
    studio.call(&json!([
        create("Note", &json!({"id": "n-1", "content": "hello"})),
        update(
            "Task",
            &task["id"],
            &json!({"notes": [{"__entity_type__": "Note", "id": "n-1"}]})
        ),
    ]));
    studio.call(&json!([
        create("Note", &json!({"id": "n-2", "content": "reply"})),
        update(
            "Note",
            &json!("n-1"),
            &json!({"replies": [{"__entity_type__": "Note", "id": "n-2"}]})
        ),
    ]));
    let notes = studio.query(
        "select parent_id, parent_type, in_reply_to.content, user_id, recipients.resource_id, date \
         from Note order by id",
    );
    for note in &notes {
        assert_eq!(note["parent_id"], task["id"]);
        assert_eq!(note["parent_type"], "Task");
        assert_eq!(note["user_id"], admin);
        assert_eq!(
            note["recipients"].as_array().unwrap().len(),
            1,
            "the author hears of answers"
        );
    }
    assert_eq!(notes[1]["in_reply_to"]["content"], "hello");
    studio.one(&delete("Task", &task["id"]));
    assert!(studio.query("Note").is_empty());
    assert!(studio.query("Recipient").is_empty());
}

#[test]
fn collections_are_replaced_by_what_is_sent() {
    let studio = Studio::new();
    let project = studio.project("p");
    let tasks: Vec<Value> = ["a", "b", "c"]
        .map(|name| studio.below("Task", name, &project))
        .into();
    let category = studio.query("ListCategory limit 1")[0]["id"].clone();
    let list = studio.create(
        "TypedContextList",
        &json!({"name": "l", "category_id": category, "project_id": project["id"]}),
    );
    let set = |indexes: &[usize]| {
        let items: Vec<Value> = indexes
            .iter()
            .map(|index| reference(&tasks[*index]))
            .collect();
        studio.update("TypedContextList", &list["id"], &json!({"items": items}));
        let found = studio.query("select items.name from TypedContextList");
        let items = found[0]["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(set(&[0, 1]), ["a", "b"]);
    assert_eq!(set(&[1, 2]), ["b", "c"]);
    assert_eq!(studio.query("ListObject").len(), 2);
    assert_eq!(
        studio
            .query("select lists from Task where lists.name is l")
            .len(),
        2
    );
    assert_eq!(set(&[]), [""; 0]);
    let wrong = update("TypedContextList", &list["id"], &json!({"items": "a"}));
    studio.refused(&wrong);
    let unknown = json!({"items": [{"__entity_type__": "Task", "id": "nothing"}]});
    studio.refused(&update("TypedContextList", &list["id"], &unknown));
}

#[test]
fn metadata_taken_out_is_gone_and_may_be_deleted_too() {
    let studio = Studio::new();
    let project = studio.project("p");
    let keys = ["a", "b"];
    for key in keys {
        studio.create(
            "Metadata",
            &json!({"parent_id": project["id"], "parent_type": "Project", "key": key, "value": key}),
        );
    }
    let a = json!({"__entity_type__": "Metadata", "parent_id": project["id"], "key": "a"});
    studio.call(&json!([
        update("Project", &project["id"], &json!({"metadata": [a]})),
        {"action": "delete", "entity_type": "Metadata", "entity_key": [project["id"], "b"]},
    ]));
    assert_eq!(studio.values("select key from Metadata", "key"), ["a"]);
    let again =
        json!({"parent_id": project["id"], "parent_type": "Project", "key": "a", "value": "x"});
    assert_eq!(
        studio.refused(&create("Metadata", &again))["exception"],
        "DuplicateEntryError"
    );
}

#[test]
fn containers_have_members() {
    let studio = Studio::new();
    let sequence = studio.create("SequenceComponent", &json!({"name": "s", "padding": 4}));
    let file = studio.create(
        "FileComponent",
        &json!({"name": "0001", "container": reference(&sequence)}),
    );
    assert_eq!(file["system_type"], "file");
    let other = studio.create("FileComponent", &json!({"name": "0002"}));
    let members = json!({"members": [reference(&file), reference(&other)]});
    studio.update("SequenceComponent", &sequence["id"], &members);
    let found =
        studio.query("select members.name, system_type from Component where members any ()");
    assert_eq!(found[0]["members"].as_array().unwrap().len(), 2);
    studio.one(&delete("SequenceComponent", &sequence["id"]));
    assert!(studio.query("Component").is_empty());
}

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

#[test]
fn a_user_without_a_role_on_a_project_cannot_write_to_it() {
    let studio = Studio::new();
    let project = studio.project("p");
    let task = studio.below("Task", "t", &project);
    let user = studio.create("User", &json!({"username": "ada", "is_active": true}));
    let key = studio.one(&json!({"action": "reset_remote", "reset_type": "api_key",
        "entity_type": "User", "entity_key": user["id"]}));
    let key = key["data"]["api_key"].as_str().unwrap();
    let ask = |operation: &Value| {
        let credentials = [("ftrack-user", "ada"), ("ftrack-api-key", key)];
        let body = json!([operation]).to_string();
        send(
            studio.server.url(),
            "POST",
            "/api",
            &credentials,
            body.as_bytes(),
        )
        .json()
    };
    let rename = update("Task", &task["id"], &json!({"name": "mine"}));
    let writes = [
        rename.clone(),
        delete("Task", &task["id"]),
        delete("Project", &project["id"]),
        create("Task", &json!({"name": "n", "parent": reference(&project)})),
        create("Timelog", &json!({"context_id": task["id"], "duration": 1})),
        create("Asset", &json!({"name": "n", "parent": reference(&task)})),
    ];
    for write in &writes {
        assert_eq!(ask(write)["exception"], "PermissionError", "{write}");
    }
    let role = studio.query("SecurityRole where name is API")[0]["id"].clone();
    let projects =
        json!({"user_id": user["id"], "security_role_id": role, "projects": [reference(&project)]});
    studio.create("UserSecurityRole", &projects);
    assert!(ask(&rename).is_array(), "with a role it works");
    let other = studio.project("other");
    let elsewhere = create("Task", &json!({"name": "n", "parent": reference(&other)}));
    assert_eq!(ask(&elsewhere)["exception"], "PermissionError");
}

#[test]
fn scopes_and_version_links_are_collections_on_both_sides() {
    let studio = Studio::new();
    let project = studio.project("p");
    let scope = studio.create("Scope", &json!({"name": "Paris"}));
    studio.update(
        "Project",
        &project["id"],
        &json!({"scopes": [reference(&scope)]}),
    );
    assert_eq!(
        studio.values(
            "select name from Project where scopes.name is Paris",
            "name"
        ),
        ["p"]
    );
    let asset = studio.create("Asset", &json!({"name": "a", "context_id": project["id"]}));
    let version = || studio.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    let (first, second) = (version(), version());
    studio.update(
        "AssetVersion",
        &second["id"],
        &json!({"uses_versions": [reference(&first)]}),
    );
    let used = studio.query("select used_in_versions.version from AssetVersion where version is 1");
    assert_eq!(used[0]["used_in_versions"][0]["version"], 2);
    assert_eq!(
        studio
            .query("select from_id, to_id from AssetVersionLink")
            .len(),
        1
    );
}

#[test]
fn jobs_have_known_states_and_end() {
    let studio = Studio::new();
    let job = studio.create("Job", &json!({"data": "{}"}));
    assert_eq!(
        (&job["type"], &job["status"]),
        (&json!("api_job"), &json!("queued"))
    );
    studio.refused(&update("Job", &job["id"], &json!({"status": "late"})));
    studio.refused(&update("Job", &job["id"], &json!({"type": "other"})));
    studio.update("Job", &job["id"], &json!({"status": "done"}));
    assert!(studio.query("select finished_at from Job")[0]["finished_at"].is_object());
}
