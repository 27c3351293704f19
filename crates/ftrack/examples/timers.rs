//! "Using timers": how long a user has been working on something.
//!
//! `cargo run -p ftrack --example timers` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let user = session.query("User where username is jane").one()?;
    let task = session.query("Task where name is lighting").first()?;
    let task = task.ok_or("there is no task")?;

    user.start_timer(Some(&task), TimerOptions::new())?;
    let timelog = user.stop_timer()?;
    println!("worked for {} s", timelog.get::<f64>("duration")?);
    assert_eq!(timelog.get::<String>("context_id")?, task.id());

    // A second timer needs force, which makes a timelog of the first.
    user.start_timer(Some(&task), TimerOptions::new().comment("first"))?;
    let second = user.start_timer(Some(&task), TimerOptions::new());
    assert!(second.is_err_and(|error| error.is(ErrorKind::NotUnique)));
    user.start_timer(Some(&task), TimerOptions::new().force(true))?;
    session.query("Timelog where comment is first").one()?;
    user.stop_timer()?;

    let nothing = user.stop_timer();
    assert!(nothing.is_err_and(|error| error.is(ErrorKind::NoResultFound)));
    Ok(())
}
