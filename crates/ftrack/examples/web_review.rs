//! "Publishing for web review": media that is encoded already.
//!
//! `cargo run -p ftrack --example web_review` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;

use ftrack::prelude::*;
use serde_json::json;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, PICTURE, connect, folder, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let (_folder, path) = folder()?;
    fs::write(format!("{path}/clip.mp4"), "a video")?;
    fs::write(format!("{path}/still.png"), PICTURE)?;
    let version = session
        .query("AssetVersion")
        .first()?
        .ok_or("there is no version")?;
    let server_location = session.location("ftrack.server")?;

    // The names say what the components are, and the metadata how to play them.
    for (file, name, ftr_meta) in [
        (
            "clip.mp4",
            "ftrackreview-mp4",
            json!({"frameIn": 0, "frameOut": 150, "frameRate": 25}),
        ),
        (
            "still.png",
            "ftrackreview-image",
            json!({"format": "image"}),
        ),
    ] {
        let values = values! { "name": name };
        let component =
            version.create_component_in(format!("{path}/{file}"), values, &server_location)?;
        component
            .metadata()?
            .set("ftr_meta", ftr_meta.to_string())?;
        session.commit()?;
        // This address has the API key in it: it is for programs, not for logs.
        assert!(server_location.url(&component)?.starts_with(server.url()));
    }

    let other = connect(&server)?;
    let query = format!(
        "select name from Component where version_id is \"{}\" and name like \"ftrackreview-%\"",
        version.id()
    );
    let media = other.query(query).all()?;
    assert_eq!(media.len(), 2);
    for component in media {
        let ftr_meta: Option<String> = component.metadata()?.get("ftr_meta")?;
        println!(
            "{}: {}",
            component.get::<String>("name")?,
            ftr_meta.unwrap_or_default()
        );
    }
    Ok(())
}
