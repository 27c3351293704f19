use std::io::{Read, Write};

use crate::{Serving, run};

/// A session of the user `admin` with the key `k`; the server's ready line must be JSON.
fn connect(serving: &Serving) -> ftrack::Session {
    let ready: serde_json::Value = serde_json::from_str(&serving.ready).unwrap();
    let builder = ftrack::Session::builder()
        .server_url(ready["url"].as_str().unwrap())
        .api_user("admin")
        .api_key("k");
    builder
        .schema_cache(ftrack::SchemaCache::Disabled)
        .connect()
        .unwrap()
}

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
