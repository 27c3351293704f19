//! A recipe: an importer that makes the sequences, shots and tasks of an edit list, and can be run again.
//!
//! `cargo run -p ftrack --example importer` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::collections::HashMap;

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

/// What the editors deliver: sequence, shot, first and last frame.
const EDIT: &str = "\
    lighthouse,0010,1001,1120
    lighthouse,0020,1001,1048
    reef,0010,1001,1200
";

/// Adds what is not there yet, all in one transaction, and gives back how many shots that were.
fn import(
    session: &Session,
    project: &Entity,
    edit: &str,
) -> Result<usize, Box<dyn std::error::Error>> {
    // A unit of its own: what is done here is committed together, and nothing else with it.
    let unit = session.begin();
    let project = unit.attach(project)?;
    let schema: Entity = project.get("project_schema")?;
    let kind = schema
        .types("Task")?
        .into_iter()
        .next()
        .ok_or("the project has no types of tasks")?;
    let status = schema.statuses("Task", Some(&kind.id()))?;
    let status = status.into_iter().next().ok_or("tasks have no statuses")?;

    // What is there, in two requests, however long the list is.
    let of_project = |entity_type: &str| {
        let query = Query::from(entity_type).select(["name", "parent_id"]);
        query.filter(attr("project_id").is(project.id()))
    };
    let mut sequences = HashMap::new();
    for sequence in unit.query(of_project("Sequence")) {
        let sequence = sequence?;
        sequences.insert(sequence.get::<String>("name")?, sequence);
    }
    let mut shots = HashMap::new();
    for shot in unit.query(of_project("Shot")) {
        let shot = shot?;
        shots.insert(
            (
                shot.get::<String>("parent_id")?,
                shot.get::<String>("name")?,
            ),
            shot,
        );
    }

    let mut added = 0;
    for (number, line) in (1..).zip(edit.lines().map(str::trim).filter(|line| !line.is_empty())) {
        let [sequence, shot, first, last] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("line {number}: {line:?} has not four fields").into());
        };
        let (first, last): (i64, i64) = (first.parse()?, last.parse()?);
        if !sequences.contains_key(sequence) {
            let values = values! { "name": sequence, "parent": &project };
            sequences.insert(sequence.to_owned(), unit.create("Sequence", values)?);
        }
        let parent = &sequences[sequence];
        if shots.contains_key(&(parent.id(), shot.to_owned())) {
            continue;
        }
        let shot = unit.create("Shot", values! { "name": shot, "parent": parent })?;
        let frames = shot.custom_attributes()?;
        frames.set("fstart", first)?;
        frames.set("fend", last)?;
        let values =
            values! { "name": "layout", "parent": &shot, "type": &kind, "status": &status };
        unit.create("Task", values)?;
        added += 1;
    }
    // Before anything is sent, it can be looked at.
    for change in unit.pending().changes() {
        println!("{change}");
    }
    unit.commit()?;
    Ok(added)
}

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let project = session.query("Project where name is last_lantern").one()?;
    assert_eq!(import(&session, &project, EDIT)?, 3);
    // A second time there is nothing to do.
    assert_eq!(import(&session, &project, EDIT)?, 0);

    let shot = session
        .query("Shot where name is 0020 and parent.name is lighthouse")
        .one()?;
    assert_eq!(shot.get::<i64>("custom_attributes.fend")?, 1048);
    Ok(())
}
