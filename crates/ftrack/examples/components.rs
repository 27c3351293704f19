//! "Working with components": files, sequences and containers, published by one session and found by another.
//!
//! `cargo run -p ftrack --example components` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;

use ftrack::location::{DiskAccessor, StandardStructure};
use ftrack::prelude::*;
use ftrack::{AddOptions, LocationConfiguration};

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, builder, folder, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let (_folder, path) = folder()?;
    fs::write(format!("{path}/scene.ma"), "a scene")?;
    for frame in [1001, 1002, 1003, 1007] {
        fs::write(
            format!("{path}/plate.{frame}.exr"),
            format!("frame {frame}"),
        )?;
    }
    let storage = || -> ftrack::Result<LocationConfiguration> {
        let accessor = DiskAccessor::in_folder(format!("{path}/storage"))?.create_prefix(true);
        Ok(LocationConfiguration::new()
            .accessor(accessor)
            .structure(StandardStructure::new()))
    };
    let maker = builder(&server).connect()?;
    maker.create("Location", values! { "name": "studio.storage" })?;
    maker.commit()?;

    let session = builder(&server)
        .location("studio.storage", storage()?)
        .connect()?;
    let location = session.location("studio.storage")?;
    let version = session
        .query("AssetVersion")
        .first()?
        .ok_or("there is no version")?;

    // A file, and a sequence with a gap.
    let scene = version.create_component_in(
        format!("{path}/scene.ma"),
        values! { "name": "scene" },
        &location,
    )?;
    let plate = version.create_component_in(
        format!("{path}/plate.%04d.exr [1001-1003, 1007]"),
        values! { "name": "plate" },
        &location,
    )?;
    assert_eq!(plate.collection("members")?.len(), 4);

    // A container of components, which go to the location together.
    let delivery = session.create(
        "ContainerComponent",
        values! { "name": "delivery", "version": &version },
    )?;
    let read_me = values! { "name": "read_me", "container": &delivery };
    session.create_component(
        format!("{path}/scene.ma"),
        read_me,
        ftrack::LocationChoice::None,
    )?;
    session.commit()?;
    let origin = session.location("ftrack.origin")?;
    location.add_components(&[delivery], [&origin], &AddOptions::new())?;

    // Somebody else finds them.
    let other = builder(&server)
        .location("studio.storage", storage()?)
        .connect()?;
    let location = other.location("studio.storage")?;
    for component in [&scene, &plate] {
        let found = other
            .get(component.entity_type(), component.id())?
            .ok_or("it is gone")?;
        assert_eq!(found.availability(None)?.get(&location.id()), Some(&100.0));
        println!("{}", location.filesystem_path(&found)?.display());
    }
    let plate = other
        .get("SequenceComponent", plate.id())?
        .ok_or("it is gone")?;
    let frames = plate.collection("members")?.entities()?;
    for (frame, path) in frames.iter().zip(location.filesystem_paths(&frames)?) {
        let expected = format!("frame {}", frame.get::<String>("name")?);
        assert_eq!(fs::read_to_string(path)?, expected);
    }
    Ok(())
}
