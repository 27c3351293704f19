//! "Using scopes": what belongs to which office.
//!
//! `cargo run -p ftrack --example scopes` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let in_london = "select name, parent.name from Task where scopes.name is \"London\"";
    let tasks = session.query(in_london).all()?;
    for task in &tasks {
        let (shot, name): (String, String) = (task.get("parent.name")?, task.get("name")?);
        println!("{shot}/{name}");
    }

    let task = tasks.first().ok_or("nobody works in London")?;
    let scope = session.query("Scope where name is \"London\"").one()?;
    let scopes = task.collection("scopes")?;
    if scopes.contains(&scope) {
        scopes.remove(&scope)?;
    } else {
        scopes.push(&scope)?;
    }
    session.commit()?;
    let other = connect(&server)?;
    assert_eq!(other.query(in_london).all()?.len(), tasks.len() - 1);

    scopes.push(&scope)?;
    session.commit()?;
    assert_eq!(other.query(in_london).all()?.len(), tasks.len());
    Ok(())
}
