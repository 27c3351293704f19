//! "Working with user security roles": who may see and do what, where.
//!
//! `cargo run -p ftrack --example security_roles` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    for role in session.query("select name from SecurityRole where type is \"PROJECT\"") {
        println!("{}", role?.get::<String>("name")?);
    }
    let query = "UserSecurityRole where user.username is";
    let own = session.query(format!("{query} \"{}\"", session.api_user()));
    assert!(!own.all()?.is_empty());

    let manager = session.query("SecurityRole where name is \"Project Manager\"");
    let manager = manager.one()?;
    let everywhere = session.create("User", values! { "username": "everywhere" })?;
    session.create(
        "UserSecurityRole",
        values! { "is_all_projects": true, "user": &everywhere, "security_role": &manager },
    )?;

    // Or on certain projects only, each by a row of its own.
    let somewhere = session.create("User", values! { "username": "somewhere" })?;
    let values = values! { "user": &somewhere, "security_role": &manager };
    let role = session.create("UserSecurityRole", values)?;
    for name in ["last_lantern", "dev_tutorial"] {
        let query = Query::from("Project").filter(attr("name").is(name));
        let project = session.query(query).one()?;
        let values = values! { "user_security_role": &role, "project": &project };
        session.create("UserSecurityRoleProject", values)?;
    }
    session.commit()?;

    let other = connect(&server)?;
    let mut found = Vec::new();
    for user in [&everywhere, &somewhere] {
        let user = other.get("User", user.id())?.ok_or("the user is gone")?;
        for role in &user.collection("user_security_roles")?.entities()? {
            let projects = if role.get::<Option<bool>>("is_all_projects")? == Some(true) {
                "all projects".to_owned()
            } else {
                let rows = role.collection("user_security_role_projects")?.entities()?;
                let names: Result<Vec<String>> = rows
                    .iter()
                    .map(|row| row.get("project.full_name"))
                    .collect();
                names?.join(", ")
            };
            let role: String = role.get("security_role.name")?;
            found.push(format!("{role}: valid on {projects}"));
        }
    }
    println!("{}", found.join("\n"));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], "Project Manager: valid on all projects");
    assert!(found[1].contains("The Last Lantern"), "{found:?}");
    Ok(())
}
