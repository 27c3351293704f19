//! A recipe: a publisher that makes a version with an image sequence and a thumbnail, or nothing at all.
//!
//! `cargo run -p ftrack --example publisher` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;
use std::path::Path;

use ftrack::LocationConfiguration;
use ftrack::location::{DiskAccessor, StandardStructure};
use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, PICTURE, builder, connect, folder, start};

/// What is published: files of one render.
struct Render<'a> {
    /// The frames, as `beauty.%04d.exr [1001-1010]`.
    frames: &'a str,
    thumbnail: &'a Path,
    comment: &'a str,
}

/// Publishes a render as the next version of the shot's asset `name`.
fn publish(session: &Session, task: &Entity, name: &str, render: &Render<'_>) -> Result<Entity> {
    let unit = session.begin();
    let task = unit.attach(task)?;
    let shot: Entity = task.get("parent")?;
    let kind = unit
        .query("AssetType where name is \"Image Sequence\"")
        .one()?;
    let asset = values! { "name": name, "parent": &shot, "type": &kind };
    let asset = unit.ensure("Asset", asset, &["name", "parent"])?;
    let values = values! { "asset": &asset, "task": &task, "comment": render.comment };
    let version = unit.create("AssetVersion", values)?;
    // The server numbers versions, and the number is part of the path, so the version comes first.
    unit.commit()?;

    // The files are copied, and the component is registered when all of them have arrived. If a frame is missing or the
    // disk is full, what was copied is removed again, and here the version too: nobody finds one without files.
    let main = version.create_component_in(
        render.frames,
        values! { "name": "main" },
        LocationChoice::Auto,
    );
    if let Err(error) = main {
        version.delete()?;
        unit.commit()?;
        return Err(error);
    }
    version.create_thumbnail(render.thumbnail, values! {})?;
    Ok(version)
}

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let (_folder, path) = folder()?;
    for frame in 1001..=1010 {
        fs::write(format!("{path}/beauty.{frame}.exr"), "pixels")?;
    }
    let thumbnail = Path::new(&path).join("beauty.png");
    fs::write(&thumbnail, PICTURE)?;

    // In a studio the storage scenario or a plugin configures the location.
    connect(&server)?.ensure("Location", values! { "name": "studio.london" }, &[])?;
    let london = LocationConfiguration::new()
        .accessor(DiskAccessor::in_folder(format!("{path}/storage"))?.create_prefix(true))
        .structure(StandardStructure::new())
        .priority(10);
    let session = builder(&server)
        .location("studio.london", london)
        .connect()?;

    let task = session
        .query("Task where name is lighting")
        .first()?
        .ok_or("there is no task")?;
    let frames = format!("{path}/beauty.%04d.exr [1001-1010]");
    let render = Render {
        frames: &frames,
        thumbnail: &thumbnail,
        comment: "Less fog",
    };
    let version = publish(&session, &task, "beauty", &render)?;
    println!("published version {}", version.get::<i64>("version")?);

    // A render of which a frame is missing is not published.
    let short = format!("{path}/beauty.%04d.exr [1001-1011]");
    match publish(
        &session,
        &task,
        "beauty",
        &Render {
            frames: &short,
            ..render
        },
    ) {
        Ok(_) => return Err("a frame is missing, and nobody minds".into()),
        Err(error) => println!("refused: {error}"),
    }

    // Anybody finds it.
    let other = connect(&server)?;
    let versions = other
        .query("AssetVersion where asset.name is beauty")
        .all()?;
    assert_eq!(versions.len(), 1);
    let main = other
        .query(format!(
            "SequenceComponent where version_id is \"{}\" and name is main",
            version.id()
        ))
        .one()?;
    assert_eq!(main.collection("members")?.len(), 10);
    let session = session.begin();
    let location = session.location("studio.london")?;
    let path = location.filesystem_path(&session.attach(&main)?)?;
    println!("{}", path.display());
    Ok(())
}
