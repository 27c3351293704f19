//! `encode_media`: makes what browsers can show of an image or a video, in the background.

use serde_json::{Map, Value as Json, json};

use super::Work;
use super::operation::Operation;
use crate::caller::{Caller, Tokens};
use crate::media::kind::Kind;
use crate::media::queue::{JOB_TYPE, Task};
use crate::refusal::Refusal;
use crate::store::RowRef;
use crate::value::Value;

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let source = operation.text("component_id")?;
    let component = find(work, "Component", source)?;
    // Whoever gets to see what is made of it gets to see the source.
    work.batch.refuse_writing(component)?;
    let keep_original = keep_original(operation)?;
    let version = operation.optional_text("version_id")?;
    if let Some(version) = version {
        let version = find(work, "AssetVersion", version)?;
        work.batch.refuse_writing(version)?;
    }
    // A file that is not there, or that is no media, makes the job fail, not the request.
    let kind = Kind::of(&work.engine.files.path(source)).unwrap_or(Kind::Other);
    let task = Task {
        job: uuid::Uuid::new_v4().to_string(),
        source: source.to_owned(),
        version: version.map(str::to_owned),
        keep_original,
        outputs: kind.outputs(),
        caller: Caller {
            tokens: Tokens::default(),
            ..work.caller.clone()
        },
    };
    work.batch.create("Job", &job(&task))?;
    out.extend_from_slice(json!({ "job_id": task.job }).to_string().as_bytes());
    work.media.push(task);
    Ok(())
}

fn find(work: &Work<'_, '_>, family: &str, id: &str) -> Result<RowRef, Refusal> {
    let store = work.batch.view().store;
    let row = store.find_named(family, &Value::text(id));
    row.ok_or_else(|| Refusal::not_found(format!("there is no {family} with key {id}")))
}

fn keep_original(operation: &Operation<'_>) -> Result<bool, Refusal> {
    match operation.get("keep_original") {
        None => Ok(true),
        Some(Json::Bool(keep)) => Ok(*keep),
        Some(_) => Err(operation.wrong("keep_original", "true or false")),
    }
}

fn job(task: &Task) -> Map<String, Json> {
    let entries = [
        ("id", json!(task.job)),
        ("type", json!(JOB_TYPE)),
        ("status", json!("queued")),
        ("data", json!(task.data(&task.outputs, None))),
    ];
    entries
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
