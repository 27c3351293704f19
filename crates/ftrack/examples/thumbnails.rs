//! "Working with thumbnails".
//!
//! `cargo run -p ftrack --example thumbnails` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, PICTURE, connect, folder, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let (_folder, path) = folder()?;
    let image = format!("{path}/image.png");
    fs::write(&image, PICTURE)?;

    // Anything that has a picture can be given one.
    let version = session.query("AssetVersion").first()?.ok_or("no version")?;
    let picture = version.create_thumbnail(&image, values! {})?;

    // The same by hand: a component in the server's location.
    let task: Entity = version.get("task")?;
    let server_location = session.location("ftrack.server")?;
    let by_hand =
        session.create_component(&image, values! { "name": "thumbnail" }, &server_location)?;
    task.set("thumbnail", &by_hand)?;
    session.commit()?;

    // That of a version for what its asset belongs to.
    let parent: Entity = version.get("asset.parent")?;
    parent.set("thumbnail_id", version.get::<String>("thumbnail_id")?)?;
    session.commit()?;

    // Addresses to show it by, in a size. They have the API key in them, so they are not for logs.
    for size in [None, Some(100), Some(500)] {
        let address = server_location.thumbnail_url(&picture, size)?;
        assert!(address.starts_with(server.url()));
    }

    let other = connect(&server)?;
    for (entity, picture) in [(&parent, &picture), (&task, &by_hand)] {
        let found = other.get(entity.entity_type(), entity.id())?;
        let found = found.ok_or("it is gone")?;
        assert_eq!(found.get::<Entity>("thumbnail")?.id(), picture.id());
        println!("{} shows {picture:?}", found.get::<String>("name")?);
    }
    Ok(())
}
