//! Jobs that the last run of the server did not finish.

use serde_json::{Map, Value as Json, json};

use super::STOPPED;
use crate::budget::Budget;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::media_queue::JOB_TYPE;
use crate::store::Size;
use crate::value::Value;
use crate::write::Batch;

/// Ends the jobs that the last run of the server did not get done.
pub(super) fn give_up(engine: &Engine) {
    let unfinished: Vec<(String, Json)> = engine.read(|view| {
        let jobs = view.store.rows_with("Job", "type", &Value::text(JOB_TYPE));
        jobs.into_iter()
            .map(|job| (job, view.store.named(job, "status").to_text()))
            .filter(|(_, status)| status == "queued" || status == "running")
            .map(|(job, _)| {
                let data = view.store.named(job, "data").to_text();
                (
                    view.store.id(job).to_text(),
                    serde_json::from_str(&data).unwrap_or_default(),
                )
            })
            .collect()
    });
    for (job, mut data) in unfinished {
        if let Json::Object(data) = &mut data {
            data.insert("output".to_owned(), json!([]));
            data.insert("message".to_owned(), json!(STOPPED));
        }
        let failed = json!({"status": "failed", "data": data.to_string()});
        let written = engine.write(
            &Caller::server(),
            &Budget::unlimited(),
            Size::Small,
            |batch| {
                for component in without_file(batch, &job) {
                    batch.delete("Component", Some(&json!([component])))?;
                }
                batch.update("Job", Some(&json!([job])), &object(failed))?;
                batch.finish()?;
                Ok(((), Vec::new()))
            },
        );
        if let Err(error) = written {
            tracing::warn!(job, message = error.message, "an unfinished job stays");
        }
    }
}

/// The components of a job that are in no location: announced, and never made. What the data of the job says does not
/// count, as clients may write it.
fn without_file(batch: &Batch<'_>, job: &str) -> Vec<String> {
    let store = batch.view().store;
    let links = store.rows_with("JobComponent", "job_id", &Value::text(job));
    let components = links
        .into_iter()
        .map(|link| store.named(link, "component_id").clone());
    components
        .filter(|component| {
            store.find_named("Component", component).is_some()
                && store
                    .rows_with("ComponentLocation", "component_id", component)
                    .is_empty()
        })
        .map(|component| component.to_text())
        .collect()
}

/// The values of an object; none of anything else.
pub(super) fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}
