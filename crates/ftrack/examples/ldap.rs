//! "Sync users with LDAP": an action of the server that has no method of its own.
//!
//! `cargo run -p ftrack --example ldap` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use serde_json::json;

use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let request = json!({"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"});
    let answers = session.call(&[request])?;
    let id = answers[0]["data"]["id"].as_str().ok_or("there is no job")?;

    // The job tells how it went.
    let job = session.get("Job", id)?.ok_or("the job is gone")?;
    let status: String = job.get("status")?;
    println!("{status}: {}", job.job_data()?);
    assert!(["queued", "running", "done", "failed"].contains(&status.as_str()));
    Ok(())
}
