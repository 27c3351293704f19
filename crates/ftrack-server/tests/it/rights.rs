//! What roles let people do beyond seeing a project: speaking for others, and changing how things work.

use ftrack_server::{SchemaVersion, Server};
use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, update};
use crate::files::{announce, path_of, put};
use crate::permissions::{Guest, production};
use crate::schema_description::Schema;

fn of_user(studio: &Studio, name: &str) -> Value {
    studio.query(&format!("User where username is {name}"))[0].clone()
}

fn may(guest: &Guest<'_>, operation: &Value) -> Value {
    let answer = guest.call(&json!([operation]));
    assert!(answer.is_array(), "{operation}: {answer}");
    answer[0]["data"].clone()
}

#[test]
fn writing_in_the_name_of_others_takes_a_role() {
    for (role, is_allowed) in [
        ("User", false),
        ("Project Manager", true),
        ("Administrator", true),
    ] {
        let studio = Studio::new();
        let guest = Guest::new(&studio);
        let project = studio.project("film");
        let task = studio.below("Task", "t", &project);
        let asset = studio.create("Asset", &json!({"name": "a", "parent": reference(&task)}));
        guest.allow_as(role, &project);
        let jane = of_user(&studio, "jane")["id"].clone();
        let about = json!({"parent_id": task["id"], "parent_type": "Task"});
        let note = |more: Value| {
            let mut data = about.clone();
            data.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            create("Note", &data)
        };
        let said = studio.one(&note(json!({"content": "hers", "user_id": jane})))["data"].clone();
        let own = may(&guest, &note(json!({"content": "mine"})));
        for operation in [
            note(json!({"content": "n", "author": {"__entity_type__": "User", "id": jane}})),
            update("Note", &own["id"], &json!({"user_id": jane})),
            update("Note", &said["id"], &json!({"content": "not hers"})),
            create(
                "Timelog",
                &json!({"context_id": task["id"], "user_id": jane, "duration": 1}),
            ),
            create("Timer", &json!({"context_id": task["id"], "user_id": jane})),
            create(
                "AssetVersion",
                &json!({"asset_id": asset["id"], "user_id": jane}),
            ),
            create(
                "Shot",
                &json!({"name": role, "parent_id": project["id"], "created_by_id": jane}),
            ),
        ] {
            if is_allowed {
                may(&guest, &operation);
            } else {
                guest.refused(&operation);
            }
        }
        // What is nobody's words may be changed by everybody who works there.
        may(
            &guest,
            &update("Note", &said["id"], &json!({"is_todo": true})),
        );
        may(
            &guest,
            &update("Note", &own["id"], &json!({"content": "still mine"})),
        );
        guest.refused(&create("Job", &json!({"user_id": jane, "type": "api_job"})));
    }
}

#[test]
fn how_things_work_is_changed_by_administrators_and_read_by_all() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let everywhere = json!({"action": "grant_user_security_role_project", "user_id": guest.id,
        "role_id": studio.query("SecurityRole where name is \"Project Manager\"")[0]["id"], "all_open_projects": true});
    let mut add = everywhere.clone();
    add["action"] = json!("add_user_security_role");
    studio.one(&add);
    for (name, data) in [
        ("Status", json!({"name": "mine"})),
        ("Location", json!({"name": "mine"})),
        ("WorkflowSchema", json!({"name": "mine"})),
        ("Type", json!({"name": "mine"})),
        ("ObjectType", json!({"name": "mine"})),
        ("Priority", json!({"name": "mine"})),
        ("Group", json!({"name": "mine"})),
        ("SecurityRole", json!({"name": "Administrator"})),
    ] {
        let row = studio.query(&format!("select id from {name}"))[0]["id"].clone();
        assert_eq!(guest.count(name), studio.query(name).len(), "{name}");
        guest.refused(&create(name, &data));
        guest.refused(&update(name, &row, &data));
        guest.refused(&delete(name, &row));
    }
    let setting = json!({"action": "update", "entity_type": "Setting", "entity_key": ["storage_scenario", "STORAGE"],
        "entity_data": {"__entity_type__": "Setting", "value": "elsewhere"}});
    guest.refused(&setting);
    assert_eq!(guest.count("Setting where name is storage_scenario"), 1);
    let configuration = studio.query("CustomAttributeConfiguration limit 1")[0]["id"].clone();
    guest.refused(&update(
        "CustomAttributeConfiguration",
        &configuration,
        &json!({"label": "mine"}),
    ));
    guest.refused(&delete("CustomAttributeConfiguration", &configuration));
}

