//! What programs in production rely on, and the documentation does not say.

use ftrack_server::Server;
use serde_json::{Value, json};

use crate::client::{Studio, reference};

#[test]
fn equality_of_text_ignores_case() {
    let studio = Studio::new();
    for (text, expected) in [
        ("select name from ObjectType where name is \"task\"", "Task"),
        ("select name from ObjectType where name = \"SHOT\"", "Shot"),
        (
            "select name from ObjectType where name in (\"sequence\")",
            "Sequence",
        ),
        (
            "select name from Task where parent.name is \"sc_010\" and project.name is LAND",
            "anim",
        ),
    ] {
        if text.contains("parent") {
            let project = studio.project("land");
            let shot = studio.below("Shot", "SC_010", &project);
            studio.below("Task", "anim", &shot);
        }
        assert_eq!(studio.values(text, "name"), [json!(expected)], "{text}");
    }
    let others = studio.values(
        "select name from ObjectType where name is_not \"task\"",
        "name",
    );
    assert!(!others.contains(&json!("Task")), "{others:?}");
    let others = studio.values(
        "select name from ObjectType where name not_in (\"task\", x)",
        "name",
    );
    assert!(!others.contains(&json!("Task")), "{others:?}");
    let sub = "select name from ObjectType where name in (select name from ObjectType where name is task)";
    assert_eq!(studio.values(sub, "name"), [json!("Task")]);
    let grün = studio.project("GRÜN");
    assert_eq!(
        studio.values("select id from Project where name is \"grün\"", "id"),
        [grün["id"].clone()]
    );
}

#[test]
fn keys_and_ids_are_the_same_only_if_every_letter_is() {
    let studio = Studio::new();
    let project = studio.project("land");
    let id = project["id"].as_str().unwrap();
    studio.create(
        "Metadata",
        &json!({"parent_id": id, "parent_type": "Project", "key": "Camera", "value": "A"}),
    );
    let found = |text: &str| studio.query(text).len();
    assert_eq!(found(&format!("Project where id is \"{id}\"")), 1);
    assert_eq!(
        found(&format!("Project where id is \"{}\"", id.to_uppercase())),
        0
    );
    assert_eq!(found("Metadata where key is \"Camera\" and value is a"), 1);
    assert_eq!(found("Metadata where key is \"camera\""), 0);
    assert_eq!(found("Setting where name is \"STORAGE_SCENARIO\""), 0);
}

#[test]
fn a_server_can_be_told_that_case_counts() {
    let studio = Studio {
        server: Server::builder().case_sensitive(true).start().unwrap(),
    };
    let found = |text: &str| studio.query(text).len();
    assert_eq!(found("ObjectType where name is \"task\""), 0);
    assert_eq!(found("ObjectType where name in (\"task\")"), 0);
    assert_eq!(found("ObjectType where name is \"Task\""), 1);
    assert_eq!(found("ObjectType where name like \"task\""), 1);
}

#[test]
fn a_backslash_takes_their_meaning_from_percent_and_underscore() {
    let studio = Studio::new();
    for name in ["a_b", "axb", "50%", "500"] {
        studio.project(name);
    }
    let found = |text: &str| studio.values(text, "name");
    assert_eq!(
        found(r#"select name from Project where name like "a\_b""#),
        [json!("a_b")]
    );
    assert_eq!(
        found(r#"select name from Project where name like "50\%""#),
        [json!("50%")]
    );
    assert_eq!(
        found(r#"select name from Project where name not like "%0%" and name not in ("a_b")"#),
        [json!("axb")]
    );
}

#[test]
fn an_empty_text_is_no_number_and_matches_nothing() {
    let studio = Studio::demo();
    for text in [
        "AssetVersion where version in (\"\")",
        "AssetVersion where version is \"\"",
        "Task where start_date is \"\"",
        "Task where bid > \"\"",
    ] {
        assert_eq!(studio.query(text), Vec::<Value>::new(), "{text}");
    }
    let all = studio.query("AssetVersion").len();
    assert!(all > 0);
    assert_eq!(
        studio
            .query("AssetVersion where version in (\"\", 1, 2, 3)")
            .len(),
        all
    );
    studio.refused(&json!({"action": "query", "expression": "AssetVersion where version is x"}));
}

#[test]
fn an_empty_list_is_refused_with_the_expression() {
    let studio = Studio::new();
    let text = "select id from Task where id in ()";
    let refused = studio.refused(&json!({"action": "query", "expression": text}));
    assert_eq!(refused["exception"], json!("ParseError"));
    let content = refused["content"].as_str().unwrap();
    assert!(
        content.starts_with(&format!("Failed to parse: {text}")),
        "{content}"
    );
}

#[test]
fn every_type_may_be_asked_for_its_id() {
    let studio = Studio::new();
    studio.create(
        "Setting",
        &json!({"name": "test", "group": "TEST", "value": "1"}),
    );
    let found = studio.query("select id from Setting where name is \"test\" and group is \"TEST\"");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].get("id"), None);
    assert_eq!(found[0]["name"], json!("test"));
    studio.refused(&json!({"action": "query", "expression": "select idd from Setting"}));
    studio.refused(&json!({"action": "query", "expression": "select name.id from Setting"}));
    let schemas = studio.one(&json!({"action": "query_schemas"}));
    for schema in schemas.as_array().unwrap() {
        let name = schema["id"].as_str().unwrap();
        studio.query(&format!("select id from {name} limit 1"));
    }
}

#[test]
fn metadata_takes_numbers_as_text() {
    let studio = Studio::new();
    let project = studio.project("land");
    let made = studio.create(
        "Metadata",
        &json!({"parent_id": project["id"], "parent_type": "Project", "key": "fps", "value": 24}),
    );
    assert_eq!(made["value"], json!("24"));
    let key = json!([project["id"], "fps"]);
    studio.one(
        &json!({"action": "update", "entity_type": "Metadata", "entity_key": key,
        "entity_data": {"value": 23.976}}),
    );
    assert_eq!(
        studio.values("select value from Metadata where key is fps", "value"),
        [json!("23.976")]
    );
}

#[test]
fn a_number_may_be_sent_as_text() {
    let studio = Studio::new();
    let project = studio.project("land");
    let asset = studio.create(
        "Asset",
        &json!({"name": "plate", "parent": reference(&project),
            "type_id": studio.query("AssetType limit 1")[0]["id"]}),
    );
    let version = studio.create(
        "AssetVersion",
        &json!({"asset_id": asset["id"], "version": "0"}),
    );
    assert!(version["version"].is_number(), "{version}");
    for (sent, kept) in [("7", json!(7)), (" 8 ", json!(8))] {
        let found = studio.update("AssetVersion", &version["id"], &json!({"version": sent}));
        assert_eq!(found["version"], kept);
    }
    for wrong in ["", "x", "7 of 9", "1e999"] {
        let update =
            crate::client::update("AssetVersion", &version["id"], &json!({"version": wrong}));
        studio.refused(&update);
    }
}

#[test]
fn a_project_without_a_schema_gets_the_first() {
    let studio = Studio::new();
    let project = studio.create("Project", &json!({"name": "bare", "full_name": "Bare"}));
    let found = studio.values(
        "select project_schema_id from Project where name is bare",
        "project_schema_id",
    );
    let first = studio.query("ProjectSchema limit 1")[0]["id"].clone();
    assert_eq!(found, [first]);
    let task = studio.below("Task", "anim", &project);
    assert!(task["status_id"].is_string(), "{task}");
}
