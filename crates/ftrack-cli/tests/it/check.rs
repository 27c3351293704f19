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
fn a_subscription_that_looks_into_a_list_is_warned_of() {
    let text = "topic=ftrack.update and data.entities.entityType=task";
    let said = run(&["check", "--expression", text]);
    assert_eq!(said.code(), Some(0));
    let [canonical, warning] = said.output.lines().collect::<Vec<_>>()[..] else {
        panic!("{}", said.output);
    };
    assert_eq!(canonical, text);
    let expected = "warning: a condition on `data.entities.entityType` never matches";
    assert!(warning.starts_with(expected), "{warning}");
    let said = run(&["check", "--expression", "--json", text]);
    let answer: serde_json::Value = serde_json::from_str(&said.output).unwrap();
    assert_eq!(answer["warnings"].as_array().unwrap().len(), 1);
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

#[test]
fn a_mistyped_key_of_a_custom_attribute_is_named() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let url = serving.url();
    let of =
        |key: &str| format!("Shot where custom_attributes any (key is \"{key}\" and value > 8)");
    let check = |texts: &[&str]| {
        let arguments = [&["check", "--server", &url], texts].concat();
        let output = serving.command().args(arguments).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, output) = check(&["Shot", &of("fstart"), &of("fstrat")]);
    assert_eq!(code, Some(1));
    assert!(output.contains("did you mean `fstart`?"), "{output}");
    assert_eq!(output.matches("did you mean").count(), 1, "{output}");
    assert_eq!(check(&[&of("fstart")]).0, Some(0));

    let query = |key: &str| {
        let output = serving.command().args(["query", &of(key)]).output();
        output.unwrap()
    };
    assert_eq!(query("fstart").status.code(), Some(0));
    let wrong = query("fstrat");
    assert_eq!(wrong.status.code(), Some(1));
    let error = String::from_utf8(wrong.stderr).unwrap();
    assert!(error.contains("did you mean `fstart`?"), "{error}");
}

#[test]
fn a_mistyped_key_of_a_link_is_named() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let session = crate::events::session(&serving);
    let check = |attribute: &str, key: &str| {
        let text = format!("Shot where {attribute} any (configuration.key is \"{key}\")");
        let url = serving.url();
        let arguments = ["check", "--server", &url, &text];
        let output = serving.command().args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.success(), text)
    };
    let links = ["custom_attribute_links", "custom_attribute_links_from"];
    let configurations = session.query("CustomAttributeLinkConfiguration").all();
    for configuration in configurations.unwrap() {
        configuration.delete().unwrap();
    }
    session.commit().unwrap();
    for attribute in links {
        let (is_fine, output) = check(attribute, "anything");
        assert!(is_fine, "no keys are known: {output}");
    }
    let values = ftrack::values! {
        "key": "inspired_by", "label": "Inspired by", "entity_type": "task", "entity_type_to": "task",
    };
    session
        .create("CustomAttributeLinkConfiguration", values)
        .unwrap();
    session.commit().unwrap();
    for attribute in links {
        assert!(check(attribute, "inspired_by").0);
        let (is_fine, output) = check(attribute, "inspried_by");
        assert!(!is_fine);
        assert!(output.contains("did you mean `inspired_by`?"), "{output}");
    }
    // Values have keys of their own.
    assert!(!check("custom_attributes", "inspired_by").0);
    assert!(check("custom_attributes", "fstart").0);
}

#[test]
fn where_no_custom_attribute_is_configured_every_key_is_let_through() {
    let serving = Serving::start(&["--json", "--api-key", "k"]);
    let session = crate::events::session(&serving);
    for configuration in session.query("CustomAttributeConfiguration").all().unwrap() {
        configuration.delete().unwrap();
    }
    session.commit().unwrap();
    let query = "Task where custom_attributes any (key is whatever)";
    let url = serving.url();
    let mut command = serving.command();
    let output = command
        .args(["check", "--server", &url, query])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