#[test]
fn a_component_is_its_makers_until_it_belongs_to_something() {
    let studio = Studio::new();
    let (ada, project) = (Guest::new(&studio), studio.project("film"));
    ada.allow(&project);
    let task = studio.below("Task", "t", &project);
    let bob = Guest::named(&studio, "bob");
    let component = may(
        &ada,
        &create("FileComponent", &json!({"name": "thumbnail"})),
    );
    let id = component["id"].as_str().unwrap().to_owned();
    let upload = may_get(&ada, &id);
    assert_eq!(put(&studio, &upload["url"], &[], b"x").status, 200);
    assert_eq!((ada.gets(&id), bob.gets(&id)), (200, 404));
    bob.misses(&update("User", &bob.id, &json!({"thumbnail_id": id})));
    bob.misses(&json!({"action": "get_upload_metadata", "component_id": id, "file_name": "f"}));

    may(
        &ada,
        &update("Task", &task["id"], &json!({"thumbnail_id": id})),
    );
    assert_eq!((ada.gets(&id), bob.gets(&id)), (200, 404));
    bob.allow(&project);
    assert_eq!(
        bob.gets(&id),
        200,
        "it is the picture of something that bob sees"
    );
    bob.misses(&update(
        "Task",
        &task["id"],
        &json!({"thumbnail_id": "nothing"}),
    ));

    let portrait = may(
        &bob,
        &create("FileComponent", &json!({"name": "thumbnail"})),
    );
    let portrait_id = portrait["id"].as_str().unwrap();
    let upload = may_get(&bob, portrait_id);
    put(&studio, &upload["url"], &[], b"y");
    assert_eq!(ada.gets(portrait_id), 404);
    may(
        &bob,
        &update("User", &bob.id, &json!({"thumbnail_id": portrait_id})),
    );
    assert_eq!(ada.gets(portrait_id), 200, "everybody sees a user");
    ada.refused(&delete("FileComponent", &portrait["id"]));
    let picture = ada.call(&json!([{"action": "query",
        "expression": "select thumbnail_url from User where username is bob"}]));
    let url = &picture[0]["data"][0]["thumbnail_url"]["url"];
    let path = path_of(&studio, url);
    assert_eq!(
        crate::client::send(studio.server.url(), "GET", &path, &[], b"").status,
        200
    );
}

fn may_get(guest: &Guest<'_>, component: &str) -> Value {
    let announce =
        json!([{"action": "get_upload_metadata", "component_id": component, "file_name": "f"}]);
    guest.call(&announce)[0].clone()
}

#[test]
fn files_of_sequences_and_attachments_are_those_of_their_project() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    production(&studio, "theirs", "c-1", &guest.id);
    let version = studio.query("AssetVersion")[0]["id"].clone();
    let sequence = studio.create(
        "SequenceComponent",
        &json!({"name": "s", "padding": 4, "version_id": version}),
    );
    let frame = json!({"id": "frame", "name": "0001", "container_id": sequence["id"]});
    studio.create("FileComponent", &frame);
    let note = studio.query("Note")[0]["id"].clone();
    studio.create("FileComponent", &json!({"id": "attached", "name": "a"}));
    studio.create(
        "NoteComponent",
        &json!({"component_id": "attached", "note_id": note}),
    );
    studio.create("FileComponent", &json!({"id": "picture", "name": "p"}));
    studio.update(
        "AssetVersion",
        &version,
        &json!({"thumbnail_id": "picture"}),
    );
    for id in ["frame", "attached", "picture"] {
        let upload = announce(&studio, id, None, None);
        assert_eq!(put(&studio, &upload["url"], &[], b"x").status, 200);
        assert_eq!(guest.gets(id), 404, "{id}");
        guest.misses(&delete("FileComponent", &json!(id)));
        guest.misses(&update("User", &guest.id, &json!({"thumbnail_id": id})));
    }
    for entity_type in [
        "Component",
        "NoteComponent",
        "Metadata",
        "ComponentLocation",
    ] {
        assert_eq!(guest.count(entity_type), 0, "{entity_type}");
    }
    guest.allow(&studio.query("Project")[0].clone());
    for id in ["frame", "attached", "picture"] {
        assert_eq!(guest.gets(id), 200, "{id}");
    }
}

