use std::io::Write;
use std::process::Stdio;

use crate::{Serving, ftrack, run};

#[test]
fn a_query_that_is_right_is_printed_in_its_canonical_form() {
    let said = run(&["check", "Task where name='a' and  bid > 3", "Project"]);
    assert_eq!(said.code(), Some(0));
    assert_eq!(
        said.output,
        "Task where name is \"a\" and bid > 3\nProject\n"
    );
}

#[test]
fn a_query_that_is_wrong_is_shown_with_its_place() {
    let said = run(&["check", "Task where name is"]);
    assert_eq!(said.code(), Some(1));
    assert!(
        said.output.contains("Task where name is") && said.output.contains('^'),
        "{}",
        said.output
    );
}

#[test]
fn expressions_are_checked_too_and_json_is_for_scripts() {
    let said = run(&[
        "check",
        "--expression",
        "--json",
        "topic=ftrack.update",
        "topic=",
    ]);
    assert_eq!(said.code(), Some(1));
    let lines: Vec<serde_json::Value> = said
        .output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"ok": true, "canonical": "topic=ftrack.update"})
    );
    assert_eq!(lines[1]["ok"], false);
    assert_eq!(lines[1]["error"]["line"], 1);
    assert!(
        lines[1]["error"]["column"].as_u64().unwrap() >= 6,
        "{}",
        lines[1]
    );
    assert!(!lines[1]["error"]["message"].as_str().unwrap().is_empty());
}

#[test]
fn texts_come_from_standard_input_as_well() {
    let mut process = ftrack()
        .args(["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    process
        .stdin
        .take()
        .unwrap()
        .write_all(b"Task\nUser\n")
        .unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"Task\nUser\n");
}

#[test]
fn a_server_knows_which_names_there_are() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    let check = |query: &str| {
        let url = ready["url"].as_str().unwrap();
        let mut command = ftrack();
        command
            .env("FTRACK_API_USER", "admin")
            .env("FTRACK_API_KEY", "k");
        command
            .args(["check", "--server", url, query])
            .output()
            .unwrap()
    };
    assert_eq!(check("select name from Task").status.code(), Some(0));
    let wrong = check("select nmae from Task");
    assert_eq!(wrong.status.code(), Some(1));
    let output = String::from_utf8(wrong.stdout).unwrap();
    assert!(output.contains("did you mean `name`?"), "{output}");
}
