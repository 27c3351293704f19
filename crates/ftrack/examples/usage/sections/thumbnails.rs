//! "Working with thumbnails".

use std::fs;

use ftrack::prelude::*;

use super::{Outcome, PICTURE, connect, folder, start};

pub(super) fn run() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let (_folder, path) = folder()?;
    let image = format!("{path}/image.png");
    fs::write(&image, PICTURE)?;

    // A component in the server's location can be the thumbnail of anything that has one.
    let version = session.query("AssetVersion").first()?.ok_or("no version")?;
    let server_location = session.location("ftrack.server")?;
    let picture =
        session.create_component(&image, values! { "name": "thumbnail" }, &server_location)?;
    version.set("thumbnail", &picture)?;
    session.commit()?;

    // The same for what the asset belongs to.
    let parent: Entity = version.get("asset.parent")?;
    parent.set("thumbnail_id", version.get::<String>("thumbnail_id")?)?;
    session.commit()?;

    let other = connect(&server)?;
    let found = other
        .get(parent.entity_type(), parent.id())?
        .ok_or("it is gone")?;
    assert_eq!(found.get::<Entity>("thumbnail")?.id(), picture.id());
    println!("{} shows {:?}", found.get::<String>("name")?, picture);
    Ok(())
}