#[test]
fn what_links_two_projects_takes_a_role_on_both() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let (ours, theirs) = (studio.project("ours"), studio.project("theirs"));
    guest.allow(&ours);
    let (own, other) = (
        studio.below("Task", "t", &ours),
        studio.below("Task", "t", &theirs),
    );
    let link = json!({"from_id": own["id"], "to_id": other["id"]});
    let link = studio.create("TypedContextLink", &link);
    assert_eq!(guest.count("TypedContextLink"), 0);
    assert_eq!(
        guest.count("Task where outgoing_links any (id like \"%\")"),
        0
    );
    guest.misses(&create(
        "TypedContextLink",
        &json!({"from_id": own["id"], "to_id": other["id"]}),
    ));
    // A list of what one sees takes nothing away that one does not see.
    may(
        &guest,
        &update("Task", &own["id"], &json!({"outgoing_links": []})),
    );
    assert_eq!(studio.query("TypedContextLink").len(), 1);
    // But a link goes with either end.
    may(&guest, &delete("Task", &own["id"]));
    assert!(studio.query("TypedContextLink").is_empty(), "{link}");
}

#[test]
fn private_projects_take_a_role_of_their_own() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let role = studio.query("SecurityRole where name is User")[0]["id"].clone();
    let held = json!({"user_id": guest.id, "security_role_id": role, "is_all_open_projects": true});
    studio.create("UserSecurityRole", &held);
    let project = studio.project("film");
    studio.below("Task", "t", &project);
    assert_eq!(guest.count("Task"), 1);
    studio.update("Project", &project["id"], &json!({"is_private": true}));
    assert_eq!((guest.count("Project"), guest.count("Task")), (0, 0));
    guest.allow_as("Project Manager", &project);
    assert_eq!((guest.count("Project"), guest.count("Task")), (1, 1));
}

#[test]
fn an_answer_tells_nothing_of_how_much_is_hidden() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let (ours, theirs) = (studio.project("ours"), studio.project("theirs"));
    guest.allow(&ours);
    studio.below("Task", "same", &ours);
    let status = studio.query("select status_id from Task")[0]["status_id"].clone();
    let ask = |expression: &str| {
        let answer = guest.post(&json!([{"action": "query", "expression": expression}]));
        let rows = answer.headers.split("rows;desc=").nth(1).unwrap();
        rows.lines().next().unwrap().to_owned()
    };
    let expressions = [
        "Task".to_owned(),
        "Task where name is same".to_owned(),
        format!(
            "Task where status_id is {} and name is same",
            status.as_str().unwrap()
        ),
        "Task where project.name is theirs".to_owned(),
        format!(
            "Task where project_id is {}",
            theirs["id"].as_str().unwrap()
        ),
        "Task where parent.name like \"th%\"".to_owned(),
        format!(
            "Task where project_id is {} and name is same",
            ours["id"].as_str().unwrap()
        ),
        "Task where name like \"%\" order by project.name".to_owned(),
    ];
    let before: Vec<String> = expressions
        .iter()
        .map(|expression| ask(expression))
        .collect();
    for number in 0..20 {
        let shot = studio.below("Shot", &format!("s{number}"), &theirs);
        studio.below("Task", "same", &shot);
    }
    let after: Vec<String> = expressions
        .iter()
        .map(|expression| ask(expression))
        .collect();
    assert_eq!(before, after);
    assert_eq!(before[4], "\"0\"");
}

