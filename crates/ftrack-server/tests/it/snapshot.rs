//! Servers that begin with a file.

use std::collections::BTreeMap;
use std::path::Path;

use ftrack_server::{Error, Server, SnapshotError};
use serde_json::{Value, json};

use crate::client::{Studio, delete};
use crate::query::set_custom;

fn from_file(path: &Path) -> Studio {
    Studio {
        server: Server::builder().from_file(path).start().unwrap(),
    }
}

/// What a server answers about every attribute of every type.
fn everything(studio: &Studio) -> BTreeMap<String, Value> {
    let schemas = studio.one(&json!({"action": "query_schemas"}));
    let mut answers = BTreeMap::new();
    for schema in schemas.as_array().unwrap() {
        let name = schema["id"].as_str().unwrap();
        let properties = schema["properties"].as_object().unwrap();
        // Addresses of files hold the server's own address and signature.
        let attributes: Vec<&str> = properties
            .iter()
            .filter(|(name, report)| {
                !name.contains("url") && report["restricted_projection"] != true
            })
            .map(|(name, _)| name.as_str())
            .collect();
        let query = format!("select {} from {name}", attributes.join(", "));
        let answer = studio.call(&json!([{"action": "query", "expression": query}]));
        assert!(answer.is_array(), "{query}: {answer}");
        answers.insert(query, answer);
    }
    answers
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Writes a snapshot, starts another server from it, and compares all that both say.
fn round_trip(studio: &Studio) -> Studio {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.jsonl");
    studio.server.snapshot(&path).unwrap();
    let other = from_file(&path);
    let (before, after) = (everything(studio), everything(&other));
    assert_eq!(before.len(), after.len());
    for (query, answer) in &before {
        assert!(after[query] == *answer, "{query} answers differently");
    }
    let again = folder.path().join("again.jsonl");
    other.server.snapshot(&again).unwrap();
    let (first, second) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(&again).unwrap(),
    );
    assert!(first == second, "the second snapshot is another one");
    other
}

#[test]
fn a_server_from_a_snapshot_answers_the_same() {
    let studio = Studio::demo();
    let shot = studio.query("Shot")[0].clone();
    let value_type = "ContextCustomAttributeValue";
    set_custom(&studio, value_type, "fstart", &shot["id"], &json!(7));
    studio.update("Shot", &shot["id"], &json!({"name": "ünï \"quoted\"\n"}));
    let task = studio.below("Task", "new", &shot);
    studio.update(
        "Task",
        &task["id"],
        &json!({"bid": 1.5, "description": null, "priority_id": null}),
    );
    let other = round_trip(&studio);
    let key = "select custom_attributes.value from Shot where custom_attributes any (key is fstart and value is 7)";
    assert_eq!(other.query(key).len(), 1);
    // It is a server like any other: what it starts with can be changed.
    let made = other.below("Task", "newer", &shot);
    other.one(&delete("Task", &made["id"]));
    other.one(&delete("Shot", &shot["id"]));
}

#[test]
fn what_deletions_leave_can_be_read_back() {
    let studio = Studio::demo();
    for query in [
        "AssetVersion",
        "User where username is_not admin",
        "Task",
        "Status",
        "Type",
        "Shot limit 3",
    ] {
        for entity in studio.query(query) {
            let entity_type = entity["__entity_type__"].as_str().unwrap();
            // Some are needed by others and stay.
            studio.call(&json!([delete(entity_type, &entity["id"])]));
        }
    }
    assert_eq!(studio.query("Task").len(), 0);
    assert_eq!(studio.query("AssetVersion").len(), 0);
    round_trip(&studio);
    let project = studio.query("Project")[0]["id"].clone();
    studio.one(&delete("Project", &project));
    round_trip(&studio);
}

