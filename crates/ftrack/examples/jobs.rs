//! "Managing jobs": long work that users can watch in the web interface.
//!
//! `cargo run -p ftrack --example jobs` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use ftrack::prelude::*;
use serde_json::json;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let user = session.query("User where username is jane").one()?;

    let plain = session.create("Job", values! { "user": &user, "status": "running" })?;
    let data = json!({"description": "My custom job description."});
    let described = session.create_job(&user, "running", &data)?;
    session.commit()?;

    // When the work has finished, the job is done.
    plain.set("status", "done")?;
    described.set("status", "failed")?;
    session.commit()?;

    let other = connect(&server)?;
    for job in other.query("select data from Job where status is failed") {
        println!("failed: {}", job?.job_data()?["description"]);
    }
    let found = other.get("Job", described.id())?.ok_or("it is gone")?;
    assert_eq!(found.job_data()?, data);
    let found = other.get("Job", plain.id())?.ok_or("it is gone")?;
    assert_eq!(found.get::<String>("status")?, "done");

    // Jobs of other types are the server's own.
    let refused = session.create(
        "Job",
        values! { "type": "encode_media", "status": "queued" },
    );
    assert!(refused.is_err_and(|error| error.is(ErrorKind::InvalidArgument)));
    Ok(())
}
