//! Encoding media.

use std::io::Cursor;
use std::time::{Duration, Instant};

use ftrack_server::Server;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::client::{Studio, reference, send};
use crate::event_client::Peer;
use crate::files::{announce, get, put};

/// A source with this file, by its component.
pub(crate) fn source(studio: &Studio, id: &str, data: &[u8]) -> Value {
    let component = studio.create("FileComponent", &json!({"id": id, "name": "source"}));
    let upload = announce(studio, id, None, None);
    assert_eq!(put(studio, &upload["url"], &[], data).status, 200);
    component
}

pub(crate) fn image(width: u32, height: u32) -> Vec<u8> {
    let image = RgbaImage::from_pixel(width, height, Rgba([250, 120, 0, 255]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(image)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

pub(crate) fn version(studio: &Studio) -> Value {
    let project = studio.project("film");
    let shot = studio.below("Shot", "010", &project);
    let asset = studio.create(
        "Asset",
        &json!({"name": "plate", "parent": reference(&shot)}),
    );
    studio.create("AssetVersion", &json!({"asset": reference(&asset)}))
}

pub(crate) fn encode(component: &str, version: &Value, keep_original: bool) -> Value {
    json!({
        "action": "encode_media", "component_id": component, "version_id": version,
        "keep_original": keep_original,
    })
}

/// The job of this id, once it is done or failed; with its data.
pub(crate) fn finished(studio: &Studio, id: &Value) -> (Value, Value) {
    let started = Instant::now();
    loop {
        let expression = format!(
            "select status, data, type, user.username, finished_at, job_components.component.name \
             from Job where id is {}",
            id.as_str().unwrap()
        );
        let job = studio.query(&expression).remove(0);
        if job["status"] == "done" || job["status"] == "failed" {
            let data = serde_json::from_str(job["data"].as_str().unwrap()).unwrap();
            return (job, data);
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{job}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The message of a job that fails.
fn failed(studio: &Studio, component: &str) -> String {
    let answer = studio.one(&encode(component, &Value::Null, false));
    let (job, data) = finished(studio, &answer["job_id"]);
    assert_eq!(job["status"], "failed", "{data}");
    assert_eq!(data["output"], json!([]));
    assert!(job["job_components"].as_array().unwrap().is_empty());
    data["message"].as_str().unwrap().to_owned()
}

#[test]
fn an_image_becomes_the_picture_of_its_version() {
    let studio = Studio::new();
    let version = version(&studio);
    source(&studio, "c-1", &image(5000, 40));
    let answer = studio.one(&encode("c-1", &version["id"], false));
    assert_eq!(answer.as_object().unwrap().len(), 1);
    let (job, data) = finished(&studio, &answer["job_id"]);
    assert_eq!(job["status"], "done", "{data}");
    assert_eq!(job["user"]["username"], "admin");
    assert!(job["finished_at"].is_object());
    let output = data["output"][0]["component_id"].clone();
    let expected = json!({
        "output": [{"format": "image/jpeg", "component_id": output}],
        "source_component_id": "c-1", "keep_original": false,
    });
    assert_eq!(data, expected);
    let linked = &job["job_components"][0]["component"];
    assert_eq!(linked["name"], "ftrackreview-image");

    let found = studio.query(
        "select thumbnail_id, thumbnail_url, components.name, components.file_type, components.size, \
         components.metadata.value, components.component_locations.location.name from AssetVersion",
    );
    assert_eq!(found[0]["thumbnail_id"], output);
    let component = &found[0]["components"][0];
    assert_eq!(component["id"], output);
    assert_eq!(component["file_type"], ".jpg");
    let metadata = &component["metadata"][0];
    assert_eq!(metadata["key"], "ftr_meta");
    assert_eq!(metadata["value"], "{\"format\":\"image\"}");
    let location = &component["component_locations"][0]["location"]["name"];
    assert_eq!(location, "ftrack.server");

    let file = get(&studio, "get", output.as_str().unwrap(), &[]).body;
    assert_eq!(component["size"], file.len());
    let picture = image::load_from_memory_with_format(&file, ImageFormat::Jpeg).unwrap();
    assert_eq!(picture.dimensions(), (4096, 33));
    assert!(studio.query("Component where id is c-1").is_empty());
    assert_eq!(get(&studio, "get", "c-1", &[]).status, 404);
}

#[test]
fn the_source_stays_where_it_is_wanted() {
    let studio = Studio::new();
    source(&studio, "c-1", &image(8, 8));
    let answer = studio.one(&encode("c-1", &Value::Null, true));
    let (_, data) = finished(&studio, &answer["job_id"]);
    assert_eq!(data["keep_original"], true);
    assert_eq!(get(&studio, "get", "c-1", &[]).status, 200);
    let output = &data["output"][0]["component_id"];
    let found =
        studio.query("select version_id from Component where name is \"ftrackreview-image\"");
    assert_eq!(
        (&found[0]["id"], &found[0]["version_id"]),
        (output, &Value::Null)
    );
}

#[test]
fn the_outputs_are_announced_with_the_job() {
    let studio = Studio::new();
    source(&studio, "c-1", &image(8, 8));
    let answers = studio.call(&json!([
        encode("c-1", &Value::Null, true),
        {"action": "query", "expression": "select data, status from Job"},
    ]));
    let job = &answers[1]["data"][0];
    assert_eq!(job["status"], "queued");
    let announced: Value = serde_json::from_str(job["data"].as_str().unwrap()).unwrap();
    let (_, data) = finished(&studio, &answers[0]["job_id"]);
    assert_eq!(announced, data);
}

#[test]
fn an_output_exists_with_its_version_as_soon_as_the_job_tells_of_it() {
    let studio = Studio::new();
    let version = version(&studio);
    source(&studio, "c-1", &image(8, 8));
    let expression = "select id, name, file_type, version_id from Component where id is_not c-1";
    let answers = studio.call(&json!([
        encode("c-1", &version["id"], true),
        {"action": "query", "expression": "select data, job_components.component_id from Job"},
        {"action": "query", "expression": expression},
    ]));
    let job = &answers[1]["data"][0];
    let data: Value = serde_json::from_str(job["data"].as_str().unwrap()).unwrap();
    let announced = data["output"][0]["component_id"].clone();
    assert_eq!(job["job_components"][0]["component_id"], announced);
    let [found] = &answers[2]["data"].as_array().unwrap()[..] else {
        panic!("{answers}")
    };
    assert_eq!(found["id"], announced);
    assert_eq!(found["version_id"], version["id"]);
    assert_eq!(found["name"], "ftrackreview-image");
    assert_eq!(found["file_type"], ".jpg");
    let (job, data) = finished(&studio, &answers[0]["job_id"]);
    assert_eq!(job["status"], "done", "{data}");
    let components = studio.query(expression);
    assert_eq!(components.len(), 1, "it is filled, and not made twice");
    assert_eq!(components[0]["id"], announced);
}

#[test]
fn an_output_that_cannot_be_made_goes_with_the_failure_of_its_job() {
    let studio = Studio::new();
    let version = version(&studio);
    // Its head makes it an image, which announces an output; it has no body.
    source(&studio, "c-1", &image(64, 64)[..60]);
    let answers = studio.call(&json!([
        encode("c-1", &version["id"], true),
        {"action": "query", "expression": "Component where version_id is_not None"},
    ]));
    assert_eq!(answers[1]["data"].as_array().unwrap().len(), 1);
    let (job, _) = finished(&studio, &answers[0]["job_id"]);
    assert_eq!(job["status"], "failed");
    assert_eq!(
        studio.query("Component").len(),
        1,
        "only the source is left"
    );
}

#[tokio::test]
async fn subscribers_are_told_that_a_version_is_encoded_once_it_is() {
    let studio = Studio::new();
    let version = version(&studio);
    source(&studio, "c-1", &image(8, 8));
    let mut peer = Peer::subscribed(&studio, "listener", "topic=ftrack.update").await;
    studio.one(&encode("c-1", &version["id"], true));
    loop {
        let event = peer.event().await;
        let entities = event["data"]["entities"].as_array().unwrap().clone();
        let job = entities
            .iter()
            .find(|entity| entity["entity_type"] == "Job")
            .unwrap_or_else(|| panic!("{event}"));
        let encoded: Vec<&Value> = entities
            .iter()
            .filter(|entity| entity["action"] == "encoded")
            .collect();
        if job["changes"]["status"]["new"] != "done" {
            assert!(encoded.is_empty(), "it is not ready yet: {event}");
            continue;
        }
        let [encoded] = encoded[..] else {
            panic!("{event}")
        };
        assert_eq!(encoded["entityType"], "assetversion");
        assert_eq!(encoded["entity_type"], "AssetVersion");
        assert_eq!(encoded["entityId"], version["id"]);
        assert_eq!(encoded["parents"][0]["entityId"], version["id"]);
        assert_eq!(encoded["parents"][1]["entityType"], "asset");
        let found = studio.query("select thumbnail_id from AssetVersion");
        assert!(found[0]["thumbnail_id"].is_string(), "it can be shown now");
        return;
    }
}

#[test]
fn what_cannot_be_encoded_fails_the_job_and_keeps_the_source() {
    let studio = Studio::new();
    let png = image(64, 64);
    let cases: [(&str, &[u8], &str); 5] = [
        ("c-1", b"no image", "neither an image nor a video"),
        ("c-2", b"", "neither an image nor a video"),
        ("c-3", &png[..60], "cannot be read"),
        ("c-4", b"\x89PNG\r\n\x1a\n", "cannot be read"),
        (
            "c-5",
            b"#EXTM3U\nfile:///etc/passwd",
            "neither an image nor a video",
        ),
    ];
    for (id, data, expected) in cases {
        source(&studio, id, data);
        let message = failed(&studio, id);
        assert!(message.contains(expected), "{id}: {message}");
        assert_eq!(get(&studio, "get", id, &[]).body, data, "{id}");
    }
    studio.create("FileComponent", &json!({"id": "c-6", "name": "nothing"}));
    assert!(failed(&studio, "c-6").contains("no file"));
    assert_eq!(studio.query("FileComponent").len(), 6);
}

#[test]
fn what_does_not_exist_is_refused() {
    let studio = Studio::new();
    source(&studio, "c-1", &image(8, 8));
    let none = Value::Null;
    studio.refused(&encode("c-2", &none, false));
    studio.refused(&encode("c-1", &json!("no-version"), false));
    studio.refused(&json!({"action": "encode_media"}));
    let mut wrong = encode("c-1", &none, false);
    wrong["keep_original"] = json!("maybe");
    studio.refused(&wrong);
    assert!(studio.query("Job").is_empty());
}

#[test]
fn jobs_of_a_refused_batch_are_not_done() {
    let studio = Studio::new();
    source(&studio, "c-1", &image(8, 8));
    let wrong = json!({"action": "query", "expression": "Nothing"});
    let answer = studio.call(&json!([encode("c-1", &Value::Null, false), wrong]));
    assert!(answer["exception"].is_string());
    // Tasks are done in order: with the second one done, the first would be done as well.
    source(&studio, "c-2", &image(8, 8));
    let answer = studio.one(&encode("c-2", &Value::Null, true));
    finished(&studio, &answer["job_id"]);
    assert_eq!(studio.query("Job").len(), 1);
    assert_eq!(get(&studio, "get", "c-1", &[]).status, 200);
}

#[test]
fn nobody_encodes_into_a_project_without_a_role() {
    let studio = Studio::new();
    let version = version(&studio);
    source(&studio, "c-1", &image(8, 8));
    let user = studio.create("User", &json!({"username": "ada", "is_active": true}));
    let reset = json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
        "entity_key": user["id"]});
    let key = studio.one(&reset)["data"]["api_key"].clone();
    let headers = [
        ("ftrack-user", "ada"),
        ("ftrack-api-key", key.as_str().unwrap()),
    ];
    let body = json!([encode("c-1", &version["id"], true)]).to_string();
    let answer = send(
        studio.server.url(),
        "POST",
        "/api",
        &headers,
        body.as_bytes(),
    )
    .json();
    assert_eq!(answer["exception"], "NotFoundError");
}

#[test]
fn jobs_of_an_earlier_run_are_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Studio {
        server: Server::builder().data_dir(folder.path()).start().unwrap(),
    };
    let data =
        json!({"output": [{"format": "image/jpeg", "component_id": "x"}], "keep_original": true});
    let studio = start();
    let job = studio.create(
        "Job",
        &json!({"type": "encode_media", "status": "running", "data": data.to_string()}),
    );
    // What the run announced is taken back; what has a file, or is of another, is not.
    for id in ["x", "made", "other"] {
        studio.create("FileComponent", &json!({"id": id, "name": id}));
    }
    put(
        &studio,
        &announce(&studio, "made", None, None)["url"],
        &[],
        b"made",
    );
    let location = studio.query("Location where name is \"ftrack.server\"")[0]["id"].clone();
    studio.create(
        "ComponentLocation",
        &json!({"component_id": "made", "location_id": location, "resource_identifier": "made"}),
    );
    for id in ["x", "made"] {
        studio.create(
            "JobComponent",
            &json!({"job_id": job["id"], "component_id": id}),
        );
    }
    drop(studio);
    let studio = start();
    let (job, data) = finished(&studio, &job["id"]);
    assert_eq!(job["status"], "failed");
    assert_eq!(
        (&data["output"], &data["keep_original"]),
        (&json!([]), &json!(true))
    );
    assert!(data["message"].as_str().unwrap().contains("stopped"));
    let mut left: Vec<Value> = studio.query("select id from Component");
    left.sort_by_key(|component| component["id"].to_string());
    let left: Vec<&Value> = left.iter().map(|component| &component["id"]).collect();
    assert_eq!(left, ["made", "other"]);
}

#[tokio::test]
async fn every_step_is_told() {
    let studio = Studio::new();
    source(&studio, "c-1", &image(8, 8));
    let mut peer = Peer::subscribed(&studio, "listener", "topic=ftrack.update").await;
    studio.one(&encode("c-1", &Value::Null, false));
    let mut steps = Vec::new();
    while steps.len() < 3 {
        let event = peer.event().await;
        let entities = event["data"]["entities"].as_array().unwrap().clone();
        let job = entities
            .iter()
            .find(|entity| entity["entity_type"] == "Job")
            .unwrap_or_else(|| panic!("{event}"));
        steps.push((
            job["action"].clone(),
            job["changes"]["status"]["new"].clone(),
        ));
        assert_eq!(event["source"]["user"]["username"], "admin");
    }
    let step = |action: &str, status: &str| (json!(action), json!(status));
    let expected = [
        step("add", "queued"),
        step("update", "running"),
        step("update", "done"),
    ];
    assert_eq!(steps, expected);
}
