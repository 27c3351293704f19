//! "Working with assignments and allocations": who is in the team, and who does what.
//!
//! `cargo run -p ftrack --example assignments` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::collections::HashSet;

use ftrack::prelude::*;
use serde_json::Value as Json;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let project = session.query("Project where name is last_lantern").one()?;
    let group = session.query("Group where name is Animation").one()?;
    let values = values! { "context": &project, "resource": &group, "type": "allocation" };
    session.create("Appointment", values)?;
    session.commit()?;

    // A resource is a user, or a group with members.
    let mut team = HashSet::new();
    for allocation in &project.collection("allocations")?.entities()? {
        let resource: Entity = allocation.get("resource")?;
        if resource.entity_type() == "Group" {
            for membership in &resource.collection("memberships")?.entities()? {
                team.insert(membership.get::<Entity>("user")?);
            }
        } else {
            team.insert(resource);
        }
    }
    let john = session.query("User where username is john").one()?;
    assert!(team.contains(&john));
    println!("{} people in the team", team.len());

    // The current user gets a task.
    let task = session.query("Task where name is lighting").first()?;
    let task = task.ok_or("there is no task")?;
    let query = Query::from("User").filter(attr("username").is(session.api_user()));
    let current_user = session.query(query).one()?;
    let values = values! { "context": &task, "resource": &current_user, "type": "assignment" };
    session.create("Appointment", values)?;
    session.commit()?;

    let query = "select first_name, last_name from User where assignments any";
    let users = session.query(format!("{query} (context_id = \"{}\")", task.id()));
    let users = users.all()?;
    for user in &users {
        let (first, last): (String, String) = (user.get("first_name")?, user.get("last_name")?);
        println!("{first} {last}");
    }
    assert!(users.contains(&current_user));

    let query = "select link from Task where assignments any";
    let query = format!("{query} (resource.username = \"{}\")", session.api_user());
    let mut paths = Vec::new();
    for task in session.query(query) {
        let link: Json = task?.get("link")?;
        let steps = link.as_array().into_iter().flatten();
        let names: Vec<&str> = steps.filter_map(|step| step["name"].as_str()).collect();
        paths.push(names.join(" / "));
    }
    println!("{}", paths.join("\n"));
    assert!(paths.iter().any(|path| path.ends_with(" / lighting")));
    Ok(())
}
