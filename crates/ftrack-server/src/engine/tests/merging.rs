//! A large batch is made while others write: what comes of both is what comes of one after the other.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{call_all, start_at};
use crate::caller::Caller;
use crate::engine::Engine;
use crate::failpoint::{Point, at};
use crate::studio::id;

/// Ids that tests choose: the same in every server.
fn own(name: &str) -> String {
    id("test", name)
}

fn create(entity_type: &str, name: &str, data: &Json) -> Json {
    let mut values = json!({"__entity_type__": entity_type, "id": own(name), "name": name});
    merge(&mut values, data);
    json!({"action": "create", "entity_type": entity_type, "entity_data": values})
}

fn update(entity_type: &str, name: &str, data: &Json) -> Json {
    let mut values = json!({"__entity_type__": entity_type});
    merge(&mut values, data);
    json!({"action": "update", "entity_type": entity_type, "entity_key": [own(name)], "entity_data": values})
}

fn delete(entity_type: &str, name: &str) -> Json {
    json!({"action": "delete", "entity_type": entity_type, "entity_key": [own(name)]})
}

fn merge(values: &mut Json, data: &Json) {
    let data = data.as_object().unwrap().clone();
    values.as_object_mut().unwrap().extend(data);
}

fn reference(entity_type: &str, name: &str) -> Json {
    json!({"__entity_type__": entity_type, "id": own(name)})
}

/// A configuration of a custom attribute of tasks that every studio has none of.
fn custom_value(task: &str, value: &str) -> Json {
    let key = [own("configuration"), own(task)];
    json!({
        "action": "update",
        "entity_type": "ContextCustomAttributeValue",
        "entity_key": key,
        "entity_data": {"__entity_type__": "ContextCustomAttributeValue", "value": value},
    })
}

/// Two projects with shots, tasks, versions and a list.
fn production() -> Vec<Json> {
    let mut operations: Vec<Json> = ["p", "q"]
        .map(|name| create("Project", name, &json!({"full_name": name})))
        .into();
    let below =
        |parent: &str, project: &str| json!({"parent_id": own(parent), "project_id": own(project)});
    for (name, project) in [("s", "p"), ("other", "p"), ("doomed", "p")] {
        operations.push(create("Shot", name, &below(project, project)));
    }
    for (name, shot) in [("t", "s"), ("u", "s"), ("v", "other")] {
        let mut data = below(shot, "p");
        merge(
            &mut data,
            &json!({"status_id": id("Status", "Not started")}),
        );
        operations.push(create("Task", name, &data));
    }
    operations.push(create(
        "Asset",
        "a",
        &json!({"context_id": own("s"), "type_id": id("AssetType", "Geometry")}),
    ));
    for number in [1, 2] {
        let data = json!({"asset_id": own("a"), "version": number});
        operations.push(create("AssetVersion", &format!("a{number}"), &data));
    }
    operations.push(create(
        "AssetVersionList",
        "l",
        &json!({"project_id": own("p"), "category_id": id("ListCategory", "Dailies"), "items": [reference("AssetVersion", "a1")]}),
    ));
    let roles =
        json!([{"__entity_type__": "SecurityRole", "id": id("SecurityRole", "Administrator")}]);
    operations.push(create(
        "CustomAttributeConfiguration",
        "configuration",
        &json!({
            "key": "weather", "label": "weather", "entity_type": "task",
            "object_type_id": "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c",
            "type_id": id("CustomAttributeType", "text"), "default": "dry",
            "read_security_roles": roles, "write_security_roles": roles,
        }),
    ));
    for operation in &mut operations {
        let data = operation["entity_data"].as_object_mut().unwrap();
        if ["AssetVersion", "CustomAttributeConfiguration"]
            .contains(&data["__entity_type__"].as_str().unwrap())
        {
            data.remove("name");
        }
    }
    operations
}

