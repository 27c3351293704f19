//! "Using lists": versions or tasks that belong together in a way of their own.
//!
//! `cargo run -p ftrack --example lists` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let user = session.query("User where username is jane").one()?;
    let project = session.query("Project where name is last_lantern").one()?;
    let category = session.query("ListCategory where name is Dailies").one()?;
    let version = session.query("AssetVersion").first()?.ok_or("no version")?;
    let task = session.query("Task").first()?.ok_or("no task")?;

    let new_list = |kind, name| {
        let values =
            values! { "name": name, "owner": &user, "project": &project, "category": &category };
        session.create(kind, values)
    };
    let versions = new_list("AssetVersionList", "For today")?;
    let tasks = new_list("TypedContextList", "Urgent")?;
    versions.collection("items")?.push(&version)?;
    tasks.collection("items")?.push(&task)?;
    session.commit()?;

    let other = connect(&server)?;
    for list in other.query("select name, items from TypedContextList") {
        let list = list?;
        let count = list.collection("items")?.len();
        println!("{}: {count}", list.get::<String>("name")?);
    }
    let found = other
        .get("AssetVersionList", versions.id())?
        .ok_or("it is gone")?;
    assert_eq!(
        found.collection("items")?.identities(),
        [version.identity().clone()]
    );
    assert_eq!(found.get::<String>("owner.username")?, "jane");

    versions.collection("items")?.remove(&version)?;
    tasks.collection("items")?.remove(&task)?;
    session.commit()?;
    let another = connect(&server)?;
    let found = another
        .get("TypedContextList", tasks.id())?
        .ok_or("it is gone")?;
    assert!(found.collection("items")?.is_empty());
    assert!(another.get("Task", task.id())?.is_some());
    Ok(())
}