#[test]
fn a_snapshot_has_one_entity_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.jsonl");
    let studio = Studio::demo();
    studio.server.snapshot(&path).unwrap();
    let lines = lines(&path);
    let users = studio.values("select username from User", "username");
    let written: Vec<Value> = lines
        .iter()
        .filter(|line| line["__entity_type__"] == "User")
        .map(|line| line["username"].clone())
        .collect();
    assert_eq!(written, users);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(studio.server.api_key()), "keys stay secret");
    assert!(lines.iter().all(|line| line["__entity_type__"].is_string()));
}

#[test]
fn object_types_of_the_studio_are_entity_types_of_the_next_server() {
    let studio = Studio::new();
    let made = studio.create("ObjectType", &json!({"name": "Camera Move"}));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.jsonl");
    studio.server.snapshot(&path).unwrap();
    let other = from_file(&path);
    let project = other.project("p");
    let dolly = other.below("CameraMove", "dolly", &project);
    let found = other.query("select object_type_id from CameraMove");
    assert_eq!(found[0]["id"], dolly["id"]);
    assert_eq!(found[0]["object_type_id"], made["id"]);
    round_trip(&other);
}

#[test]
fn a_file_by_hand_needs_to_say_little_and_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hand.jsonl");
    let text = r#"
        {"__entity_type__": "ObjectType", "id": "bad911de-3bd6-47b9-8b46-3476e237cb36", "name": "Shot"}
        {"__entity_type__": "ObjectType", "id": "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c", "name": "Task"}
        {"__entity_type__": "Shot", "id": "s-1", "name": "010", "parent_id": "p-1", "priority_id": null}
        {"id": "t-1", "name": "anim", "parent_id": "s-1", "priority_id": null, "__entity_type__": "Task"}

        {"__entity_type__": "Project", "id": "p-1", "name": "film", "full_name": "Film", "project_schema_id": "ps-1"}
        {"__entity_type__": "ProjectSchema", "id": "ps-1", "name": "any"}
        {"__entity_type__": "UserSecurityRole", "user_id": "u-1", "security_role_id": "r-1", "is_all_open_projects": true}
        {"__entity_type__": "SecurityRole", "id": "r-1", "name": "Administrator"}
        {"__entity_type__": "User", "id": "u-1", "username": "admin", "is_active": true}
    "#;
    std::fs::write(&path, text).unwrap();
    let studio = from_file(&path);
    let found = studio.query("select link, project.name, object_type_id from Task");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["project"]["name"], "film");
    let names: Vec<&Value> = found[0]["link"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["name"])
        .collect();
    assert_eq!(names, ["film", "010", "anim"]);
    assert!(
        studio.query("Status").is_empty(),
        "there is no studio around it"
    );
    assert_eq!(studio.query("User").len(), 1);
}

/// A project and a user, to be followed by what stands below it.
const FILM: &str = r#"{"__entity_type__":"ObjectType","id":"bad911de-3bd6-47b9-8b46-3476e237cb36","name":"Shot"}
{"__entity_type__":"ObjectType","id":"11c137c0-ee7e-4f9c-91c5-8c77cec22b2c","name":"Task"}
{"__entity_type__":"Project","id":"p-1","name":"film","full_name":"Film","project_schema_id":"ps-1"}
{"__entity_type__":"Project","id":"p-2","name":"other","full_name":"Other","project_schema_id":"ps-1"}
{"__entity_type__":"ProjectSchema","id":"ps-1","name":"any"}
{"__entity_type__":"UserSecurityRole","user_id":"u-1","security_role_id":"r-1","is_all_open_projects":true}
{"__entity_type__":"SecurityRole","id":"r-1","name":"Administrator"}
{"__entity_type__":"User","id":"u-1","username":"admin","is_active":true}
"#;

