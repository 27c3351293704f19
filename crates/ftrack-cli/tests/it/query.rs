use std::process::Output;

use ftrack::prelude::*;

use crate::{Serving, run};

fn ask(serving: &Serving, arguments: &[&str]) -> Output {
    serving.command().args(arguments).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn results_are_a_table_for_people_and_json_for_scripts() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let query = "select name, status from Project where name is last_lantern";
    let table = text(ask(&serving, &["query", query]).stdout);
    assert_eq!(table, "name          status\nlast_lantern  active\n");
    let json = text(ask(&serving, &["query", "--json", query]).stdout);
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(row["name"], "last_lantern");
    assert_eq!(row["__entity_type__"], "Project");
}

#[test]
fn groups_are_a_table_for_people_and_json_for_scripts() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let query = "select count(id), max(bid) from Task where project.name is last_lantern \
                 group by project_id";
    let table = text(ask(&serving, &["query", query]).stdout);
    let lines: Vec<&str> = table.lines().collect();
    let head: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(head, ["project_id", "count_id", "max_bid"]);
    assert_eq!(lines.len(), 2, "{table}");
    let json = text(ask(&serving, &["query", "--json", query]).stdout);
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    let cells: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(row["project_id"], cells[0]);
    assert_eq!(row["count_id"].to_string(), cells[1]);
    let wrong = ask(&serving, &["query", "select count(id) from Task"]);
    assert_eq!(wrong.status.code(), Some(1));
    let error = text(wrong.stderr);
    assert!(error.contains("`count(id)` needs `group by`"), "{error}");
}

#[test]
fn what_is_asked_for_is_shown() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let session = crate::events::session(&serving);
    let project = session
        .query("Project where name is last_lantern")
        .one()
        .unwrap();
    let values = values! { "name": "shown", "parent": &project };
    let shot = session.create("Shot", values).unwrap();
    shot.metadata().unwrap().set("camera", "A").unwrap();
    for name in ["anim", "light"] {
        session
            .create("Task", values! { "name": name, "parent": &shot })
            .unwrap();
    }
    session.commit().unwrap();
    shot.custom_attributes()
        .unwrap()
        .set("fstart", 1001)
        .unwrap();
    session.commit().unwrap();

    let select =
        "select name, status, project, children.name, children, metadata, custom_attributes";
    let query = format!("{select} from Shot where id is \"{}\"", shot.id());
    let table = text(ask(&serving, &["query", &query]).stdout);
    let row = table.lines().nth(1).unwrap();
    for part in [
        "shown",
        "Not started",
        "last_lantern",
        "anim, light",
        "camera=A",
        "fstart=1001",
    ] {
        assert!(row.contains(part), "{part} in {table}");
    }
    let json = text(ask(&serving, &["query", "--json", &query]).stdout);
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(row["__entity_type__"], "Shot");
    assert_eq!(row["project"]["id"], project.id());
    assert_eq!(row["children.name"], serde_json::json!(["anim", "light"]));
    assert_eq!(row["metadata"][0]["value"], "A");
}

#[test]
fn what_the_server_does_not_have_is_said_before_anything_is_sent() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    for (query, parts) in [
        (
            "select nmae from Task",
            ["1 | select nmae from Task", "`name`"],
        ),
        (
            "Task where statsu.name is Done",
            ["1 | Task where statsu", "`status`"],
        ),
        ("Task whre name is x", ["1 | Task whre", "^"]),
    ] {
        let answer = ask(&serving, &["query", query]);
        assert_eq!(answer.status.code(), Some(1));
        let error = text(answer.stderr);
        assert!(
            parts.iter().all(|part| error.contains(part)),
            "{query}: {error}"
        );
    }
}

#[test]
fn the_schema_can_be_looked_at() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let types = text(ask(&serving, &["schema"]).stdout);
    assert!(
        types.lines().any(|line| line.starts_with("AssetVersion")),
        "{types}"
    );
    let task = text(ask(&serving, &["schema", "--type", "Task"]).stdout);
    assert!(
        task.lines()
            .any(|line| line.starts_with("status ") && line.contains("Status")),
        "{task}"
    );
    let json = ask(&serving, &["schema", "--json"]).stdout;
    let schemas: Vec<serde_json::Value> = serde_json::from_slice(&json).unwrap();
    assert_eq!(schemas.len(), 128);
}

#[test]
fn what_the_server_says_is_the_error() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let unknown = ask(&serving, &["query", "Taks"]);
    assert_eq!(unknown.status.code(), Some(1));
    let error = text(unknown.stderr);
    assert!(error.contains("did you mean `Task`?"), "{error}");
    let open = ask(&serving, &["query", "Task where"]);
    let error = text(open.stderr);
    assert!(error.contains("1 | Task where\n"), "{error}");
    assert!(!error.contains("offset"), "{error}");
}

#[test]
fn without_a_server_the_variable_is_named() {
    let said = run(&["query", "Task"]);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.contains("FTRACK_SERVER"), "{}", said.error);
}
