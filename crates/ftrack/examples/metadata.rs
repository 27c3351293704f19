//! "Using metadata": values by key on nearly any entity.
//!
//! `cargo run -p ftrack --example metadata` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let project = session.query("Project where name is dev_tutorial").one()?;
    let values = values! { "name": "with_metadata", "parent": &project };
    let sequence = session.create("Sequence", values)?;

    let metadata = sequence.metadata()?;
    metadata.set("frame_padding", "4")?;
    metadata.set("focal_length", "70")?;
    session.commit()?;
    assert_eq!(metadata.keys()?.len(), 2);
    for (key, value) in metadata.items()? {
        println!("{key}: {value:?}");
    }
    assert_eq!(metadata.get::<String>("frame_padding")?, "4");

    // One value is changed, and then all are replaced.
    metadata.set("frame_padding", "5")?;
    metadata.replace(values! { "frame_padding": "4" })?;
    session.commit()?;

    let other = connect(&server)?;
    let query = "Sequence where metadata any (key is \"frame_padding\" and value is \"4\")";
    let found = other.query(query).all()?;
    let found = found.iter().find(|found| **found == sequence);
    let found = found.ok_or("it was not found by its metadata")?;
    assert_eq!(found.metadata()?.keys()?, ["frame_padding"]);
    Ok(())
}
