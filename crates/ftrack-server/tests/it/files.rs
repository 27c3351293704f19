//! Files of components.

use serde_json::{Value, json};

use crate::client::{Answer, Studio, create, delete, send};

// The MD5 of `hello world`, in base64.
const HELLO_MD5: &str = "XrY7u+Ae7tCTyyK7j1rNww==";

pub(crate) fn path_of(studio: &Studio, url: &Value) -> String {
    url.as_str()
        .unwrap()
        .strip_prefix(studio.server.url())
        .expect("an address of this server")
        .to_owned()
}

pub(crate) fn put(studio: &Studio, url: &Value, headers: &[(&str, &str)], data: &[u8]) -> Answer {
    send(
        studio.server.url(),
        "PUT",
        &path_of(studio, url),
        headers,
        data,
    )
}

pub(crate) fn get(studio: &Studio, what: &str, id: &str, headers: &[(&str, &str)]) -> Answer {
    let path = format!(
        "/component/{what}?id={id}&username={}&apiKey={}",
        studio.server.user(),
        studio
            .server
            .api_key()
            .replace('=', "%3D")
            .replace('+', "%2B")
    );
    send(studio.server.url(), "GET", &path, headers, b"")
}

/// Announces a file for a component, which is made where it is not there yet.
pub(crate) fn announce(
    studio: &Studio,
    id: &str,
    checksum: Option<&str>,
    parts: Option<u32>,
) -> Value {
    if studio
        .query(&format!("Component where id is {id:?}"))
        .is_empty()
    {
        studio.create("FileComponent", &json!({"id": id, "name": "note"}));
    }
    studio.one(&json!({
        "action": "get_upload_metadata", "component_id": id, "file_name": "note.txt",
        "checksum": checksum, "parts": parts,
    }))
}

#[test]
fn a_file_goes_up_and_comes_down() {
    let studio = Studio::new();
    let answers = studio.call(&json!([
        create("FileComponent", &json!({"id": "c-1", "name": "note", "file_type": ".txt", "size": 11})),
        {"action": "get_upload_metadata", "component_id": "c-1", "file_name": "note.txt", "file_size": 11,
         "parts": null},
    ]));
    let upload = &answers[1];
    assert_eq!(upload["component_id"], "c-1");
    assert_eq!(upload["headers"]["Content-Type"], "text/plain");
    let stored = put(&studio, &upload["url"], &[], b"hello world");
    assert_eq!(stored.status, 200);
    assert!(
        stored
            .headers
            .contains("etag: \"5eb63bbbe01eeed093cb22bb8f5acdc3\"")
    );

    let whole = get(&studio, "get", "c-1", &[]);
    assert_eq!(
        (whole.status, whole.body.as_slice()),
        (200, b"hello world".as_slice())
    );
    assert!(whole.headers.contains("filename=\"note.txt\""));
    let part = get(&studio, "get", "c-1", &[("range", "bytes=6-")]);
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, b"world".as_slice())
    );
    assert!(part.headers.contains("content-range: bytes 6-10/11"));
    assert_eq!(
        get(&studio, "get", "c-1", &[("range", "bytes=50-")]).status,
        416
    );
    assert_eq!(get(&studio, "thumbnail", "c-1", &[]).status, 200);
    assert_eq!(get(&studio, "get", "c-2", &[]).status, 404);

    let anonymous = send(
        studio.server.url(),
        "GET",
        "/component/get?id=c-1",
        &[],
        b"",
    );
    assert_eq!(anonymous.status, 401);
    assert_eq!(get(&studio, "remove", "c-1", &[]).status, 200);
    assert_eq!(get(&studio, "get", "c-1", &[]).status, 404);
    assert_eq!(get(&studio, "remove", "c-1", &[]).status, 404);
}

#[test]
fn data_with_another_checksum_leaves_nothing() {
    let studio = Studio::new();
    let wrong = announce(&studio, "c-1", Some("AAAAAAAAAAAAAAAAAAAAAA=="), None);
    let refused = put(&studio, &wrong["url"], &[], b"hello world");
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["content"]
            .as_str()
            .unwrap()
            .contains(HELLO_MD5)
    );
    assert_eq!(get(&studio, "get", "c-1", &[]).status, 404);
    let right = announce(&studio, "c-1", Some(HELLO_MD5), None);
    assert_eq!(right["headers"]["Content-MD5"], HELLO_MD5);
    let header = [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")];
    assert_eq!(
        put(&studio, &right["url"], &header, b"hello world").status,
        400
    );
    assert_eq!(
        put(
            &studio,
            &right["url"],
            &[("content-md5", HELLO_MD5)],
            b"hello world"
        )
        .status,
        200
    );
    assert_eq!(get(&studio, "get", "c-1", &[]).body, b"hello world");
}

