//! "Using link attributes": the way from the project down, in one value.
//!
//! `cargo run -p ftrack --example link_attributes` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;
use serde_json::Value as Json;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let task = session.query("select link from Task where name is lighting");
    let task = task.first()?.ok_or("there is no task")?;

    // Each step has an id, a name and a type.
    let link: Json = task.get("link")?;
    let steps = link.as_array().ok_or("a link is a list")?;
    println!("{}", path(&link));
    let mut entities = Vec::new();
    for step in steps {
        let (kind, id) = (step["type"].as_str(), step["id"].as_str());
        let (kind, id) = (kind.ok_or("no type")?, id.ok_or("no id")?);
        entities.push(session.get(kind, id)?.ok_or("the step is not there")?);
    }
    assert_eq!(entities.last(), Some(&task));
    assert_eq!(entities.first().map(Entity::entity_type), Some("Project"));

    // It spares one request for each parent, here for everything that a user has logged.
    let project = session.query("Project where name is last_lantern").one()?;
    let user = session.query("User where username is \"john.doe\"").one()?;
    let values =
        values! { "user": &user, "context": &task, "start": chrono::Utc::now(), "duration": 3600 };
    session.create("Timelog", values)?;
    session.commit()?;
    let query =
        "select context.link, start, duration from Timelog where user.username is \"john.doe\"";
    let timelogs = session.query(query).all()?;
    let trace = session.trace();
    for timelog in &timelogs {
        let path = path(&timelog.get::<Json>("context.link")?);
        println!("{path}: {} s", timelog.get::<f64>("duration")?);
    }
    assert!(!timelogs.is_empty() && trace.request_count() == 0);

    // Versions have one as well.
    let query = "select link from AssetVersion where asset.parent.project.id is";
    let versions = session
        .query(format!("{query} \"{}\"", project.id()))
        .all()?;
    assert!(!versions.is_empty());
    assert!(path(&versions[0].get::<Json>("link")?).contains(" / "));
    Ok(())
}

/// The names along a link.
fn path(link: &Json) -> String {
    let names = link.as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(|step| step["name"].as_str()).collect();
    names.join(" / ")
}
