use std::io::{Read, Write};

use crate::events::session as connect;
use crate::{Serving, ftrack, run};

/// Posts nothing to an address of the server, and gives the status of the answer.
fn post(serving: &Serving, path: &str) -> u16 {
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    let address = ready["url"].as_str().unwrap().replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = "HTTP/1.1\r\nhost: local\r\nconnection: close\r\nftrack-user: admin\r\nftrack-api-key: k\r\n";
    write!(stream, "POST {path} {head}content-length: 0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer[9..12].parse().unwrap()
}

#[test]
fn the_ready_line_says_where_and_with_which_credentials() {
    let serving = Serving::start(&["--user", "ada", "--api-key", "the-key"]);
    let (start, end) = (
        "ftrack server ready at http://127.0.0.1:",
        " (user ada, key the-key)",
    );
    let port = serving
        .ready
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    assert!(
        port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port != 0)),
        "{}",
        serving.ready
    );
    assert_eq!(serving.stop("-TERM").code(), Some(0));
}

#[test]
fn the_ready_line_can_be_json_and_a_key_is_made() {
    let serving = Serving::start(&["--json", "--listen", "127.0.0.1:0"]);
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    assert_eq!(ready["user"], "admin");
    assert!(
        ready["url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    assert!(ready["api_key"].as_str().unwrap().len() >= 32);
    assert_eq!(serving.stop("-INT").code(), Some(0));
}

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let arguments = ["--json", "--data", data, "--api-key", "k"];
    let serving = Serving::start(&arguments);
    let session = connect(&serving);
    let user = session
        .create("User", ftrack::values! { "username": "grace" })
        .unwrap();
    session.commit().unwrap();
    assert_eq!(serving.stop("-TERM").code(), Some(0));

    let serving = Serving::start(&arguments);
    let session = connect(&serving);
    let found = session.query("User where username is grace").one().unwrap();
    assert_eq!(found.identity(), user.identity());
}

#[test]
fn an_address_that_is_taken_is_a_failure_with_a_message() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = run(&["serve", "--listen", &address]);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.contains(&address), "{}", said.error);
}

#[test]
fn wrong_usage_is_explained() {
    let said = run(&["serve", "--lisen", "x"]);
    assert_eq!(said.code(), Some(2));
    assert!(said.error.contains("--listen"), "{}", said.error);
}

#[test]
fn a_snapshot_carries_everything_to_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("studio.jsonl");
    let file = file.to_str().unwrap();
    let common = ["--json", "--api-key", "k", "--snapshot", file];
    let serving = Serving::start(&[&common[..], &["--demo"]].concat());
    let session = connect(&serving);
    let user = session
        .create("User", ftrack::values! { "username": "grace" })
        .unwrap();
    session.commit().unwrap();
    let tasks = session.query("Task").all().unwrap().len();
    assert!(tasks > 0);
    assert!(!std::path::Path::new(file).exists());
    assert_eq!(serving.stop("-TERM").code(), Some(0));

    let serving = Serving::start(&[&common[..], &["--from", file]].concat());
    let session = connect(&serving);
    let found = session.query("User where username is grace").one().unwrap();
    assert_eq!(found.identity(), user.identity());
    assert_eq!(session.query("Task").all().unwrap().len(), tasks);
    let before = std::fs::read(file).unwrap();
    assert_eq!(serving.stop("-INT").code(), Some(0));
    let after = std::fs::read(file).unwrap();
    assert!(before == after, "nothing was changed");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "only the snapshot itself is left");
}

#[test]
fn a_bad_snapshot_is_a_failure_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.jsonl");
    std::fs::write(&file, "\n{\"__entity_type__\": \"Tusk\"}\n").unwrap();
    let said = run(&["serve", "--from", file.to_str().unwrap()]);
    assert_eq!(said.code(), Some(1));
    for part in ["bad.jsonl", "line 2", "Tusk"] {
        assert!(said.error.contains(part), "{part}: {}", said.error);
    }
    let said = run(&["serve", "--snapshot", "/nowhere/at/all.jsonl"]);
    assert_eq!(said.code(), Some(1));
    assert!(
        said.error.contains("/nowhere/at/all.jsonl"),
        "{}",
        said.error
    );
    let said = run(&["serve", "--from", "x", "--demo"]);
    assert_eq!(said.code(), Some(2));
}

#[test]
fn a_server_for_tests_goes_back_to_its_start_and_another_does_not() {
    let serving = Serving::start(&["--json", "--api-key", "k", "--testing"]);
    let session = connect(&serving);
    session
        .create("User", ftrack::values! { "username": "grace" })
        .unwrap();
    session.commit().unwrap();
    assert_eq!(post(&serving, "/_local/reset"), 200);
    let session = connect(&serving);
    let found = session.query("User where username is grace").all().unwrap();
    assert!(found.is_empty());

    let serving = Serving::start(&["--json", "--api-key", "k"]);
    assert_eq!(post(&serving, "/_local/reset"), 404);
    assert_eq!(post(&serving, "/_local/faults"), 404);
}