/// A batch that is large whatever it is about.
fn large(operations: &[Json]) -> Vec<Json> {
    let scopes = (0..101).map(|number| create("Scope", &format!("scope {number}"), &json!({})));
    operations.iter().cloned().chain(scopes).collect()
}

/// Everything that there is, but for what is made up anew each time.
fn state(engine: &Engine) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    engine.snapshot(file.path()).unwrap();
    let text = std::fs::read_to_string(file.path()).unwrap();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let mut row: Map<String, Json> = serde_json::from_str(line).unwrap();
            let entity_type = row.get("__entity_type__").map(ToString::to_string);
            let entity_type = entity_type.unwrap_or_default();
            for made_up in ["created_at", "date", "thread_activity"] {
                row.remove(made_up);
            }
            if entity_type.contains("Event") {
                row.remove("parent_id");
            }
            if ["StatusChange", "ListObject", "Event", "Feed", "Metadata"]
                .iter()
                .any(|name| entity_type.contains(name))
            {
                row.remove("id");
                row.remove("cluster_id");
                row.remove("social_id");
                row.remove("data");
            }
            Json::Object(row).to_string()
        })
        .collect();
    lines.sort();
    lines
}

/// A server in memory with the production.
fn studio() -> (Arc<Engine>, Caller) {
    let (engine, caller) = start_at(None);
    call_all(&engine, &caller, &production()).unwrap();
    (Arc::new(engine), caller)
}

/// Lets a small batch be written while a large one is made; what the large one answered, and whether it was made again.
fn beside(
    engine: &Arc<Engine>,
    (small_caller, small): (&Caller, &[Json]),
    (large_caller, large): (&Caller, &[Json]),
) -> (Result<Json, String>, bool) {
    let (again, came) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let noted = Rc::clone(&again);
    at(Point::MadeAgain, move || noted.set(true));
    let (own_engine, small_caller, small) =
        (Arc::clone(engine), small_caller.clone(), small.to_vec());
    let noted = Rc::clone(&came);
    at(Point::Prepared, move || {
        call_all(&own_engine, &small_caller, &small).unwrap();
        noted.set(true);
    });
    let outcome = call_all(engine, large_caller, large);
    assert!(
        came.get(),
        "the small one is written while the large one is made: {outcome:?}"
    );
    let is_made_again = again.get();
    if !is_made_again {
        // The next one is not to meet it.
        crate::failpoint::reach(Point::MadeAgain);
    }
    (outcome, is_made_again)
}

#[derive(Clone)]
struct Case {
    says: &'static str,
    small: Vec<Json>,
    large: Vec<Json>,
    is_made_again: bool,
}

fn task(name: &str, shot: &str) -> Json {
    create(
        "Task",
        name,
        &json!({"parent_id": own(shot), "project_id": own("p")}),
    )
}

fn status(task: &str, name: &str) -> Json {
    update("Task", task, &json!({"status_id": id("Status", name)}))
}

fn version(name: &str, data: &Json) -> Json {
    let mut operation = create("AssetVersion", name, &json!({"asset_id": own("a")}));
    merge(&mut operation["entity_data"], data);
    operation["entity_data"]
        .as_object_mut()
        .unwrap()
        .remove("name");
    operation
}

fn metadata(parent: &str) -> Json {
    let data = json!({"__entity_type__": "Metadata", "parent_id": own(parent), "parent_type": "Shot", "key": "k", "value": "v"});
    json!({"action": "create", "entity_type": "Metadata", "entity_data": data})
}

fn items(names: &[&str]) -> Json {
    let items: Vec<Json> = names
        .iter()
        .map(|name| reference("AssetVersion", name))
        .collect();
    update("AssetVersionList", "l", &json!({"items": items}))
}

fn case(says: &'static str, small: &[Json], large: &[Json], is_made_again: bool) -> Case {
    Case {
        says,
        small: small.to_vec(),
        large: large.to_vec(),
        is_made_again,
    }
}

fn new() -> Json {
    task("new", "s")
}