#[test]
fn parts_arrive_in_any_order() {
    let studio = Studio::new();
    let upload = announce(&studio, "c-1", None, Some(3));
    let urls = upload["urls"].as_array().unwrap();
    assert_eq!(urls.len(), 3);
    let mut parts = Vec::new();
    for (index, data) in [(2, "!"), (0, "hello "), (1, "world")] {
        let answer = put(&studio, &urls[index]["signed_url"], &[], data.as_bytes());
        assert_eq!(answer.status, 200);
        let tag = answer
            .headers
            .split("etag: \"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        parts.push(json!({"part_number": urls[index]["part_number"], "e_tag": tag}));
    }
    parts.sort_by_key(|part| part["part_number"].as_u64());
    let complete = |parts: &[Value]| {
        json!({"action": "complete_multipart_upload", "upload_id": upload["upload_id"],
               "component_id": "c-1", "parts": parts})
    };
    let mut wrong = parts.clone();
    wrong[0]["e_tag"] = json!("x");
    studio.refused(&complete(&wrong));
    wrong = parts.clone();
    wrong.reverse();
    studio.refused(&complete(&wrong));
    studio.refused(&complete(&[]));
    let done = studio.one(&complete(&parts));
    assert_eq!(done["component_id"], "c-1");
    assert_eq!(get(&studio, "get", "c-1", &[]).body, b"hello world!");
    studio.refused(&complete(&parts));
}

#[test]
fn parts_and_uploads_that_were_not_announced_are_refused() {
    let studio = Studio::new();
    let upload = announce(&studio, "c-1", None, Some(1));
    let url = upload["urls"][0]["signed_url"].as_str().unwrap();
    let second = json!(format!("{}2", url.strip_suffix('1').unwrap()));
    assert_eq!(put(&studio, &second, &[], b"x").status, 400);
    let unknown = json!(format!("{}/upload/unknown", studio.server.url()));
    assert_eq!(put(&studio, &unknown, &[], b"x").status, 404);
    for parts in [json!(0), json!(10_001), json!("many")] {
        studio.refused(
            &json!({"action": "get_upload_metadata", "component_id": "c-1", "file_name": "f",
            "parts": parts}),
        );
    }
    let aborted = announce(&studio, "c-3", None, Some(1));
    let path = format!("/upload/{}", aborted["upload_id"].as_str().unwrap());
    assert_eq!(
        send(studio.server.url(), "DELETE", &path, &[], b"").status,
        204
    );
    assert_eq!(
        put(&studio, &aborted["urls"][0]["signed_url"], &[], b"x").status,
        404
    );
}

#[test]
fn an_upload_is_taken_up_again_and_says_which_parts_arrived() {
    let studio = Studio::new();
    studio.create("FileComponent", &json!({"id": "c-1", "name": "f"}));
    studio.create("FileComponent", &json!({"id": "c-2", "name": "f"}));
    let announce = |id: &str, size: u64, upload: Value| {
        studio.one(
            &json!({"action": "get_upload_metadata", "component_id": id, "file_name": "f",
            "file_size": size, "parts": 2, "upload_id": upload}),
        )
    };
    let first = announce("c-1", 8, Value::Null);
    assert_eq!(first.get("parts"), None);
    let stored = put(&studio, &first["urls"][1]["signed_url"], &[], b"tail");
    assert_eq!(stored.status, 200);
    let again = announce("c-1", 8, first["upload_id"].clone());
    assert_eq!(again["upload_id"], first["upload_id"]);
    let tag = "7aea2552dfe7eb84b9443b6fc9ba6e01";
    assert_eq!(again["parts"], json!([{"part_number": 2, "e_tag": tag}]));
    for other in [
        announce("c-2", 8, first["upload_id"].clone()),
        announce("c-1", 9, first["upload_id"].clone()),
        announce("c-1", 8, json!("unknown")),
    ] {
        assert_ne!(other["upload_id"], first["upload_id"]);
        assert_eq!(other.get("parts"), None);
    }
    let stored = put(&studio, &again["urls"][0]["signed_url"], &[], b"head");
    let head = "96e89a298e0a9f469b9ae458d6afae9f";
    assert!(stored.headers.contains(head), "{}", stored.headers);
    studio.one(
        &json!({"action": "complete_multipart_upload", "component_id": "c-1",
        "upload_id": first["upload_id"],
        "parts": [{"part_number": 1, "e_tag": head}, {"part_number": 2, "e_tag": tag}]}),
    );
    assert_eq!(get(&studio, "get", "c-1", &[]).body, b"headtail");
}

#[test]
fn ids_are_never_taken_for_paths() {
    let studio = Studio::new();
    let id = "../../../../etc/passwd";
    let upload = announce(&studio, id, None, None);
    assert_eq!(put(&studio, &upload["url"], &[], b"mine").status, 200);
    assert_eq!(
        get(&studio, "get", "..%2F..%2F..%2F..%2Fetc%2Fpasswd", &[]).body,
        b"mine"
    );
}

#[test]
fn the_file_goes_with_its_component() {
    let studio = Studio::new();
    let component = studio.create("FileComponent", &json!({"name": "f"}));
    let id = component["id"].as_str().unwrap().to_owned();
    let upload = announce(&studio, &id, None, None);
    put(&studio, &upload["url"], &[], b"x");
    assert_eq!(get(&studio, "get", &id, &[]).status, 200);
    studio.one(&delete("FileComponent", &component["id"]));
    assert_eq!(get(&studio, "get", &id, &[]).status, 404);
}

#[test]
fn locations_tell_where_the_file_is() {
    let studio = Studio::new();
    let server = studio.query("Location where name is \"ftrack.server\"")[0]["id"].clone();
    let component = studio.create("FileComponent", &json!({"name": "f"}));
    studio.create(
        "ComponentLocation",
        &json!({"component_id": component["id"], "location_id": server, "resource_identifier": "r"}),
    );
    let found = studio.query("select url, component.name from ComponentLocation");
    let url = &found[0]["url"]["value"];
    let id = component["id"].as_str().unwrap();
    let upload = announce(&studio, id, None, None);
    put(&studio, &upload["url"], &[], b"x");
    let path = path_of(&studio, url);
    assert!(path.starts_with(&format!("/component/get?id={id}&signature=")));
    let signed = send(studio.server.url(), "GET", &path, &[], b"");
    assert_eq!(signed.body, b"x", "a signed address needs no credentials");
    let remove = path.replace("/get?", "/remove?");
    assert_eq!(
        send(studio.server.url(), "GET", &remove, &[], b"").status,
        401,
        "it is good for reading only"
    );
    let other = path.replace(id, "c-1");
    assert_eq!(
        send(studio.server.url(), "GET", &other, &[], b"").status,
        401
    );
}

#[test]
fn parts_take_effect_with_their_batch_only() {
    let studio = Studio::new();
    let upload = announce(&studio, "c-1", None, Some(1));
    let part = put(&studio, &upload["urls"][0]["signed_url"], &[], b"hello");
    let tag = part.headers.split("etag: \"").nth(1).unwrap();
    let tag = tag.split('"').next().unwrap();
    let complete = |parts: Value| {
        json!({"action": "complete_multipart_upload", "upload_id": upload["upload_id"],
            "component_id": "c-1", "parts": parts})
    };
    let one = json!({"part_number": 1, "e_tag": tag});
    let refused = json!({"action": "delete", "entity_type": "Task", "entity_key": ["nothing"]});
    let answer = studio.call(&json!([complete(json!([one])), refused]));
    assert!(answer["exception"].is_string(), "{answer}");
    assert_eq!(
        get(&studio, "get", "c-1", &[]).status,
        404,
        "nothing of the batch is kept"
    );
    let twice = studio.refused(&complete(json!([one, one])));
    assert!(
        twice["content"].as_str().unwrap().contains("each once"),
        "{twice}"
    );
    studio.one(&complete(json!([one])));
    assert_eq!(get(&studio, "get", "c-1", &[]).body, b"hello");
}

#[test]
fn files_have_the_size_that_was_announced() {
    let studio = Studio::new();
    studio.create("FileComponent", &json!({"id": "c-1", "name": "f"}));
    let announce = |parts: Value| {
        studio.one(
            &json!({"action": "get_upload_metadata", "component_id": "c-1", "file_name": "f",
            "file_size": 5, "parts": parts}),
        )
    };
    for data in [&b"four"[..], b"sixsix", b""] {
        let whole = announce(Value::Null);
        assert_eq!(put(&studio, &whole["url"], &[], data).status, 400);
        assert_eq!(get(&studio, "get", "c-1", &[]).status, 404);
    }
    let parts = announce(json!(2));
    let url = |index: usize| parts["urls"][index]["signed_url"].clone();
    assert_eq!(put(&studio, &url(0), &[], b"abc").status, 200);
    assert_eq!(
        put(&studio, &url(1), &[], b"def").status,
        400,
        "six bytes in all"
    );
    assert_eq!(
        put(&studio, &url(0), &[], b"abcd").status,
        200,
        "the same part again"
    );
    assert_eq!(put(&studio, &url(1), &[], b"e").status, 200);
}

#[test]
fn components_that_were_deleted_get_no_files() {
    let studio = Studio::new();
    let metadata =
        json!({"action": "get_upload_metadata", "component_id": "c-1", "file_name": "f"});
    studio.create("FileComponent", &json!({"id": "c-1", "name": "f"}));
    let whole = studio.one(&metadata);
    studio.one(&delete("FileComponent", &json!("c-1")));
    assert_eq!(put(&studio, &whole["url"], &[], b"x").status, 404);
}