#[test]
fn the_key_comes_from_a_file_or_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "from-the-file\nnot this\n").unwrap();
    let file = file.to_str().unwrap();
    let key = |serving: &Serving| -> String {
        let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
        ready["api_key"].as_str().unwrap().to_owned()
    };
    let mut environment = ftrack();
    environment.env("FTRACK_SERVER_API_KEY", "from-the-environment");
    let serving = Serving::start_with(environment, &["--json"]);
    assert_eq!(key(&serving), "from-the-environment");
    let serving = Serving::start(&["--json", "--api-key-file", file]);
    assert_eq!(key(&serving), "from-the-file");

    std::fs::write(file, "").unwrap();
    for path in [file, "/nowhere/key"] {
        let said = run(&["serve", "--api-key-file", path]);
        assert_eq!(said.code(), Some(1));
        assert!(said.error.contains(path), "{}", said.error);
    }
    let said = run(&["serve", "--api-key", "x", "--api-key-file", file]);
    assert_eq!(said.code(), Some(2));
}

#[test]
fn damaged_data_is_a_failure_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serving = Serving::start(&["--data", data]);
    assert_eq!(serving.stop("-TERM").code(), Some(0));
    let file = folder.path().join("ftrack.redb");
    let sound = std::fs::read(&file).unwrap();
    let cut = sound[..sound.len() / 3].to_vec();
    let flipped = sound.iter().map(|byte| byte ^ 1).collect();
    for damaged in [Vec::new(), cut, flipped] {
        std::fs::write(&file, damaged).unwrap();
        let said = run(&["serve", "--data", data]);
        assert_eq!(said.code(), Some(1));
        assert!(said.error.contains(data), "{}", said.error);
        assert!(!said.error.contains("panicked"), "{}", said.error);
    }
}

#[test]
fn the_entity_types_can_be_those_of_an_older_server_or_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schemas.json");
    let types = |serving: &Serving| connect(serving).types().len();
    let older = Serving::start(&["--json", "--api-key", "k", "--schema-version", "116"]);
    assert_eq!(types(&older), 116);
    let output = older.command().args(["schema", "--json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let newest = Serving::start(&["--json", "--api-key", "k"]);
    let query = serde_json::json!({"action": "query_schemas"});
    let schemas = connect(&newest).call(&[query]).unwrap().remove(0);
    std::fs::write(&file, schemas.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let recorded = Serving::start(&["--json", "--api-key", "k", "--schema", file]);
    assert_eq!(types(&recorded), 128);

    std::fs::write(file, "[]").unwrap();
    let said = run(&["serve", "--schema", file]);
    assert_eq!(said.code(), Some(1));
    assert!(
        said.error.contains(file) && said.error.contains("Context"),
        "{}",
        said.error
    );
    let said = run(&["serve", "--schema-version", "117"]);
    assert_eq!(said.code(), Some(2));
    assert!(said.error.contains("116 and 128"), "{}", said.error);
}

#[test]
fn a_key_that_is_empty_is_refused() {
    for key in ["", " "] {
        let said = run(&["serve", "--api-key", key]);
        assert_eq!(said.code(), Some(1), "{key:?}");
        assert!(said.error.contains("cannot be empty"), "{}", said.error);
        assert_eq!(said.output, "", "it was not ready");
    }
    // A variable that is set to nothing is as one that is not set.
    let mut environment = ftrack();
    environment.env("FTRACK_SERVER_API_KEY", "");
    let serving = Serving::start_with(environment, &["--json"]);
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    assert!(ready["api_key"].as_str().unwrap().len() >= 32);
}

#[test]
fn a_studio_may_set_the_limits() {
    let serving = Serving::start(&[
        "--json",
        "--api-key",
        "k",
        "--limit",
        "operations=2",
        "--limit",
        "path=3",
    ]);
    let session = connect(&serving);
    let create = |names: &[&str]| {
        for name in names {
            session
                .create("User", ftrack::values! { "username": *name })
                .unwrap();
        }
        session.commit()
    };
    create(&["ada", "grace"]).unwrap();
    let error = create(&["joan", "mary", "jean"]).unwrap_err().to_string();
    let expected = "has more than 2 operations";
    assert!(error.contains(expected), "{error}");
    session.rollback();
    let long = "Task where parent.parent.parent.name is x";
    let error = session.query(long).all().unwrap_err().to_string();
    let expected = "has 4 attributes, and may have 3";
    assert!(error.contains(expected), "{error}");
    session
        .query("Task where parent.parent.name is x")
        .all()
        .unwrap();
}

#[test]
fn a_limit_that_is_none_is_explained() {
    for (limit, code, expected) in [
        ("operations", 2, "NAME=VALUE is expected"),
        ("operations=many", 2, "many cannot be a limit"),
        ("operations=-1", 2, "-1 cannot be a limit"),
        ("operations=0", 1, "operations must be more than 0"),
        ("oprations=5", 1, "oprations"),
    ] {
        let said = run(&["serve", "--limit", limit]);
        assert_eq!(said.code(), Some(code), "{limit}: {}", said.error);
        assert!(said.error.contains(expected), "{limit}: {}", said.error);
    }
}
