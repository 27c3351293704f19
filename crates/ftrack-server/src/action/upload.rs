//! `get_upload_metadata`, `complete_multipart_upload`, `generate_signed_url`: where files go to and come from.

use serde_json::{Value as Json, json};

use super::Work;
use super::operation::Operation;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::files::{PART_LIMIT, Part, Upload, content_type};
use crate::refusal::Refusal;
use crate::value::Value;

pub(super) fn metadata(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let component_id = component_id(work, operation)?;
    let file_name = operation.text("file_name")?;
    let checksum = operation.optional_text("checksum")?;
    let parts = parts(operation)?;
    let upload = Upload::new(component_id.to_owned(), checksum.map(str::to_owned), parts);
    let token = work.engine.files.announce(upload);
    let url = format!("{}/upload/{token}", work.engine.url());
    let answer = match parts {
        Some(parts) => json!({
            "component_id": component_id,
            "upload_id": token,
            "urls": (1..=parts)
                .map(|number| json!({"part_number": number, "signed_url": format!("{url}/{number}")}))
                .collect::<Vec<_>>(),
        }),
        None => json!({
            "url": url,
            "component_id": component_id,
            "headers": headers(file_name, operation.get("file_size"), checksum),
        }),
    };
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}

/// The component that an operation names, for callers who may have it. It may not exist yet.
fn component_id<'j>(work: &Work<'_, '_>, operation: &Operation<'j>) -> Result<&'j str, Refusal> {
    let id = operation.text("component_id")?;
    let store = work.batch.view().store;
    if let Some(row) = store.find_named("Component", &Value::text(id)) {
        work.batch.refuse_writing(row)?;
    }
    Ok(id)
}

fn parts(operation: &Operation<'_>) -> Result<Option<u32>, Refusal> {
    let Some(parts) = operation.get("parts") else {
        return Ok(None);
    };
    let parts = parts.as_u64().and_then(|parts| u32::try_from(parts).ok());
    match parts {
        Some(parts) if (1..=PART_LIMIT).contains(&parts) => Ok(Some(parts)),
        _ => Err(operation.wrong("parts", "a number from 1 to 10000")),
    }
}

/// The headers that the client has to send along with the data.
fn headers(file_name: &str, size: Option<&Json>, checksum: Option<&str>) -> Json {
    let mut headers = json!({ "Content-Type": content_type(file_name) });
    if let Some(size) = size.and_then(Json::as_u64) {
        headers["Content-Length"] = json!(size.to_string());
    }
    if let Some(checksum) = checksum {
        headers["Content-MD5"] = json!(checksum);
    }
    headers
}

/// Puts parts together: before the batch takes effect, for it may take long.
pub(super) fn join(
    engine: &Engine,
    caller: &Caller,
    operation: &Operation<'_>,
) -> Result<(), Refusal> {
    let mut parts = Vec::new();
    for part in operation.list("parts")? {
        let number = part["part_number"]
            .as_u64()
            .and_then(|number| u32::try_from(number).ok());
        let tag = part["e_tag"].as_str();
        match (number, tag) {
            (Some(number), Some(tag)) => parts.push(Part {
                number,
                tag: tag.to_owned(),
            }),
            _ => return Err(operation.wrong("parts", "a list of part_number and e_tag")),
        }
    }
    let component_id = operation.text("component_id")?;
    engine.read_as(caller, |view| view.refuse_component(component_id))?;
    let upload_id = operation.text("upload_id")?;
    let upload = engine.files.upload(upload_id);
    if upload.is_some_and(|upload| upload.component_id != component_id) {
        return Err(Refusal::validation(
            "the upload belongs to another component",
        ));
    }
    engine.files.complete(upload_id, &parts).map(|_| ())
}

pub(super) fn completed(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let component_id = operation.text("component_id")?;
    let answer = json!({
        "action": "complete_multipart_upload",
        "component_id": component_id,
        "url": download_url(work.engine, component_id),
    });
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}

pub(super) fn signed_url(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let component_id = component_id(work, operation)?;
    let answer = json!({ "signed_url": download_url(work.engine, component_id) });
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}

fn download_url(engine: &Engine, component_id: &str) -> String {
    engine.links().file(component_id)
}
