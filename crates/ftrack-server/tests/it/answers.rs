//! What answers hold beside entities, and how they are sent.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};

use ftrack_server::Server;
use serde_json::{Value, json};

use crate::client::{Studio, create, reference, send};

fn key_of(studio: &Studio, user: &Value) -> String {
    let reset = json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
        "entity_key": user["id"]});
    let key = studio.one(&reset)["data"]["api_key"].clone();
    key.as_str().unwrap().to_owned()
}

#[test]
fn the_home_page_tells_that_there_is_a_server() {
    let studio = Studio::new();
    let answer = send(studio.server.url(), "GET", "/", &[], b"");
    assert_eq!(answer.status, 200);
    assert!(
        answer.headers.contains("ftrack_version: 4.13.0"),
        "{}",
        answer.headers
    );
}

#[test]
fn bad_credentials_have_a_code() {
    let studio = Studio::new();
    let headers = [("ftrack-user", "admin"), ("ftrack-api-key", "wrong")];
    let answer = send(studio.server.url(), "POST", "/api", &headers, b"[]").json();
    assert_eq!(answer["exception"], json!("InvalidCredentialsError"));
    assert_eq!(answer["error_code"], json!("api_credentials_invalid"));
    let other = studio.refused(&json!({"action": "query", "expression": "Nothing"}));
    assert_eq!(other["error_code"], Value::Null);
}

#[test]
fn what_clients_tell_of_their_use_is_accepted() {
    let studio = Studio::new();
    let usage =
        json!({"action": "_track_usage", "data": {"type": "event", "name": "x", "metadata": {}}});
    assert_eq!(studio.one(&usage)["action"], json!("_track_usage"));
}

#[test]
fn server_information_has_the_shapes_that_clients_expect() {
    let studio = Studio::new();
    let information = studio.one(&json!({"action": "query_server_information"}));
    let user = &information["user_information"];
    let permissions = user["permissions"].as_array().unwrap();
    assert!(!permissions.is_empty());
    assert!(permissions.iter().all(Value::is_string), "{permissions:?}");
    let thumbnail = user["thumbnail_url"]["url"].as_str().unwrap();
    assert!(thumbnail.starts_with(studio.server.url()), "{thumbnail}");
    let licenses = information["license"].as_array().unwrap();
    assert!(licenses.iter().all(Value::is_object), "{licenses:?}");
    assert!(information["storage_limit"].is_number());
}

#[test]
fn a_thumbnail_url_is_an_object_and_leads_to_a_picture_even_without_a_thumbnail() {
    let studio = Studio::new();
    studio.project("bare");
    let found = studio.query("select thumbnail_url from Project where name is bare");
    let url = found[0]["thumbnail_url"]["url"].as_str().unwrap();
    assert_eq!(found[0]["thumbnail_url"]["value"], json!(url));
    let path = url.strip_prefix(studio.server.url()).unwrap();
    let picture = send(studio.server.url(), "GET", path, &[], b"");
    assert_eq!(picture.status, 200);
    assert!(picture.body.starts_with(b"\x89PNG"));
}

#[test]
fn a_note_has_its_label_as_category() {
    let studio = Studio::new();
    let project = studio.project("land");
    let label = studio.query("NoteLabel limit 1")[0]["id"].clone();
    let admin = studio.query("User where username is admin")[0]["id"].clone();
    let data = json!({"content": "x", "parent_id": project["id"], "parent_type": "Project", "user_id": admin});
    let note = studio.create("Note", &data);
    let link = json!({"note_id": note["id"], "label_id": label});
    studio.create("NoteLabelLink", &link);
    let id = note["id"].as_str().unwrap();
    let found = studio.query(&format!(
        "select category_id, category.name, recipients.resource_id from Note where id is {id}"
    ));
    assert_eq!(found[0]["category_id"], label);
    assert!(found[0]["category"]["name"].is_string());
    // Whoever wrote it gets what is replied to it.
    assert_eq!(found[0]["recipients"][0]["resource_id"], admin);
}

