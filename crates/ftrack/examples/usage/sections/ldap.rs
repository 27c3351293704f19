//! "Sync users with LDAP": an action of the server that has no method of its own.

use serde_json::json;

use ftrack::prelude::*;

use super::{Outcome, connect, start};

pub(super) fn run() -> Outcome {
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
