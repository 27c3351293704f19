//! `pipeline SEQUENCE SHOT…` makes shots with their tasks.
#![allow(clippy::print_stdout, reason = "a command for a terminal")]

use ftrack::prelude::*;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let sequence = arguments.next().ok_or("usage: pipeline SEQUENCE SHOT…")?;
    let session = Session::from_env()?;
    let sequence = Query::from("Sequence").filter(attr("name").is(sequence));
    let sequence = session.query(sequence).one()?;
    for name in arguments {
        let shot = pipeline::ensure_shot(&session, &sequence, &name)?;
        println!("{name}: {}", shot.id());
    }
    Ok(())
}
