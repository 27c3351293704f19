use std::process::Output;

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
    assert_eq!(schemas.len(), 116);
}

#[test]
fn what_the_server_says_is_the_error() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let unknown = ask(&serving, &["query", "Taks"]);
    assert_eq!(unknown.status.code(), Some(1));
    let error = text(unknown.stderr);
    assert!(error.contains("did you mean \"Task\"?"), "{error}");
}

#[test]
fn without_a_server_the_variable_is_named() {
    let said = run(&["query", "Task"]);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.contains("FTRACK_SERVER"), "{}", said.error);
}
