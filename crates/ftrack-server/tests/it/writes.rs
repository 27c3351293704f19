//! The rules that writes keep.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, send, update};

/// A row that says so could not be read back from a snapshot.
#[test]
fn an_entity_cannot_say_that_it_is_of_another_type() {
    let studio = Studio::new();
    let component = studio.create("FileComponent", &json!({"name": "plate"}));
    for (entity_type, id) in [
        ("FileComponent", &component["id"]),
        ("Component", &component["id"]),
    ] {
        for value in [json!("sequence"), json!(null)] {
            let data = json!({"system_type": value});
            let refused = studio.refused(&update(entity_type, id, &data));
            let said = refused["content"].as_str().unwrap();
            assert!(
                said.contains("system_type of every FileComponent is \"file\""),
                "{said}"
            );
        }
        studio.update(
            entity_type,
            id,
            &json!({"system_type": "file", "name": "same"}),
        );
    }
}

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
fn what_names_a_context_before_it_is_there_gets_its_project_with_it() {
    let studio = Studio::new();
    let (film, other) = (studio.project("film"), studio.project("other"));
    let id = |number: u32| format!("{number:08x}-0000-4000-8000-000000000000");
    let project_of = |entity_type: &str, id: &Value| {
        let query = format!(
            "select project_id from {entity_type} where id is {}",
            id.as_str().unwrap()
        );
        studio.query(&query)[0]["project_id"].clone()
    };
    // A note is kept that is about nothing yet.
    let note = studio.create("Note", &json!({"content": "n", "parent_id": id(1)}));
    assert!(project_of("Note", &note["id"]).is_null());
    let own = studio.create("Note", &json!({"content": "n", "parent_id": id(2)}));
    studio.create(
        "Shot",
        &json!({"id": id(1), "name": "s", "parent": reference(&film)}),
    );
    assert_eq!(project_of("Note", &note["id"]), film["id"]);
    let data = json!({"id": id(2), "name": "p", "full_name": "p"});
    assert_eq!(project_of("Note", &own["id"]), Value::Null);
    studio.create("Project", &data);
    assert_eq!(project_of("Note", &own["id"]), json!(id(2)));

    // In the middle of a batch as well.
    let task = studio.below("Task", "t", &film);
    let asset = studio.create("Asset", &json!({"name": "a", "parent": reference(&task)}));
    let query = |text: String| json!({"action": "query", "expression": text});
    let answer = studio.call(&json!([
        update("Task", &task["id"], &json!({"parent_id": id(3)})),
        create(
            "Shot",
            &json!({"id": id(3), "name": "s3", "parent_id": other["id"]})
        ),
        query(format!(
            "select id from Task where project_id is {}",
            other["id"].as_str().unwrap()
        )),
        create(
            "Shot",
            &json!({"name": "s4", "parent_id": film["id"], "assets": [reference(&asset)]})
        ),
        query(format!(
            "select id from Asset where project_id is {}",
            film["id"].as_str().unwrap()
        )),
    ]));
    assert_eq!(answer[2]["data"][0]["id"], task["id"], "{answer}");
    assert_eq!(answer[4]["data"][0]["id"], asset["id"], "{answer}");
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
        let answer = ask(write);
        let text = answer["content"].as_str().unwrap();
        let is_missing = text.starts_with("there is no ") || text.ends_with("does not exist");
        assert!(is_missing, "{write}: {answer}");
    }
    let role = studio.query("SecurityRole where name is API")[0]["id"].clone();
    let projects =
        json!({"user_id": user["id"], "security_role_id": role, "projects": [reference(&project)]});
    studio.create("UserSecurityRole", &projects);
    assert!(ask(&rename).is_array(), "with a role it works");
    let other = studio.project("other");
    let elsewhere = create("Task", &json!({"name": "n", "parent": reference(&other)}));
    assert_eq!(ask(&elsewhere)["exception"], "IntegrityError");
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

#[test]
fn entities_are_created_by_the_name_of_their_family() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    let user = studio.query("User where username is admin")[0].clone();
    let category = studio.query("ListCategory")[0]["id"].clone();
    let task = studio.query("ObjectType where name is Task")[0]["id"].clone();
    let link = studio.create(
        "CustomAttributeLinkConfiguration",
        &json!({"key": "lead", "label": "Lead", "entity_type": "task",
            "object_type_id": studio.query("ObjectType where name is Shot")[0]["id"], "entity_type_to": "user"}),
    );
    for (family, data, concrete) in [
        ("Component", json!({"name": "c"}), "FileComponent"),
        (
            "Component",
            json!({"name": "c", "system_type": "sequence"}),
            "SequenceComponent",
        ),
        (
            "TypedContext",
            json!({"name": "t", "parent_id": project["id"], "object_type_id": task}),
            "Task",
        ),
        (
            "Context",
            json!({"name": "u", "parent_id": project["id"],
                "object_type": {"__entity_type__": "ObjectType", "id": task}}),
            "Task",
        ),
        (
            "List",
            json!({"name": "l", "project_id": project["id"], "category_id": category, "system_type": "assetversion"}),
            "AssetVersionList",
        ),
        ("Resource", json!({"resource_type": "group"}), "Group"),
        (
            "CustomAttributeLink",
            json!({"configuration_id": link["id"], "from_id": shot["id"], "to_id": user["id"]}),
            "UserCustomAttributeLink",
        ),
    ] {
        let made = studio.create(family, &data);
        assert_eq!(
            made["__entity_type__"], family,
            "clients look for it under the name that they used"
        );
        let found = studio.query(&format!("{family} where id is {}", made["id"]));
        assert_eq!(found[0]["__entity_type__"], concrete, "{family}");
        let changed = update(family, &made["id"], &json!({}));
        assert_eq!(studio.one(&changed)["data"]["__entity_type__"], family);
    }
    let error = studio.refused(&create(
        "TypedContext",
        &json!({"name": "x", "parent_id": project["id"]}),
    ));
    assert!(
        error["content"]
            .as_str()
            .unwrap()
            .contains("say by object_type_id"),
        "{error}"
    );
    studio.refused(&create(
        "CustomAttributeLink",
        &json!({"configuration_id": link["id"], "from_id": shot["id"]}),
    ));
}

#[test]
fn contexts_at_any_depth_know_their_project() {
    const DEPTH: usize = 10_000;
    let studio = Studio::new();
    let project = studio.project("p");
    let operations: Vec<Value> = (0..DEPTH)
        .map(|depth| {
            let parent = match depth {
                0 => project["id"].clone(),
                _ => json!(format!("f{}", depth - 1)),
            };
            let data = json!({"id": format!("f{depth}"), "name": "f", "parent_id": parent});
            create("Folder", &data)
        })
        .collect();
    let answer = studio.call(&Value::Array(operations));
    assert!(answer.is_array(), "{answer}");
    let within = format!("Folder where project_id is {}", project["id"]);
    let last = format!("{within} and id is f{}", DEPTH - 1);
    assert_eq!(studio.query(&last).len(), 1);
    // The whole tree moves with what stands at its top.
    let other = studio.project("q");
    studio.update("Folder", &json!("f0"), &json!({"parent_id": other["id"]}));
    assert!(studio.query(&format!("{within} limit 1")).is_empty());
    let error = studio.refused(&update(
        "Folder",
        &json!("f0"),
        &json!({"parent_id": format!("f{}", DEPTH - 1)}),
    ));
    assert!(
        error["content"].as_str().unwrap().contains("below itself"),
        "{error}"
    );
}