#[test]
fn a_condition_on_what_is_hidden_finds_nothing_by_an_index_either() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let (ours, theirs) = (studio.project("ours"), studio.project("theirs"));
    guest.allow(&ours);
    let (own, hidden) = (
        studio.below("Task", "same", &ours),
        studio.below("Task", "same", &theirs),
    );
    let asset = studio.create("Asset", &json!({"name": "a", "parent": reference(&ours)}));
    for task in [&own, &hidden] {
        let version = json!({"asset_id": asset["id"], "task_id": task["id"]});
        studio.create("AssetVersion", &version);
    }
    let id = |entity: &Value| entity["id"].as_str().unwrap().to_owned();
    let mut found = Vec::new();
    for (family, condition) in [
        ("Task", format!("project.id is {}", id(&ours))),
        ("Task", format!("project.id is {}", id(&theirs))),
        ("Task", "project.name in (ours, theirs)".to_owned()),
        ("Task", "project has (name is theirs)".to_owned()),
        ("AssetVersion", format!("task.id is {}", id(&own))),
        ("AssetVersion", format!("task.id is {}", id(&hidden))),
        ("AssetVersion", "task.name is same".to_owned()),
        ("AssetVersion", "task.project.name is theirs".to_owned()),
        (
            "Task",
            format!("name is same and project.id is {}", id(&ours)),
        ),
        (
            "Task",
            format!("project.id is {} and name is same", id(&ours)),
        ),
        ("Context", format!("id is {} and name is same", id(&own))),
        ("Context", format!("id is {} and name is same", id(&hidden))),
        (
            "Context",
            "name is same and project.name in (ours, theirs)".to_owned(),
        ),
    ] {
        let told = guest.count(&format!("{family} where {condition}"));
        let looked_at = guest.count(&format!("{family} where not (not ({condition}))"));
        assert_eq!(told, looked_at, "{family} where {condition}");
        found.push(told);
    }
    assert_eq!(found, [1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1]);
}

#[test]
fn what_goes_with_something_goes_whoever_made_it() {
    let studio = Studio::new();
    let (ada, bob) = (Guest::new(&studio), Guest::named(&studio, "bob"));
    let project = studio.project("film");
    for guest in [&ada, &bob] {
        guest.allow(&project);
    }
    let task = studio.below("Task", "t", &project);
    let asset = studio.create("Asset", &json!({"name": "a", "parent": reference(&task)}));
    let version = may(
        &bob,
        &create("AssetVersion", &json!({"asset_id": asset["id"]})),
    );
    let file = json!({"name": "f", "version_id": version["id"]});
    let file = may(&bob, &create("FileComponent", &file));
    let job = may(&bob, &create("Job", &json!({"type": "api_job"})));
    let output = json!({"job_id": job["id"], "component_id": file["id"]});
    may(&bob, &create("JobComponent", &output));
    let time = json!({"context_id": task["id"], "duration": 60, "comment": "c"});
    let logged = may(&bob, &create("Timelog", &time));
    let note = json!({"content": "n", "parent_id": task["id"], "parent_type": "Task"});
    let note = may(&bob, &create("Note", &note));

    ada.refused(&delete("Timelog", &logged["id"]));
    ada.refused(&delete("Note", &note["id"]));
    let event = studio.query("select id from Event where action is \"db.append.note\"")[0].clone();
    ada.refused(&delete("Event", &event["id"]));
    ada.refused(&update("Event", &event["id"], &json!({"data": "{}"})));
    may(&ada, &delete("Task", &task["id"]));
    for gone in [
        "Task",
        "AssetVersion",
        "FileComponent",
        "JobComponent",
        "Note",
    ] {
        assert!(studio.query(gone).is_empty(), "{gone}");
    }
    assert_eq!(
        studio.query("Timelog").len(),
        1,
        "time that was logged stays"
    );
    assert_eq!((ada.count("Timelog"), bob.count("Timelog")), (0, 1));
    // The project goes with everything that others did in it.
    ada.refused(&delete("Project", &project["id"]));
    ada.allow_as("Project Manager", &project);
    may(&ada, &delete("Project", &project["id"]));
}

