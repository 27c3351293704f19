//! Encoding videos, by scripts in place of ffmpeg.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ftrack_server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Studio, delete};
use crate::files::get;
use crate::media::{encode, finished, source, version};

/// It begins like a video, which is what tells.
const VIDEO: &[u8] = b"\0\0\0\x18ftypisom, or so it says";

/// Writes a file with the name of its last argument, and says what ffmpeg says of a video of two seconds.
const ENCODE: &str = "for last; do :; done
echo \"encoded by $*\" > \"$last\"
cat >&2 <<'END'
Output #0, mp4, to 'y':
  Stream #0:0: Video: h264, yuv420p, 320x240, 25 fps, 25 tbn
frame=   50 fps= 80 q=-1.0 Lsize=      12KiB time=00:00:02.00
END
";

/// A program that is this script.
fn program(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("encoder");
    // Another process writes it: one that is started while this one has it open for writing could not run it.
    let mut writer = Command::new("sh")
        .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let text = format!("#!/bin/sh\n{script}");
    let mut input = writer.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    assert!(writer.wait().unwrap().success());
    path
}

/// A server that encodes with this script.
fn encoding_with(script: &str) -> (Studio, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), script);
    let server = Server::builder().ffmpeg(program).start().unwrap();
    (Studio { server }, folder)
}

/// A script that says when it begins, and waits until it may go on.
fn waiting() -> String {
    format!(
        "folder=$(dirname \"$0\")\n: > \"$folder/began\"\nuntil [ -e \"$folder/go\" ]; do sleep 0.02; done\n{ENCODE}"
    )
}

