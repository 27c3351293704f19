//! "Using entity links": what depends on what.
//!
//! `cargo run -p ftrack --example entity_links` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let shot = session.query("Shot where name is \"010\" and parent.name is harbour");
    let shot = shot.one()?;
    let links = shot.collection("incoming_links")?.entities()?;
    for link in &links {
        let (from, to): (String, String) = (link.get("from.name")?, link.get("to.name")?);
        println!("{from} is needed by {to}");
        assert_eq!(link.get::<Entity>("to")?, shot);
    }
    assert!(!links.is_empty());

    // Versions are linked by an entity of its own, or by putting one into a collection of the other.
    let asset = session.query("Asset").first()?.ok_or("there is no asset")?;
    let new_version = || session.create("AssetVersion", values! { "asset": &asset });
    let (model, rig, shading) = (new_version()?, new_version()?, new_version()?);
    session.commit()?;
    session.create(
        "AssetVersionLink",
        values! { "from": &model, "to": &shading },
    )?;
    rig.collection("uses_versions")?.push(&model)?;
    session.commit()?;

    let other = connect(&server)?;
    let model = other.get("AssetVersion", model.id())?.ok_or("it is gone")?;
    let users = model.collection("used_in_versions")?;
    for version in &users.entities()? {
        println!("{version:?} is using {model:?}");
    }
    assert!(users.contains(&rig) && users.contains(&shading));
    assert_eq!(model.collection("outgoing_links")?.len(), 2);
    Ok(())
}
