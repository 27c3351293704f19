//! "Using review sessions": what a client is shown, and who is invited.
//!
//! `cargo run -p ftrack --example review_sessions` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let project = session.query("Project where name is last_lantern").one()?;

    // They are found by a query, or on their project.
    let query = session.query("ReviewSession where name is \"Weekly review\"");
    let weekly = query.one()?;
    let review_sessions = project.collection("review_sessions")?;
    assert!(review_sessions.contains(&weekly));

    let review = session.create(
        "ReviewSession",
        values! {
            "name": "Final review",
            "description": "See updates from last week.",
            "project": &project,
        },
    )?;
    let version = session.query("AssetVersion").first()?.ok_or("no version")?;
    let object = session.create(
        "ReviewSessionObject",
        values! {
            "name": "Compositing",
            "description": "Fixed shadows.",
            "version": "Version 3",
            "review_session": &review,
            "asset_version": &version,
        },
    )?;
    let john = review.add_invitee("John Doe", "john.doe@example.com")?;
    let jane = review.add_invitee("Jane Doe", "jane.doe@example.com")?;
    session.commit()?;

    let objects = review.collection("review_session_objects")?;
    assert_eq!(objects.entities()?, [object]);
    for invitee in &review.collection("review_session_invitees")?.entities()? {
        println!("invited: {}", invitee.get::<String>("name")?);
    }
    session.send_review_session_invite(&john)?;
    session.send_review_session_invites(&[john.clone(), jane.clone()])?;

    session.delete(&john)?;
    session.commit()?;
    let other = connect(&server)?;
    let review = other
        .get("ReviewSession", review.id())?
        .ok_or("it is gone")?;
    let left = review.collection("review_session_invitees")?;
    assert_eq!(left.identities(), [jane.identity().clone()]);
    Ok(())
}