#[test]
fn search_below_a_context_finds_assets_versions_and_their_notes() {
    let studio = Studio::new();
    let (here, there) = (studio.project("here"), studio.project("there"));
    let kind = studio.query("AssetType limit 1")[0]["id"].clone();
    let admin = studio.query("User where username is admin")[0]["id"].clone();
    for project in [&here, &there] {
        let shot = studio.below("Shot", "010", project);
        let asset = json!({"name": "plate", "parent": reference(&shot), "type_id": kind});
        let asset = studio.create("Asset", &asset);
        let version = json!({"asset_id": asset["id"], "comment": "first"});
        let version = studio.create("AssetVersion", &version);
        let note = json!({"content": "Too dark", "parent_id": version["id"],
            "parent_type": "AssetVersion", "user_id": admin});
        studio.create("Note", &note);
    }
    let found = |entity_type: &str, term: &str| {
        let search = json!({"action": "search", "entity_type": entity_type, "terms": [term],
            "context_id": here["id"], "object_type_ids": []});
        studio.one(&search)["data"].as_array().unwrap().len()
    };
    assert_eq!(found("Asset", "plate"), 1);
    assert_eq!(found("Note", "dark"), 1);
    assert_eq!(found("Shot", "010"), 1);
    let versions = json!({"action": "search", "entity_type": "AssetVersion", "terms": [],
        "context_id": here["id"], "object_type_ids": []});
    assert_eq!(studio.one(&versions)["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_version_without_an_asset_hangs_nowhere() {
    let studio = Studio::new();
    let version = studio.create("AssetVersion", &json!({"comment": "loose"}));
    let id = version["id"].as_str().unwrap();
    let found = studio.query(&format!("select link from AssetVersion where id is {id}"));
    assert_eq!(found[0]["link"], json!([]));
}

#[test]
fn nothing_follows_a_page_without_room() {
    let studio = Studio::demo();
    let answer = studio.one(&json!({"action": "query", "expression": "Task limit 0"}));
    assert_eq!(answer["data"], json!([]));
    assert_eq!(answer["metadata"]["next"]["offset"], Value::Null);
}

/// The address for uploading a component, as a request with these headers is told it.
fn upload_url(studio: &Studio, host: &str, headers: &[(&str, &str)]) -> String {
    let component = uuid();
    let body = json!([
        create("FileComponent", &json!({"id": component, "name": "x", "file_type": ".exr"})),
        {"action": "get_upload_metadata", "component_id": component, "file_name": "x.exr",
            "file_size": 1, "checksum": null},
    ])
    .to_string();
    let address = studio.server.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let (user, key) = (studio.server.user(), studio.server.api_key());
    let mut more = String::new();
    for (name, value) in headers {
        more.extend([*name, ": ", *value, "\r\n"]);
    }
    write!(
        stream,
        "POST /api HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nftrack-user: {user}\r\n\
         ftrack-api-key: {key}\r\n{more}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(body).unwrap();
    answer[1]["url"].as_str().unwrap().to_owned()
}

fn uuid() -> String {
    let number = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("00000000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff)
}

#[test]
fn an_answer_names_the_address_at_which_it_was_reached() {
    let studio = Studio::new();
    let reached = upload_url(&studio, "ftrack.studio:8443", &[]);
    assert!(
        reached.starts_with("http://ftrack.studio:8443/upload/"),
        "{reached}"
    );
    let hostile = upload_url(&studio, "evil.example/x?", &[]);
    assert!(hostile.starts_with(studio.server.url()), "{hostile}");
    let forwarded = [
        ("x-forwarded-host", "ftrack.studio"),
        ("x-forwarded-proto", "https"),
    ];
    let pretended = upload_url(&studio, "inner", &forwarded);
    assert!(pretended.starts_with("http://inner/upload/"), "{pretended}");

    let behind = Studio {
        server: Server::builder()
            .trusted_proxy(IpAddr::from([127, 0, 0, 1]))
            .start()
            .unwrap(),
    };
    let told = upload_url(&behind, "inner", &forwarded);
    assert!(told.starts_with("https://ftrack.studio/upload/"), "{told}");

    let public = Studio {
        server: Server::builder()
            .public_url("https://ftrack.studio/")
            .start()
            .unwrap(),
    };
    let told = upload_url(&public, "inner", &[]);
    assert!(told.starts_with("https://ftrack.studio/upload/"), "{told}");
}

#[test]
fn names_outside_ascii_log_in_as_python_and_as_others_send_them() {
    let studio = Studio::new();
    let user = studio.create("User", &json!({"username": "Jürgen", "is_active": true}));
    let key = key_of(&studio, &user);
    let body = b"[{\"action\":\"query\",\"expression\":\"User limit 1\"}]";
    for name in [&b"J\xfcrgen"[..], "Jürgen".as_bytes()] {
        let address = studio.server.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).unwrap();
        let mut request =
            b"POST /api HTTP/1.1\r\nhost: x\r\nconnection: close\r\nftrack-user: ".to_vec();
        request.extend_from_slice(name);
        request.extend_from_slice(
            format!(
                "\r\nftrack-api-key: {key}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            )
            .as_bytes(),
        );
        request.extend_from_slice(body);
        stream.write_all(&request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.contains("\"action\":\"query\""),
            "{name:?}: {answer}"
        );
    }
}

#[test]
fn pages_of_other_origins_may_use_every_route() {
    let studio = Studio::new();
    let url = studio.server.url();
    let origin = ("origin", "http://tool.studio");
    let credentials = [
        ("ftrack-user", studio.server.user()),
        ("ftrack-api-key", studio.server.api_key()),
    ];
    for path in ["/socket.io/1/", "/api", "/component/get", "/", "/upload/x"] {
        let asking = [
            origin,
            ("access-control-request-method", "GET"),
            (
                "access-control-request-headers",
                "ftrack-user,ftrack-api-key",
            ),
        ];
        let answer = send(url, "OPTIONS", path, &asking, b"");
        assert_eq!(answer.status, 204, "{path}");
        for expected in [
            "access-control-allow-origin: http://tool.studio",
            "access-control-allow-credentials: true",
            "access-control-allow-headers: ftrack-user,ftrack-api-key",
        ] {
            assert!(
                answer.headers.contains(expected),
                "{path}: {}",
                answer.headers
            );
        }
    }
    let mut headers = vec![origin];
    headers.extend(credentials);
    let shaken = send(url, "GET", "/socket.io/1/", &headers, b"");
    assert_eq!(shaken.status, 200);
    assert!(
        shaken
            .headers
            .contains("access-control-allow-origin: http://tool.studio")
    );
    assert!(
        shaken
            .headers
            .contains("access-control-allow-credentials: true")
    );
    let refused = send(url, "GET", "/socket.io/1/", &[origin], b"");
    assert_eq!(refused.status, 401);
    assert!(
        refused.headers.contains("access-control-allow-origin"),
        "a page reads why"
    );
}
