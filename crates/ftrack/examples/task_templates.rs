//! "Working with Task Templates": tasks that come in sets.
//!
//! `cargo run -p ftrack --example task_templates` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let project = session.query("Project where name is dev_tutorial").one()?;
    let schema: Entity = project.get("project_schema")?;
    let templates = schema.collection("task_templates")?.entities()?;
    for template in &templates {
        println!("task template: {}", template.get::<String>("name")?);
        for item in &template.collection("items")?.entities()? {
            println!("    task type: {}", item.get::<String>("task_type.name")?);
        }
    }

    // Applying a template makes its tasks, here right under the project.
    let template = templates.first().ok_or("there is no task template")?;
    let items = template.collection("items")?.entities()?;
    let mut names = Vec::new();
    for item in &items {
        let task_type: Entity = item.get("task_type")?;
        let name: String = task_type.get("name")?;
        let values = values! { "name": &name, "type": &task_type, "parent": &project };
        session.create("Task", values)?;
        names.push(name);
    }
    session.commit()?;

    let other = connect(&server)?;
    let query = format!(
        "select name, type.name from Task where parent_id is \"{}\"",
        project.id()
    );
    let tasks = other.query(query).all()?;
    assert_eq!(tasks.len(), names.len());
    for task in tasks {
        assert_eq!(
            task.get::<String>("name")?,
            task.get::<String>("type.name")?
        );
    }
    Ok(())
}