/// What a large batch does not go by.
fn apart() -> Vec<Case> {
    vec![
        case("elsewhere", &[task("x", "other")], &[new()], false),
        case("at the same place", &[task("x", "s")], &[new()], false),
        case(
            "a status of another",
            &[status("v", "In progress")],
            &[new(), status("t", "In progress")],
            false,
        ),
        case(
            "another name for the parent",
            &[update("Shot", "s", &json!({"name": "z"}))],
            &[new()],
            false,
        ),
        case(
            "below what is renamed",
            &[task("x", "s")],
            &[update("Shot", "s", &json!({"name": "z"}))],
            false,
        ),
        case(
            "a value of another",
            &[custom_value("v", "wet")],
            &[custom_value("t", "hot")],
            false,
        ),
        case("something gone", &[delete("Task", "v")], &[new()], false),
        case(
            "something elsewhere",
            &[update(
                "Shot",
                "other",
                &json!({"parent_id": own("q"), "project_id": own("q")}),
            )],
            &[new()],
            false,
        ),
        case(
            "another version",
            &[version("x", &json!({"version": 7}))],
            &[version("new", &json!({"version": 9}))],
            false,
        ),
    ]
}

/// What a large batch touches as well.
fn same() -> Vec<Case> {
    vec![
        case(
            "the same name",
            &[task("x", "s")],
            &[create(
                "Task",
                "y",
                &json!({"name": "x", "parent_id": own("s"), "project_id": own("p")}),
            )],
            true,
        ),
        case("the same key", &[task("new", "other")], &[new()], true),
        case("what is deleted", &[delete("Shot", "s")], &[new()], true),
        case(
            "what is moved",
            &[update(
                "Shot",
                "s",
                &json!({"parent_id": own("q"), "project_id": own("q")}),
            )],
            &[new()],
            true,
        ),
        case(
            "the same value",
            &[status("t", "In progress")],
            &[status("t", "Completed")],
            true,
        ),
        case(
            "the value that it has",
            &[status("t", "In progress")],
            &[status("t", "Not started")],
            true,
        ),
        case(
            "the next number",
            &[version("x", &json!({"version": 7}))],
            &[version("new", &json!({}))],
            true,
        ),
        case(
            "the same list",
            &[items(&["a1", "a2"])],
            &[items(&[])],
            true,
        ),
        case(
            "one more in a list",
            &[items(&["a1", "a2"])],
            &[items(&["a2"])],
            true,
        ),
    ]
}

/// What a large batch goes by without touching it.
fn around() -> Vec<Case> {
    vec![
        case(
            "of what it deletes",
            &[metadata("doomed")],
            &[delete("Shot", "doomed")],
            true,
        ),
        case(
            "below what it deletes",
            &[task("x", "doomed")],
            &[delete("Shot", "doomed")],
            true,
        ),
        case(
            "below what it moves",
            &[task("x", "other")],
            &[update(
                "Shot",
                "other",
                &json!({"parent_id": own("q"), "project_id": own("q")}),
            )],
            true,
        ),
        case(
            "round in a circle",
            &[update("Shot", "other", &json!({"parent_id": own("s")}))],
            &[update("Shot", "s", &json!({"parent_id": own("other")}))],
            true,
        ),
        case(
            "elsewhere while it moves",
            &[update(
                "Shot",
                "other",
                &json!({"parent_id": own("doomed")}),
            )],
            &[update("Shot", "s", &json!({"parent_id": own("other")}))],
            true,
        ),
        case(
            "what it names is gone",
            &[delete("AssetVersion", "a2")],
            &[items(&["a1", "a2"])],
            true,
        ),
        case(
            "a value of what it deletes",
            &[custom_value("u", "wet")],
            &[delete("Task", "u")],
            true,
        ),
        case(
            "the same custom value",
            &[custom_value("t", "wet")],
            &[custom_value("t", "hot")],
            true,
        ),
        case(
            "a value of a key that it deletes",
            &[custom_value("t", "wet")],
            &[delete("CustomAttributeConfiguration", "configuration")],
            true,
        ),
        case(
            "how the studio works",
            &[create("Scope", "x", &json!({}))],
            &[new()],
            true,
        ),
        case(
            "the project",
            &[update("Project", "p", &json!({"full_name": "z"}))],
            &[new()],
            true,
        ),
    ]
}

