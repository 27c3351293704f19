//! Data that outlives the server.

use ftrack_server::{Error, Server};
use serde_json::{Value, json};

use crate::client::{Studio, delete};
use crate::query::set_custom;

fn start(folder: &std::path::Path, key: Option<&str>) -> Studio {
    let mut builder = Server::builder().data_dir(folder);
    if let Some(key) = key {
        builder = builder.api_key(key);
    }
    Studio {
        server: builder.start().unwrap(),
    }
}

#[test]
fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let everything = "select name, link, metadata.value, custom_attributes.value, status.name, created_at, \
                      bid, start_date from TypedContext";
    let before;
    {
        let studio = start(folder.path(), Some("first"));
        let project = studio.project("kept");
        let shot = studio.below("Shot", "010", &project);
        studio.below("Shot", "gone", &project);
        let gone = studio.query("Shot where name is gone")[0]["id"].clone();
        studio.one(&delete("Shot", &gone));
        set_custom(
            &studio,
            "ContextCustomAttributeValue",
            "fstart",
            &shot["id"],
            &json!(7),
        );
        let task = studio.below("Task", "ünï \"quoted\"", &shot);
        studio.update("Task", &task["id"], &json!({"bid": 1.5}));
        studio.create(
            "Metadata",
            &json!({"parent_id": shot["id"], "parent_type": "Shot", "key": "k", "value": "v"}),
        );
        before = studio.query(everything);
        assert_eq!(before.len(), 2);
    }
    let studio = start(folder.path(), Some("second"));
    assert_eq!(studio.query(everything), before);
    assert_eq!(
        studio
            .query("Shot where name is \"010\" and project.name is kept")
            .len(),
        1
    );
    studio.below("Shot", "020", &studio.query("Project")[0]);
    assert_eq!(
        studio.query("User where username is admin").len(),
        1,
        "the studio is planted once"
    );
}

#[test]
fn keys_of_other_users_are_kept_and_the_given_one_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let key;
    {
        let studio = start(folder.path(), Some("first"));
        let user = studio.create("User", &json!({"username": "ada", "is_active": true}));
        let reset = studio.one(&json!({"action": "reset_remote", "reset_type": "api_key",
            "entity_type": "User", "entity_key": user["id"]}));
        key = reset["data"]["api_key"].as_str().unwrap().to_owned();
    }
    let studio = start(folder.path(), Some("second"));
    let body = br#"[{"action":"query_server_information","values":["version"]}]"#;
    let ask = |user: &str, key: &str| -> Value {
        let credentials = [("ftrack-user", user), ("ftrack-api-key", key)];
        crate::client::send(studio.server.url(), "POST", "/api", &credentials, body).json()
    };
    assert!(ask("ada", &key).is_array());
    assert!(ask("admin", "second").is_array());
    assert_eq!(
        ask("admin", "first")["exception"],
        "InvalidCredentialsError"
    );
    let stored = std::fs::read(folder.path().join("ftrack.redb")).unwrap();
    let holds = |text: &str| {
        stored
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(!holds(&key), "keys are stored as hashes only");
}

#[test]
fn a_folder_belongs_to_one_server_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path(), None);
    let second = Server::builder().data_dir(folder.path()).start();
    assert!(
        matches!(second, Err(Error::DataFolderInUse { .. })),
        "{second:?}"
    );
    drop(first);
    start(folder.path(), None);
}

#[test]
fn object_types_of_the_studio_become_entity_types_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let studio = start(folder.path(), None);
        studio.create("ObjectType", &json!({"name": "Camera Move"}));
        studio.refused(&json!({"action": "query", "expression": "CameraMove"}));
    }
    {
        let studio = start(folder.path(), None);
        let project = studio.project("p");
        let made = studio.below("CameraMove", "dolly", &project);
        assert_eq!(made["__entity_type__"], "CameraMove");
        assert_eq!(
            studio
                .query("TypedContext where object_type.name is \"Camera Move\"")
                .len(),
            1
        );
    }
    let studio = start(folder.path(), None);
    assert_eq!(
        studio.values("select name from CameraMove", "name"),
        ["dolly"]
    );
}

#[test]
fn addresses_and_folders_that_cannot_be_used_are_named() {
    let server = Server::builder().start().unwrap();
    let taken = server.address().to_string();
    let second = Server::builder().listen(taken.clone()).start();
    match second {
        Err(Error::Listen { address, .. }) => assert_eq!(address, taken),
        other => panic!("{other:?}"),
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let third = Server::builder().data_dir(file.path()).start();
    assert!(matches!(third, Err(Error::DataFolder { .. })), "{third:?}");
}

#[test]
fn a_stopped_server_answers_no_more() {
    let server = Server::builder().start().unwrap();
    let address = server.address();
    assert!(std::net::TcpStream::connect(address).is_ok());
    server.stop();
    assert!(std::net::TcpStream::connect(address).is_err());
}

/// The folder of the server that `a_server_to_kill` runs; set by the test below only.
const KILLED_DATA: &str = "FTRACK_TEST_KILLED_DATA";

/// Not a test of its own: the process that `a_killed_server_keeps_what_it_acknowledged` starts and kills.
#[test]
fn a_server_to_kill() {
    let Ok(folder) = std::env::var(KILLED_DATA) else {
        assert!(Server::builder().start().is_ok());
        return;
    };
    let server = Server::builder()
        .data_dir(&folder)
        .api_key("key")
        .start()
        .unwrap();
    std::fs::write(std::path::Path::new(&folder).join("url"), server.url()).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
    panic!("the server was not killed");
}

#[test]
fn a_killed_server_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "persistence::a_server_to_kill", "--nocapture"])
        .env(KILLED_DATA, folder.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = std::time::Instant::now();
    let url = loop {
        match std::fs::read_to_string(folder.path().join("url")) {
            Ok(url) if !url.is_empty() => break url,
            _ => assert!(
                started.elapsed().as_secs() < 50,
                "the server does not start"
            ),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let credentials = [("ftrack-user", "admin"), ("ftrack-api-key", "key")];
    let batch = |number: usize| {
        let users: Vec<Value> = (0..3)
            .map(|user| {
                let data = json!({"username": format!("{number}-{user}"), "first_name": "batch"});
                crate::client::create("User", &data)
            })
            .collect();
        json!(users).to_string()
    };
    for number in 0..20 {
        let body = batch(number);
        let answer = crate::client::send(&url, "POST", "/api", &credentials, body.as_bytes());
        assert!(answer.json().is_array());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let studio = start(folder.path(), None);
    let users = studio.query("User where first_name is batch");
    assert_eq!(users.len(), 60);
}