#[test]
fn contexts_have_the_project_of_their_line_whatever_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hand.jsonl");
    let line = |number: usize, parent: &str, more: &str| {
        format!(
            r#"{{"__entity_type__":"Shot","id":"s-{number}","name":"n","parent_id":"{parent}","priority_id":null{more}}}"#
        )
    };
    let mut lines = [
        line(1, "p-1", ""),
        line(2, "s-1", r#","project_id":"p-2""#),
        line(3, "s-2", r#","project_id":null"#),
        line(4, "s-5", r#","project_id":"p-2""#),
        line(5, "s-3", ""),
        line(6, "s-4", ""),
        line(7, "p-2", ""),
    ];
    for _ in 0..2 {
        std::fs::write(&path, format!("{FILM}{}", lines.join("\n"))).unwrap();
        let studio = from_file(&path);
        let projects = studio.values("select project_id from Shot order by id", "project_id");
        assert_eq!(projects, ["p-1", "p-1", "p-1", "p-1", "p-1", "p-1", "p-2"]);
        assert_eq!(studio.query("Shot where project.name is film").len(), 6);
        lines.reverse();
    }
}

#[test]
fn the_first_line_that_breaks_a_rule_is_named_among_many() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.jsonl");
    let line = |number: usize, name: &str, parent: &str| {
        format!(
            r#"{{"__entity_type__":"Shot","id":"s-{number}","name":"{name}","parent_id":"{parent}","priority_id":null}}"#
        )
    };
    let many = |parent: &str| {
        (10..40)
            .map(|number| line(number, &format!("n{number}"), parent))
            .collect::<Vec<_>>()
    };
    let same = [vec![line(1, "n20", "p-1")], many("p-1")].concat();
    let twice = [
        many("p-1"),
        vec![line(1, "n39", "p-1"), line(2, "n12", "p-1")],
    ]
    .concat();
    let circle = [
        vec![
            line(1, "a", "p-1"),
            line(2, "b", "s-3"),
            line(3, "c", "s-4"),
            line(4, "d", "s-3"),
        ],
        many("s-2"),
    ]
    .concat();
    let dangling = [many("p-1"), vec![line(1, "a", "s-0")], many("p-2")].concat();
    for (lines, number, expected) in [
        (same, 20, "name, object_type_id already"),
        (twice, 40, "name, object_type_id already"),
        (circle, 10, "b cannot stand below itself"),
        (dangling, 40, "key s-10 already"),
        (
            vec![line(1, "a", "p-1"), line(2, "b", "s-0")],
            10,
            "names \"s-0\"",
        ),
        (
            vec![
                line(1, "a", "p-1"),
                line(1, "b", "p-1"),
                r#"{"__entity_type__":"Shot","id":"s-2","nme":"c"}"#.to_owned(),
            ],
            10,
            "key s-1 already",
        ),
    ] {
        std::fs::write(&path, format!("{FILM}{}", lines.join("\n"))).unwrap();
        match Server::builder().from_file(&path).start().unwrap_err() {
            Error::Snapshot { line, source, .. } => {
                assert!(
                    source.to_string().contains(expected),
                    "{expected}: {source}"
                );
                assert_eq!(line, number, "{expected}");
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_the_line() {
    const USER: &str = r#"{"__entity_type__":"User","id":"u-1","username":"admin"}"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.jsonl");
    for (line, expected) in [
        ("{", "column 1"),
        ("[]", "not a JSON object"),
        ("{\"__entity_type__\":\"User\"} x", "column 28"),
        ("{\"id\":\"x\"}", "__entity_type__"),
        ("{\"__entity_type__\":7}", "__entity_type__"),
        (r#"{"__entity_type__":"Tusk","id":"x"}"#, "Tusk"),
        (
            r#"{"__entity_type__":"Context","id":"x"}"#,
            "Context has no rows",
        ),
        (
            r#"{"__entity_type__":"User","id":"x","usrname":"a"}"#,
            "usrname",
        ),
        (
            r#"{"__entity_type__":"User","id":"x","username":5}"#,
            "must be text",
        ),
        (
            r#"{"__entity_type__":"User","id":"u-1","username":"b"}"#,
            "key u-1 already",
        ),
        (
            r#"{"__entity_type__":"User","id":"x","username":"admin"}"#,
            "username already",
        ),
        (
            r#"{"__entity_type__":"User","id":"x","memberships":[]}"#,
            "collection",
        ),
        (
            r#"{"__entity_type__":"Membership","user_id":"u-1","group_id":"gone"}"#,
            "group_id names",
        ),
        (
            r#"{"__entity_type__":"Shot","id":"x","name":"n"}"#,
            "required",
        ),
        (
            r#"{"__entity_type__":"Shot","id":"x","name":"n","object_type_id":"y"}"#,
            "object_type_id of every Shot",
        ),
        (
            r#"{"__entity_type__":"UserCustomAttributeValue","configuration_id":"c","entity_id":"u-1","value":1}"#,
            "configuration_id names",
        ),
        ("\u{fffd}", "column 1"),
    ] {
        // The empty lines count, the last line matters as much as any.
        std::fs::write(&path, format!("{USER}\n\n{line}")).unwrap();
        let error = Server::builder().from_file(&path).start().unwrap_err();
        match error {
            Error::Snapshot {
                path: named,
                line: number,
                source,
            } => {
                assert_eq!((named.as_path(), number), (path.as_path(), 3), "{line}");
                let said = source.to_string();
                assert!(said.contains(expected), "{line}: {said}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
    std::fs::write(&path, b"\xff\xfe").unwrap();
    let error = Server::builder().from_file(&path).start().unwrap_err();
    let is_parse = matches!(
        &error,
        Error::Snapshot {
            line: 1,
            source: SnapshotError::NotAnObject { .. },
            ..
        }
    );
    assert!(is_parse, "{error:?}");
}

#[test]
fn files_that_are_not_there_and_users_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone.jsonl");
    let error = Server::builder().from_file(&path).start().unwrap_err();
    assert!(
        matches!(&error, Error::SnapshotFile { path: named, .. } if *named == path),
        "{error:?}"
    );
    std::fs::write(&path, "").unwrap();
    let error = Server::builder()
        .from_file(&path)
        .user("ada")
        .start()
        .unwrap_err();
    assert!(error.to_string().contains("ada"), "{error}");
    let server = Server::builder().start().unwrap();
    for target in [
        folder.path().to_owned(),
        folder.path().join("no/such/folder"),
    ] {
        assert!(matches!(
            server.snapshot(&target),
            Err(Error::SnapshotFile { .. })
        ));
        let other = Server::builder().snapshot_on_stop(&target).start();
        assert!(
            matches!(other, Err(Error::SnapshotFile { .. })),
            "{other:?}"
        );
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing half-written is left");
}

#[test]
fn a_server_leaves_a_snapshot_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.jsonl");
    let server = Server::builder().snapshot_on_stop(&path).start().unwrap();
    let studio = Studio { server };
    studio.create("User", &json!({"username": "grace"}));
    studio.server.close().unwrap();
    let server = Server::builder()
        .from_file(&path)
        .snapshot_on_stop(&path)
        .start()
        .unwrap();
    let studio = Studio { server };
    assert_eq!(studio.query("User where username is grace").len(), 1);
    studio.create("User", &json!({"username": "ada"}));
    drop(studio);
    assert_eq!(
        from_file(&path)
            .query("User where username in (ada, grace)")
            .len(),
        2
    );
    let server = Server::builder()
        .snapshot_on_stop(folder.path().join("x"))
        .start()
        .unwrap();
    folder.close().unwrap();
    assert!(matches!(server.close(), Err(Error::SnapshotFile { .. })));
}

#[test]
fn a_data_folder_is_planted_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("studio.jsonl");
    Studio::demo().server.snapshot(&path).unwrap();
    let data = folder.path().join("data");
    let start = || Studio {
        server: Server::builder()
            .from_file(&path)
            .data_dir(&data)
            .start()
            .unwrap(),
    };
    let shots = {
        let studio = start();
        studio.create("User", &json!({"username": "grace"}));
        studio.query("Shot").len()
    };
    assert!(shots > 0);
    std::fs::remove_file(&path).unwrap();
    let studio = start();
    assert_eq!(studio.query("Shot").len(), shots);
    assert_eq!(studio.query("User where username is grace").len(), 1);
}