fn wait_for(path: &Path) {
    let started = Instant::now();
    while !path.exists() {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The ids of the components that a job announced.
fn announced(studio: &Studio, job: &Value) -> Vec<String> {
    let id = job.as_str().unwrap();
    let data = studio.query(&format!("select data from Job where id is {id}"))[0]["data"].clone();
    let data: Value = serde_json::from_str(data.as_str().unwrap()).unwrap();
    let outputs = data["output"].as_array().unwrap().iter();
    outputs
        .map(|output| output["component_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Deletes something while a video is encoded; gives the server, the ids of what was announced, and the job.
fn delete_meanwhile(
    choose: impl FnOnce(&Value, &[String], &Value) -> Value,
) -> (Studio, Vec<String>, Value) {
    let (studio, folder) = encoding_with(&waiting());
    let version = version(&studio);
    source(&studio, "c-1", VIDEO);
    let job = studio.one(&encode("c-1", &version["id"], true))["job_id"].clone();
    wait_for(&folder.path().join("began"));
    let announced = announced(&studio, &job);
    assert_eq!(announced.len(), 2, "a video and its picture");
    studio.one(&choose(&job, &announced, &version["id"]));
    std::fs::write(folder.path().join("go"), "").unwrap();
    // Tasks are done in order: when the second one is done, so is the first.
    source(&studio, "c-2", VIDEO);
    let second = studio.one(&encode("c-2", &Value::Null, true))["job_id"].clone();
    assert_eq!(finished(&studio, &second).0["status"], "done");
    (studio, announced, job)
}

#[test]
fn a_video_is_encoded_by_the_program_that_was_named() {
    let (studio, _folder) = encoding_with(ENCODE);
    let version = version(&studio);
    source(&studio, "c-1", VIDEO);
    let answer = studio.one(&encode("c-1", &version["id"], true));
    let (job, data) = finished(&studio, &answer["job_id"]);
    assert_eq!(job["status"], "done", "{data}");
    let formats: Vec<&Value> = data["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|output| &output["format"])
        .collect();
    assert_eq!(formats, ["video/mp4", "image/jpeg"]);

    let found = studio.query(
        "select thumbnail_id, components.name, components.file_type, components.metadata.value from AssetVersion",
    );
    let picture = &data["output"][1]["component_id"];
    assert_eq!(found[0]["thumbnail_id"], *picture);
    let mut components = found[0]["components"].as_array().unwrap().iter();
    let video = components
        .find(|component| component["name"] == "ftrackreview-mp4")
        .unwrap();
    assert_eq!(video["file_type"], ".mp4");
    assert_eq!(
        video["metadata"][0]["value"],
        "{\"frameIn\":0,\"frameOut\":49,\"frameRate\":25}"
    );
    let file = get(&studio, "get", video["id"].as_str().unwrap(), &[]).body;
    let file = String::from_utf8(file).unwrap();
    assert!(file.contains("-f mov -i"), "the container is told: {file}");
    assert!(file.contains("libx264"), "{file}");
    let picture = get(&studio, "get", picture.as_str().unwrap(), &[]).body;
    assert!(String::from_utf8(picture).unwrap().contains("mjpeg"));
}

#[test]
fn what_the_encoder_says_is_in_the_job_that_fails() {
    let (studio, _folder) = encoding_with("echo 'moov atom not found' >&2\nexit 1\n");
    source(&studio, "c-1", VIDEO);
    let answer = studio.one(&encode("c-1", &Value::Null, false));
    let (job, data) = finished(&studio, &answer["job_id"]);
    assert_eq!(job["status"], "failed");
    let message = data["message"].as_str().unwrap();
    assert!(message.ends_with("moov atom not found"), "{message}");
    assert_eq!(get(&studio, "get", "c-1", &[]).body, VIDEO);
    assert_eq!(
        studio.query("Component").len(),
        1,
        "only the source is left"
    );
}

#[test]
fn a_video_is_refused_at_once_where_there_is_no_such_program() {
    let server = Server::builder().ffmpeg("/no/such/ffmpeg").start().unwrap();
    let studio = Studio { server };
    source(&studio, "c-1", VIDEO);
    let refused = studio.refused(&encode("c-1", &Value::Null, false));
    let content = refused["content"].as_str().unwrap();
    assert!(content.contains("no program /no/such/ffmpeg"), "{content}");
    assert!(studio.query("Job").is_empty());
}

#[test]
fn an_output_that_is_deleted_while_it_is_encoded_stays_deleted() {
    let picture =
        |_: &Value, announced: &[String], _: &Value| delete("Component", &json!(announced[1]));
    let (studio, announced, job) = delete_meanwhile(picture);
    let (job, data) = finished(&studio, &job);
    assert_eq!(job["status"], "done", "{data}");
    assert_eq!(data["output"].as_array().unwrap().len(), 1);
    assert_eq!(data["output"][0]["component_id"], json!(announced[0]));
    assert_eq!(get(&studio, "get", &announced[0], &[]).status, 200);
    assert_eq!(get(&studio, "get", &announced[1], &[]).status, 404);
    let version = &studio.query("select thumbnail_id from AssetVersion")[0];
    assert_eq!(version["thumbnail_id"], Value::Null);
}

#[test]
fn a_job_that_is_deleted_while_it_encodes_takes_its_outputs_with_it() {
    let (studio, announced, job) = delete_meanwhile(|job, _, _| delete("Job", job));
    let id = job.as_str().unwrap();
    assert!(studio.query(&format!("Job where id is {id}")).is_empty());
    for id in &announced {
        let found = studio.query(&format!("Component where id is {id}"));
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(get(&studio, "get", id, &[]).status, 404);
    }
    let sources = studio.query("Component where name is source");
    assert_eq!(sources.len(), 2);
}

#[test]
fn a_version_that_is_deleted_while_its_media_is_encoded_fails_the_job() {
    let (studio, announced, job) =
        delete_meanwhile(|_, _, version| delete("AssetVersion", version));
    let (job, data) = finished(&studio, &job);
    assert_eq!(job["status"], "failed");
    let message = data["message"].as_str().unwrap();
    assert!(
        message.ends_with("they were deleted meanwhile"),
        "{message}"
    );
    for id in &announced {
        assert_eq!(get(&studio, "get", id, &[]).status, 404);
    }
}
