//! `delayed_job`: work that a real server does later; here it is done when it is answered.

use serde_json::{Map, json};

use super::operation::Operation;
use super::{Reply, Work};
use crate::request_error::RequestError;

const JOBS: [&str; 1] = ["SYNC_USERS_LDAP"];

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
) -> Result<Reply, RequestError> {
    let job_type = operation.text("job_type")?;
    if !JOBS.contains(&job_type) {
        return Err(RequestError::validation(format!(
            "there is no delayed job {job_type}"
        )));
    }
    tracing::info!(job_type, "a delayed job has nothing to do here");
    let mut data = Map::new();
    let description = json!({"description": "Synchronise users with LDAP"}).to_string();
    data.insert("type".to_owned(), json!("api_job"));
    data.insert("status".to_owned(), json!("done"));
    data.insert("data".to_owned(), json!(description));
    let written = work.batch.create("Job", &data)?;
    Ok(Reply::Entity {
        action: "delayed_job",
        written,
    })
}
