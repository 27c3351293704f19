//! "Using custom attributes": values by key, as the studio has configured them.
//!
//! `cargo run -p ftrack --example custom_attributes` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let task = session.query("Task where name is lighting").first()?;
    let task = task.ok_or("there is no task")?;

    let custom_attributes = task.custom_attributes()?;
    for (key, value) in custom_attributes.items()? {
        println!("{key}: {value:?}");
    }
    custom_attributes.set("my_text_field", "bar")?;
    session.commit()?;
    assert_eq!(custom_attributes.get::<String>("my_text_field")?, "bar");

    let other = connect(&server)?;
    let query = "Task where custom_attributes any (key is \"my_text_field\" and value is \"bar\")";
    assert_eq!(other.query(query).one()?.id(), task.id());

    // A new entity can have them before it is committed.
    let values = values! { "name": "polish", "parent": task.get::<Entity>("parent")? };
    let polish = session.create("Task", values)?;
    polish.custom_attributes()?.set("my_text_field", "new")?;
    session.commit()?;
    let found = other.get("Task", polish.id())?.ok_or("it is gone")?;
    let value: String = found.custom_attributes()?.get("my_text_field")?;
    assert_eq!(value, "new");

    // The server checks values against the configuration; keys are checked here.
    let shot: Entity = task.get("parent")?;
    shot.custom_attributes()?.set("fstart", "test")?;
    let refused = session.commit();
    session.rollback();
    let message = refused
        .err()
        .ok_or("text is not a frame number")?
        .to_string();
    println!("{message}");
    assert!(message.contains("must be of type number"), "{message}");
    let unknown = shot.custom_attributes()?.set("no_such_key", 1);
    assert!(unknown.is_err_and(|error| error.is(ErrorKind::NotFound)));
    Ok(())
}
