//! `encode_media`: makes what browsers can show of an image or a video, in the background.

use serde_json::{Value as Json, json};

use super::Work;
use super::operation::Operation;
use crate::media;
use crate::request_error::RequestError;

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let source = operation.text("component_id")?;
    // Whoever gets to see what is made of it gets to see the source.
    work.batch.own_view().changeable("Component", source)?;
    let keep_original = keep_original(operation)?;
    let version = operation.optional_text("version_id")?;
    if let Some(version) = version {
        work.batch.own_view().changeable("AssetVersion", version)?;
    }
    let wanted = media::Wanted {
        source,
        version,
        keep_original,
    };
    let (batch, requested) = (&mut *work.batch, &mut work.media);
    let job = media::request(work.engine, work.caller, batch, wanted, requested)?;
    out.extend_from_slice(json!({ "job_id": job }).to_string().as_bytes());
    Ok(())
}

fn keep_original(operation: &Operation<'_>) -> Result<bool, RequestError> {
    match operation.get("keep_original") {
        None => Ok(true),
        Some(Json::Bool(keep)) => Ok(*keep),
        Some(_) => Err(operation.wrong("keep_original", "true or false")),
    }
}
