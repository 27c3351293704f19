//! "Publishing versions".
//!
//! `cargo run -p ftrack --example publishing_versions` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;

use ftrack::location::{DiskAccessor, StandardStructure};
use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, folder, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let task = session.query("Task where name is lighting").first()?;
    let task = task.ok_or("there is no task")?;

    // The asset belongs to the parent of the task; the version names the task.
    let parent: Entity = task.get("parent")?;
    let kind = session
        .query("AssetType where name is \"Geometry\"")
        .one()?;
    let values = values! { "name": "My asset", "type": &kind, "parent": &parent };
    let asset = session.create("Asset", values)?;
    let first = session.create("AssetVersion", values! { "asset": &asset, "task": &task })?;
    session.commit()?;
    let second = session.create("AssetVersion", values! { "asset": &asset, "task": &task })?;
    session.commit()?;

    // The server numbers versions.
    assert_eq!(first.get::<i64>("version")?, 1);
    assert_eq!(second.get::<i64>("version")?, 2);
    // Files become components: in the location that is picked, or in one that is named.
    let (_folder, path) = folder()?;
    for name in ["file.mov", "another-file.mov"] {
        fs::write(format!("{path}/{name}"), name)?;
    }
    let location = session.ensure("Location", values! { "name": "my-location" }, &[])?;
    let location = Location::try_from(location)?;
    location.set_accessor(DiskAccessor::in_folder(format!("{path}/storage"))?.create_prefix(true));
    location.set_structure(StandardStructure::new());
    location.set_priority(20);
    let values = values! { "name": "movie" };
    let movie =
        second.create_component_in(format!("{path}/file.mov"), values, LocationChoice::Auto)?;
    let values = values! { "name": "foobar" };
    let foobar =
        second.create_component_in(format!("{path}/another-file.mov"), values, &location)?;
    for (component, name) in [(&movie, "movie.mov"), (&foobar, "foobar.mov")] {
        let identifier = location.resource_identifier(component)?;
        assert!(
            identifier.ends_with(&format!("my_asset/v002/{name}")),
            "{identifier}"
        );
    }

    let other = connect(&server)?;
    let query = format!(
        "select version, task.name from AssetVersion where asset_id is \"{}\"",
        asset.id()
    );
    for version in other.query(query) {
        let version = version?;
        let (number, task): (i64, String) = (version.get("version")?, version.get("task.name")?);
        println!("version {number}, made by {task}");
        assert_eq!(task, "lighting");
    }
    let asset = other.get("Asset", asset.id())?.ok_or("it is gone")?;
    assert_eq!(asset.get::<i64>("latest_version.version")?, 2);
    Ok(())
}
