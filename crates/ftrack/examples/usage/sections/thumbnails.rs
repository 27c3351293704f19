//! "Working with thumbnails": the part that needs no files, one entity's thumbnail on another.

use ftrack::prelude::*;

use super::{Outcome, connect, start};

pub(super) fn run() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let version = session.query("AssetVersion").first()?.ok_or("no version")?;
    // A component stands for a picture; its data would be in the server's location.
    let values = values! { "name": "thumbnail", "file_type": ".jpg" };
    let picture = session.create("FileComponent", values)?;
    version.set("thumbnail", &picture)?;
    session.commit()?;

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
