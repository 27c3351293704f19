//! Going back to the start.

use ftrack_server::{Error, Server};
use serde_json::{Value, json};

use crate::client::{Answer, Studio, delete, send};
use crate::files::{self, announce, get};
use crate::query::set_custom;

/// What tests look at to see that all is as it was.
const SEEN: [&str; 4] = [
    "select name, link, status.name, custom_attributes.value from TypedContext",
    "select username, is_active from User",
    "select parent_id, status_id from StatusChange",
    "select name, size from Component",
];

fn seen(studio: &Studio) -> Vec<Vec<Value>> {
    SEEN.iter().map(|query| studio.query(query)).collect()
}

fn upload(studio: &Studio, id: &str) {
    studio.create(
        "FileComponent",
        &json!({"id": id, "name": "note", "file_type": ".txt", "size": 11}),
    );
    put(studio, id, b"hello world");
}

fn put(studio: &Studio, id: &str, text: &[u8]) {
    let upload = announce(studio, id, None, None);
    let stored = files::put(studio, &upload["url"], &[], text);
    assert_eq!(stored.status, 200);
}

fn download(studio: &Studio, id: &str) -> u16 {
    get(studio, "get", id, &[]).status
}

fn text(studio: &Studio, id: &str) -> Vec<u8> {
    get(studio, "get", id, &[]).body
}

fn credentials(studio: &Studio) -> [(&str, &str); 2] {
    [
        ("ftrack-user", studio.server.user()),
        ("ftrack-api-key", studio.server.api_key()),
    ]
}

fn post_reset(studio: &Studio, headers: &[(&str, &str)]) -> Answer {
    send(studio.server.url(), "POST", "/_local/reset", headers, b"")
}

/// Changes much, deletes much, and makes a key.
fn wreck(studio: &Studio) -> String {
    let shot = studio.query("Shot")[0].clone();
    studio.below("Task", "new", &shot);
    let value_type = "ContextCustomAttributeValue";
    set_custom(studio, value_type, "fstart", &shot["id"], &json!(7));
    let task = studio.query("Task where status.name is_not Approved")[0].clone();
    let approved = studio.query("Status where name is Approved")[0]["id"].clone();
    studio.update("Task", &task["id"], &json!({"status_id": approved}));
    let project = studio.query("Project")[1]["id"].clone();
    studio.one(&delete("Project", &project));
    let admin = studio.query("User where username is admin")[0].clone();
    let reset = studio.one(&json!({"action": "reset_remote", "reset_type": "api_key",
        "entity_type": "User", "entity_key": admin["id"]}));
    reset["data"]["api_key"].as_str().unwrap().to_owned()
}

#[test]
fn everything_is_as_it_was() {
    let server = Server::builder().demo(true).testing(true).start().unwrap();
    let studio = Studio { server };
    let before = seen(&studio);
    for round in 0..3 {
        upload(&studio, "c-1");
        assert_eq!(download(&studio, "c-1"), 200);
        let key = wreck(&studio);
        let new_key = [("ftrack-user", "admin"), ("ftrack-api-key", key.as_str())];
        if round == 0 {
            studio.server.reset().unwrap();
        } else {
            assert_eq!(post_reset(&studio, &new_key).status, 200);
        }
        assert_eq!(
            post_reset(&studio, &new_key).status,
            401,
            "keys go back as well"
        );
        assert_eq!(seen(&studio), before, "round {round}");
        assert_eq!(download(&studio, "c-1"), 404, "round {round}");
    }
}

#[test]
fn a_data_folder_goes_back_to_what_it_was_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let start = |testing| {
        let builder = Server::builder().demo(true).data_dir(folder.path());
        Studio {
            server: builder.testing(testing).start().unwrap(),
        }
    };
    let before = {
        let studio = start(false);
        upload(&studio, "c-1");
        seen(&studio)
    };
    {
        let studio = start(true);
        assert_eq!(seen(&studio), before);
        upload(&studio, "c-2");
        assert_eq!(get(&studio, "remove", "c-1", &[]).status, 200);
        assert_eq!(download(&studio, "c-1"), 404);
        wreck(&studio);
        studio.server.reset().unwrap();
        assert_eq!(seen(&studio), before);
        assert_eq!(download(&studio, "c-1"), 200, "what was removed is back");
        put(&studio, "c-1", b"another");
        put(&studio, "c-1", b"yet another");
        assert_eq!(text(&studio, "c-1"), b"yet another");
        studio.server.reset().unwrap();
        assert_eq!(
            text(&studio, "c-1"),
            b"hello world",
            "what was replaced is back"
        );
        studio.create("User", &json!({"username": "grace"}));
        studio.server.reset().unwrap();
        studio.create("User", &json!({"username": "ada"}));
    }
    let studio = start(false);
    assert_eq!(studio.query("User where username is grace").len(), 0);
    let ada = studio.query("User where username is ada");
    assert_eq!(ada.len(), 1, "what came after the reset is kept");
    studio.one(&delete("User", &ada[0]["id"]));
    assert_eq!(seen(&studio), before);
    assert_eq!(download(&studio, "c-1"), 200);
    assert_eq!(download(&studio, "c-2"), 404);
}

#[test]
fn the_switches_want_credentials_and_a_server_for_tests() {
    let server = Server::builder().testing(true).start().unwrap();
    let studio = Studio { server };
    for (method, path) in [
        ("POST", "/_local/reset"),
        ("POST", "/_local/faults"),
        ("DELETE", "/_local/faults"),
    ] {
        for headers in [
            &[][..],
            &[("ftrack-user", "admin"), ("ftrack-api-key", "wrong")],
        ] {
            let answer = send(
                studio.server.url(),
                method,
                path,
                headers,
                br#"{"kind":"garbage"}"#,
            );
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
    assert_eq!(studio.server.faults_left(), 0);

    let studio = Studio::new();
    for path in ["/_local/reset", "/_local/faults"] {
        let answer = send(
            studio.server.url(),
            "POST",
            path,
            &credentials(&studio),
            b"{}",
        );
        assert_eq!(answer.status, 404, "{path}");
    }
    let fault = ftrack_server::Fault::garbage();
    assert!(matches!(studio.server.reset(), Err(Error::NotTesting)));
    assert!(matches!(
        studio.server.fail_next(fault),
        Err(Error::NotTesting)
    ));
    assert!(matches!(
        studio.server.clear_faults(),
        Err(Error::NotTesting)
    ));
    assert!(matches!(
        studio.server.drop_websockets(),
        Err(Error::NotTesting)
    ));
}
