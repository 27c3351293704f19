//! "Locations": the tutorial, and configuring locations.
//!
//! `cargo run -p ftrack --example locations` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack::location::{DiskAccessor, IdStructure};
use ftrack::prelude::*;
use ftrack::{LocationConfiguration, LocationKind, symbol};

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, builder, connect, folder, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let (_folder, path) = folder()?;
    let file = |name: &str| {
        let path = format!("{path}/{name}");
        fs::write(&path, name).map(|()| path)
    };

    // Created like any other entity, or only if there is none of that name.
    session.create("Location", values! { "name": "my.location" })?;
    session.commit()?;
    let location =
        Location::try_from(session.ensure("Location", values! { "name": "my.location" }, &[])?)?;
    for known in session.locations()? {
        println!("{}", known.name()?);
    }

    // To manage data it has to be configured, for this session: how it is reached, where in it data goes, and how early
    // it is picked.
    location.set_accessor(DiskAccessor::in_folder(format!("{path}/storage"))?.create_prefix(true));
    location.set_structure(IdStructure::new());
    location.set_priority(30);
    assert_eq!(session.pick_location()?.as_ref(), Some(&location));

    // Picked, named, or none at all.
    let picked = session.create_component(file("a.txt")?, values! {}, LocationChoice::Auto)?;
    let named = session.create_component(file("b.txt")?, values! {}, &location)?;
    let nowhere = session.create_component(file("c.txt")?, values! {}, LocationChoice::None)?;
    let copy = location.filesystem_path(&picked)?;
    assert_eq!(fs::read_to_string(copy)?, "a.txt");

    // From one location to another, and out again.
    location.add_component(&nowhere, session.location("ftrack.origin")?)?;
    location.remove_component(&named)?;
    for (component, percentage) in [(&nowhere, 100.0), (&named, 0.0)] {
        let available = session.component_availability(component, None)?;
        assert_eq!(available.get(&location.id()), Some(&percentage));
    }

    configured_by_a_plugin(&server, &path)
}

/// A plugin configures locations of every session that it is registered with, and hears what is added to them.
fn configured_by_a_plugin(server: &ftrack_server::RunningServer, path: &str) -> Outcome {
    let added = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&added);
    let plugin = move |session: &Session| {
        let hub = session.event_hub();
        hub.subscribe("topic=ftrack.api.session.configure-location", |event| {
            let session = event.attachment::<Session>("session").ok_or("no session")?;
            let location = session.location("my.location")?;
            location.set_kind(LocationKind::Unmanaged);
            location.set_accessor(DiskAccessor::without_prefix());
            location.set_structure(ftrack::location::OriginStructure);
            location.set_priority(50);
            Ok(None)
        })?;
        let counter = Arc::clone(&counter);
        let topic = format!("topic={}", symbol::COMPONENT_ADDED_TO_LOCATION_TOPIC);
        hub.subscribe(&topic, move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        })?;
        Ok(())
    };
    let session = builder(server).plugin(plugin).connect()?;
    let location = session.location("my.location")?;
    let component = session.create_component(format!("{path}/a.txt"), values! {}, &location)?;
    // Nothing was copied: the location only knows where the file is.
    let known = location.filesystem_path(&component)?;
    assert_eq!(known, std::path::Path::new(path).join("a.txt"));
    println!("{} component(s) were added", added.load(Ordering::Relaxed));

    // Without a plugin, the builder does it.
    let configuration = LocationConfiguration::new()
        .accessor(DiskAccessor::in_folder(format!("{path}/storage"))?.create_prefix(true))
        .structure(IdStructure::new());
    let session = builder(server)
        .location("my.location", configuration)
        .connect()?;
    let location = session.location("my.location")?;
    assert!(location.accessor().is_some());
    Ok(())
}
