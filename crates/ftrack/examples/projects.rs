//! "Working with projects": a project with sequences, shots and tasks, in one transaction.
//!
//! `cargo run -p ftrack --example projects` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;

    // The first project schema will do here; its projects must have shots and sequences.
    let schema = session.query("ProjectSchema").first()?;
    let schema = schema.ok_or("there is no project schema")?;
    let name = format!("project_{}", Key::random());
    let full_name = format!("{name}_full");
    let values = values! { "name": &name, "full_name": full_name, "project_schema": &schema };
    let project = session.create("Project", values)?;

    // Types and statuses depend on the project schema.
    let first = |found: Vec<Entity>| found.into_iter().next().ok_or("the workflow is empty");
    let shot_status = first(schema.statuses("Shot", None)?)?;
    let task_type = first(schema.types("Task")?)?;
    let task_status = first(schema.statuses("Task", Some(&task_type.id()))?)?;

    for sequence_number in 1..=4 {
        let name = format!("seq_{sequence_number}");
        let sequence = session.create("Sequence", values! { "name": name, "parent": &project })?;
        for shot_number in 1..=4 {
            let name = format!("{:03}", shot_number * 10);
            let values = values! { "name": name, "parent": &sequence, "status": &shot_status };
            let shot = session.create("Shot", values)?;
            for task_number in 1..=4 {
                let values = values! {
                    "name": format!("task_{task_number}"),
                    "parent": &shot,
                    "status": &task_status,
                    "type": &task_type,
                };
                session.create("Task", values)?;
            }
        }
    }
    let trace = session.trace();
    let committed = session.commit()?;
    println!("{} operations in one transaction", committed.operations);
    assert_eq!(trace.request_count(), 1);

    let other = connect(&server)?;
    let found = other.query(format!("Task where project.name is \"{name}\""));
    assert_eq!(found.all()?.len(), 4 * 4 * 4);
    Ok(())
}