#[test]
fn a_deletion_takes_nothing_from_those_whose_it_is() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let (ours, theirs) = (studio.project("ours"), studio.project("theirs"));
    guest.allow(&ours);
    let task = studio.below("Task", "t", &ours);
    let asset = studio.create("Asset", &json!({"name": "a", "parent": reference(&task)}));
    let version = studio.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    let file = json!({"name": "f", "version_id": version["id"]});
    let file = studio.create("FileComponent", &file)["id"].clone();
    studio.update("Project", &theirs["id"], &json!({"thumbnail_id": file}));
    guest.refused(&delete("FileComponent", &file));
    guest.refused(&delete("Task", &task["id"]));
    assert_eq!(studio.query("Task").len(), 1);
    studio.update("Project", &theirs["id"], &json!({"thumbnail_id": null}));
    let answer = guest.call(&json!([delete("Task", &task["id"])]));
    assert!(answer.is_array(), "{answer}");
}
#[test]
fn conversations_are_for_those_who_take_part() {
    let server = Server::builder()
        .schema_version(SchemaVersion::V116)
        .start();
    let studio = Studio {
        server: server.unwrap(),
    };
    let (ada, bob) = (Guest::new(&studio), Guest::named(&studio, "bob"));
    let eve = Guest::named(&studio, "eve");
    let conversation = may(&ada, &create("Conversation", &json!({})));
    let with = |guest: &Guest<'_>| {
        let data = json!({"conversation_id": conversation["id"], "resource_id": guest.id});
        create("Participant", &data)
    };
    may(&ada, &with(&bob));
    let message = json!({"conversation_id": conversation["id"], "text": "between us"});
    let said = may(&ada, &create("Message", &message));
    for (guest, seen) in [(&ada, 1), (&bob, 1), (&eve, 0)] {
        for entity_type in ["Conversation", "Message", "Participant"] {
            assert_eq!(guest.count(entity_type), seen, "{entity_type}");
        }
    }
    eve.misses(&with(&eve));
    eve.misses(&create("Message", &message));
    bob.refused(&update(
        "Message",
        &said["id"],
        &json!({"text": "otherwise"}),
    ));
    may(&bob, &create("Message", &message));
}

#[test]
fn custom_attributes_are_for_the_roles_that_may_read_and_write_them() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let project = studio.project("film");
    guest.allow(&project);
    let task = studio.below("Shot", "s", &project);
    let role = |name: &str| {
        let found = studio.query(&format!("SecurityRole where name is \"{name}\""));
        reference(&found[0])
    };
    let text = studio.query("CustomAttributeType where name is text")[0]["id"].clone();
    let configure = |key: &str, readers: &[Value], writers: &[Value]| {
        let data = json!({"entity_type": "task", "object_type_id": "bad911de-3bd6-47b9-8b46-3476e237cb36",
            "type_id": text, "key": key, "label": key, "default": "calm", "config": "{}",
            "read_security_roles": readers, "write_security_roles": writers});
        studio.create("CustomAttributeConfiguration", &data)["id"].clone()
    };
    let (user, manager) = (role("User"), role("Project Manager"));
    let both = configure(
        "both",
        std::slice::from_ref(&user),
        std::slice::from_ref(&user),
    );
    let read = configure(
        "read",
        &[user.clone(), manager.clone()],
        std::slice::from_ref(&manager),
    );
    let secret = configure(
        "secret",
        std::slice::from_ref(&manager),
        std::slice::from_ref(&manager),
    );
    let value = |configuration: &Value| {
        json!({"action": "update", "entity_type": "ContextCustomAttributeValue",
            "entity_key": [configuration, task["id"]],
            "entity_data": {"__entity_type__": "ContextCustomAttributeValue", "value": "wild"}})
    };
    for (key, seen) in [("both", 1), ("read", 1), ("secret", 0)] {
        let expression =
            format!("Shot where custom_attributes any (key is {key} and value is calm)");
        assert_eq!(guest.count(&expression), seen, "{key}");
        assert_eq!(studio.query(&expression).len(), 1, "{key}");
    }
    may(&guest, &value(&both));
    guest.refused(&value(&read));
    guest.misses(&value(&secret));
}

#[test]
fn nobody_sees_anything_of_the_demo_production_without_a_role() {
    let studio = Studio::demo();
    let guest = Guest::new(&studio);
    let schema = Schema::newest();
    let mut hidden = 0;
    for entity_type in schema.types.values() {
        let owner = schema.belongs_to(&entity_type.name);
        let is_of_projects = !owner.contains("the studio") && !owner.contains("for all to see");
        // Holidays are everybody's.
        let is_of_all = entity_type.name == "CalendarEventResource";
        if !is_of_projects || is_of_all || entity_type.shows.is_some() {
            continue;
        }
        let all = studio.query(&format!("select id from {}", entity_type.name));
        hidden += all.len();
        assert_eq!(guest.count(&entity_type.name), 0, "{}", entity_type.name);
    }
    assert!(hidden > 1_000, "{hidden}");
}
