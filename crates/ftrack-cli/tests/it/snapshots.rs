//! What the command says, compared with files in `tests/snapshots`.
//!
//! `FTRACK_SNAPSHOTS=write cargo test -p ftrack-cli snapshots` writes them anew; what has changed is for the eyes of
//! whoever commits it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::{Serving, ftrack, run};

fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    folder.join(format!("{name}.txt"))
}

/// Compares with the file of this name, or writes it.
fn check(name: &str, text: &str) {
    let path = file(name);
    if std::env::var_os("FTRACK_SNAPSHOTS").is_some_and(|mode| mode == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        expected == text,
        "{name} says something else now (FTRACK_SNAPSHOTS=write keeps it):\n{text}\n--- instead of\n{expected}"
    );
}

/// Lines without spaces at their ends, which editors and our own checks do not like.
fn trimmed(text: &str) -> String {
    let mut trimmed = String::new();
    for line in text.lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn snapshots_of_every_help() {
    let mut waiting = vec![Vec::new()];
    let mut count = 0;
    while let Some(command) = waiting.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let said = run(&arguments);
        assert_eq!(said.code(), Some(0), "{command:?}: {}", said.error);
        let help = trimmed(&said.output);
        for name in listed(&help) {
            let mut inner = command.clone();
            inner.push(name);
            waiting.push(inner);
        }
        let is_noun = !listed(&help).is_empty();
        assert!(
            is_noun || help.contains("Example"),
            "{command:?} teaches without an example"
        );
        let mut name = vec!["ftrack".to_owned()];
        name.extend(command);
        check(&format!("help/{}", name.join("-")), &help);
        count += 1;
    }
    assert!(count > 25, "{count} commands");
}

/// What a command said: its output, its errors, and how it ended.
fn told(arguments: &[&str], output: &Output) -> String {
    let text = |bytes: &[u8]| trimmed(&String::from_utf8_lossy(bytes));
    let quoted = arguments.iter().map(|argument| {
        if argument.contains([' ', '[']) {
            format!("'{argument}'")
        } else {
            (*argument).to_owned()
        }
    });
    let command = quoted.collect::<Vec<_>>().join(" ");
    let mut told = format!("$ ftrack {command}\n{}", text(&output.stdout));
    for line in text(&output.stderr).lines() {
        told.push_str(format!("! {line}").trim_end());
        told.push('\n');
    }
    if output.status.code() != Some(0) {
        let code = output.status.code().unwrap_or(-1);
        told = format!("{told}= {code}\n");
    }
    told
}

#[test]
fn snapshots_of_tables() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let shots =
        "select name, status, parent.name from Shot where parent.name is harbour order by name";
    let mut all = String::new();
    for arguments in [
        vec!["query", shots],
        vec!["query", shots, "--format", "csv"],
        vec!["query", shots, "--format", "tsv"],
        vec!["query", shots, "--format", "json"],
        vec!["query", shots, "--format", "jsonl"],
        vec![
            "query",
            "Shot where parent.name is harbour order by name",
            "--columns",
            "link,type,custom_attributes[fstart]",
        ],
        vec![
            "query",
            "select count(id) from Shot where project.name is last_lantern group by status_id",
        ],
        vec![
            "tree",
            "last_lantern/storm",
            "--columns",
            "status,assignments",
        ],
        vec!["tree", "last_lantern", "--depth", "1", "--format", "csv"],
        vec![
            "get",
            "last_lantern/storm/010",
            "--columns",
            "link,status,parent,custom_attributes[fend]",
        ],
        vec!["component", "ls", "last_lantern/storm/010/render/latest"],
        vec!["location", "ls"],
        vec!["schema", "--type", "Recipient"],
    ] {
        let output = serving.command().args(&arguments).output().unwrap();
        all.push_str(&told(&arguments, &output));
        all.push('\n');
    }
    check("tables", &all);
}

#[test]
fn snapshots_of_errors() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let mut all = String::new();
    for arguments in [
        vec!["query", "Task whre name is x"],
        vec!["query", "select nmae from Task"],
        vec!["query", "Taks"],
        vec!["query", "Shot", "--columns", "custom_attributes[fstrat]"],
        vec!["query", "Status", "--mine"],
        vec!["query", "Task", "--format", "xml"],
        vec!["get", "last_lantern/storm/011"],
        vec!["get", "last_lantern/strom/010"],
        vec!["get", "last_lanten"],
        vec!["get", "Shto:1"],
        vec!["get", "User:jnae"],
        vec!["get", "/"],
        vec!["set", "last_lantern/storm/010/lighting", "status=Approvd"],
        vec!["set", "last_lantern/storm/010/lighting", "bid=soon"],
        vec!["set", "last_lantern/storm/010/lighting", "end_date=soon"],
        vec!["set", "last_lantern/storm/010/lighting", "statsu=x"],
        vec!["set", "last_lantern/storm/010/lighting", "status"],
        vec!["create", "Shot", "name=010", "parent=last_lantern/storm"],
        vec!["delete", "last_lantern/storm/010"],
        vec![
            "component",
            "download",
            "last_lantern/storm/010/render/v099/main",
        ],
        vec!["component", "download", "last_lantern/storm/010"],
        vec!["tree", "User:jane"],
        vec!["event", "listen", "--entity", "Tusk"],
        vec!["login", "--profile", "a/b"],
        vec!["query", "Task", "--profile", "nowhere"],
        vec!["querry", "Task"],
    ] {
        let output = serving.command().args(&arguments).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        all.push_str(&told(&arguments, &output));
        all.push('\n');
    }
    let mut wrong_key = ftrack();
    wrong_key
        .env("FTRACK_SERVER", serving.url())
        .env("FTRACK_API_USER", "admin")
        .env("FTRACK_API_KEY", "wrong");
    let arguments = ["query", "Task"];
    all.push_str(&told(
        &arguments,
        &wrong_key.args(arguments).output().unwrap(),
    ));
    check("errors", &all);
}
