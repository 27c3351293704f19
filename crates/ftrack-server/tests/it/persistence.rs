//! Data that outlives the server.

use std::collections::BTreeMap;
use std::io::{Read, Write};

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
        "the studio is put in once"
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
fn object_types_of_the_studio_are_entity_types_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let studio = start(folder.path(), None);
        studio.create("ObjectType", &json!({"name": "Camera Move"}));
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
fn a_restart_keeps_the_key_of_the_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let first = start(folder.path(), None);
    let key = first.server.api_key().to_owned();
    drop(first);
    let second = start(folder.path(), None);
    assert_eq!(second.server.api_key(), key);
    assert_eq!(second.query("User where username is admin").len(), 1);
    let id = second.query("User where username is admin")[0]["id"].clone();
    let reset = second.one(&json!({"action": "reset_remote", "reset_type": "api_key",
        "entity_type": "User", "entity_key": id}));
    drop(second);
    let third = start(folder.path(), None);
    assert_eq!(
        third.server.api_key(),
        reset["data"]["api_key"],
        "the latest one"
    );
    drop(third);
    let given = start(folder.path(), Some("given"));
    assert_eq!(given.server.api_key(), "given");
    drop(given);
    let kept = start(folder.path(), None);
    assert_eq!(kept.server.api_key(), "given");
    drop(kept);
    let other = Server::builder()
        .data_dir(folder.path())
        .user("jane")
        .start()
        .unwrap();
    assert_ne!(other.api_key(), "given", "it is of another user");
}

#[cfg(unix)]
#[test]
fn nobody_but_the_owner_can_read_the_data() {
    use std::os::unix::fs::PermissionsExt;

    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("data");
    let studio = start(&folder, None);
    studio.project("secret");
    let mut open = vec![folder];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        let found = std::fs::metadata(&path).unwrap();
        let mode = found.permissions().mode() & 0o777;
        let own = if found.is_dir() { 0o700 } else { 0o600 };
        let is_inside_files = path.components().any(|part| part.as_os_str() == "files");
        assert!(
            mode == own || is_inside_files,
            "{}: {mode:o}",
            path.display()
        );
        seen += 1;
        if found.is_dir() {
            open.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
    assert!(seen > 4);
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

/// Not a test of its own: the process that `a_server_killed_at_any_moment_keeps_what_it_acknowledged` starts and kills.
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
    let folder = std::path::Path::new(&folder);
    // Renamed, so that nobody reads half of it.
    std::fs::write(folder.join("url.part"), server.url()).unwrap();
    std::fs::rename(folder.join("url.part"), folder.join("url")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
    panic!("the server was not killed");
}

/// Starts the process and waits until its server listens.
fn start_to_kill(folder: &std::path::Path) -> (std::process::Child, String) {
    let url_file = folder.join("url");
    let _ = std::fs::remove_file(&url_file);
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "persistence::a_server_to_kill", "--nocapture"])
        .env(KILLED_DATA, folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = std::time::Instant::now();
    loop {
        match std::fs::read_to_string(&url_file) {
            Ok(url) if !url.is_empty() => return (child, url),
            _ => assert!(
                started.elapsed().as_secs() < 50,
                "the server does not start"
            ),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Sends batches of users, named after the batch, until the server is gone; the last one that was acknowledged.
fn send_until_gone(url: &str, first: usize) -> usize {
    let address = url.trim_start_matches("http://");
    let mut last = first;
    for number in first + 1.. {
        let users = (0..BATCH).map(|user| {
            let data =
                json!({"username": format!("{number}-{user}"), "first_name": number.to_string()});
            crate::client::create("User", &data)
        });
        let body = json!(users.collect::<Vec<_>>()).to_string();
        let Some(answer) = post(address, &body) else {
            break;
        };
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.contains("exception"), "{answer}");
        last = number;
    }
    last
}

/// The answer to a request, if there is a whole one.
fn post(address: &str, body: &str) -> Option<String> {
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    let length = body.len();
    let head = format!(
        "POST /api HTTP/1.1\r\nhost: x\r\nconnection: close\r\nftrack-user: admin\r\n\
         ftrack-api-key: key\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.ends_with(']').then_some(answer)
}

/// How many users a batch has.
const BATCH: usize = 7;

#[test]
fn a_server_killed_at_any_moment_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 0..4 {
        let (mut child, url) = start_to_kill(folder.path());
        let (sender, acknowledged) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || sender.send(send_until_gone(&url, last)));
            std::thread::sleep(std::time::Duration::from_millis(150 + round * 37));
            child.kill().unwrap();
        });
        child.wait().unwrap();
        last = acknowledged.recv().unwrap();
        let studio = start(folder.path(), None);
        let mut batches = BTreeMap::<usize, usize>::new();
        for name in studio.values("select first_name from User", "first_name") {
            let number = name.as_str().unwrap_or_default().parse();
            *batches.entry(number.unwrap_or_default()).or_default() += 1;
        }
        for number in 1..=last {
            assert_eq!(
                batches.get(&number),
                Some(&BATCH),
                "batch {number} of {last}"
            );
        }
        // The one that was not acknowledged any more may be there, but not half of it.
        let (after, count) = batches.last_key_value().unwrap();
        assert!(
            *after <= last + 1 && (*after == 0 || *count == BATCH),
            "{after}: {count}"
        );
        last = *after;
    }
    assert!(last > 0, "nothing was acknowledged in four rounds");
}
