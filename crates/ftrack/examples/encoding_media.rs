//! "Encoding media": the server makes what browsers can show.
//!
//! `cargo run -p ftrack --example encoding_media` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;
use std::time::{Duration, Instant};

use ftrack::prelude::*;
use ftrack_server::RunningServer;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, PICTURE, connect, folder, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let (_folder, path) = folder()?;
    let image = format!("{path}/image.png");
    fs::write(&image, PICTURE)?;

    // A file is sent to the server first, and the job says what becomes of it.
    let job = session.encode_media(image.as_str())?;
    let data = job.job_data()?;
    println!(
        "source: {}, kept: {}",
        data["source_component_id"], data["keep_original"]
    );
    for output in data["output"].as_array().into_iter().flatten() {
        println!("{}: {}", output["component_id"], output["format"]);
    }

    // Of a version: what is made belongs to it, and a picture is its thumbnail.
    let version = session
        .query("AssetVersion")
        .first()?
        .ok_or("there is no version")?;
    let job = version.encode_media(image.as_str())?;
    wait_for(&server, &job)?;
    let other = connect(&server)?;
    let location = other.location("ftrack.server")?;
    let outputs = other.query(format!(
        "select component from JobComponent where job_id is \"{}\"",
        job.id()
    ));
    let outputs = outputs.all()?;
    assert!(!outputs.is_empty());
    for output in outputs {
        let component: Entity = output.get("component")?;
        // The address has the API key in it, so it is not for logs.
        assert!(location.url(&component)?.starts_with(server.url()));
    }
    let found = other
        .get("AssetVersion", version.id())?
        .ok_or("it is gone")?;
    assert!(found.get::<Option<String>>("thumbnail_id")?.is_some());

    // A component of another location goes to the server's location first.
    let component =
        session.create_component(&image, values! { "name": "image" }, LocationChoice::None)?;
    session.commit()?;
    let origin = session.location("ftrack.origin")?;
    session
        .location("ftrack.server")?
        .add_component(&component, origin)?;
    let job = session.encode_media(&component)?;
    assert_eq!(job.job_data()?["source_component_id"], component.id());
    Ok(())
}

/// Asks for the state of the job until it is done. A program that listens to events need not ask.
fn wait_for(server: &RunningServer, job: &Entity) -> Outcome {
    let session = Session::builder()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .connect()?;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        let job = session
            .query(format!(
                "select status from Job where id is \"{}\"",
                job.id()
            ))
            .one()?;
        match job.get::<String>("status")?.as_str() {
            "done" => return Ok(()),
            "failed" => return Err("the media was not encoded".into()),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
    Err("the media was not encoded in a minute".into())
}