#[test]
fn a_large_batch_does_the_same_as_after_what_was_written_meanwhile() {
    for case in [apart(), same(), around()].concat() {
        let large = large(&case.large);
        let (engine, caller) = studio();
        call_all(&engine, &caller, &case.small).unwrap();
        let in_order = call_all(&engine, &caller, &large);
        let expected = state(&engine);
        let (engine, caller) = studio();
        let (outcome, again) = beside(&engine, (&caller, &case.small), (&caller, &large));
        assert_eq!(
            outcome.is_ok(),
            in_order.is_ok(),
            "{}: {outcome:?}",
            case.says
        );
        assert_eq!(outcome.err(), in_order.err(), "{}", case.says);
        let found = state(&engine);
        let differing: Vec<&String> = found
            .iter()
            .filter(|line| !expected.contains(line))
            .collect();
        assert!(differing.is_empty(), "{}: {differing:#?}", case.says);
        assert_eq!(found.len(), expected.len(), "{}", case.says);
        assert_eq!(again, case.is_made_again, "{}", case.says);
    }
}

#[test]
fn rights_that_end_while_a_batch_is_made_are_not_used() {
    let (engine, admin) = studio();
    let operations = [
        json!({"action": "create", "entity_type": "User", "entity_data":
            {"__entity_type__": "User", "id": own("ada"), "username": "ada", "is_active": true}}),
        json!({"action": "create", "entity_type": "UserSecurityRole", "entity_data":
            {"__entity_type__": "UserSecurityRole", "id": own("role"), "user_id": own("ada"),
             "security_role_id": id("SecurityRole", "User"), "is_all_open_projects": true}}),
    ];
    call_all(&engine, &admin, &operations).unwrap();
    engine.set_key("ada", "secret").unwrap();
    let ada = engine.authenticate(Some("ada"), Some("secret")).unwrap();
    let tasks: Vec<Json> = (0..101)
        .map(|number| task(&format!("task {number}"), "s"))
        .collect();
    let before = state(&engine).len();
    let small = [delete("UserSecurityRole", "role")];
    let (outcome, again) = beside(&engine, (&admin, &small), (&ada, &tasks));
    assert!(again && outcome.is_err(), "{outcome:?}");
    assert!(state(&engine).len() <= before, "nothing of it is kept");
}

#[test]
fn both_are_there_after_a_restart() {
    for (small, is_made_again) in [
        (task("x", "s"), false),
        (create("Scope", "x", &json!({})), true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (engine, caller) = start_at(Some(folder.path()));
        call_all(&engine, &caller, &production()).unwrap();
        let engine = Arc::new(engine);
        let large = large(&[
            task("new", "s"),
            delete("Shot", "doomed"),
            custom_value("t", "hot"),
        ]);
        let (outcome, again) = beside(&engine, (&caller, &[small]), (&caller, &large));
        outcome.unwrap();
        assert_eq!(again, is_made_again);
        call_all(&engine, &caller, &[task("last", "s")]).unwrap();
        let expected = state(&engine);
        drop(engine);
        let (engine, _) = start_at(Some(folder.path()));
        assert_eq!(state(&engine), expected);
    }
}

#[test]
fn a_batch_that_fails_when_it_is_prepared_leaves_nothing() {
    let (engine, caller) = studio();
    let before = state(&engine);
    crate::failpoint::arm(Point::Prepared);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        call_all(&engine, &caller, &large(&[task("new", "s")]))
    }));
    assert!(outcome.is_err());
    assert_eq!(state(&engine), before);
    let again = call_all(&engine, &caller, &large(&[task("new", "s")]));
    assert!(again.is_ok(), "others can be prepared: {again:?}");
}
