//! `get_upload_metadata`, `complete_multipart_upload`, `generate_signed_url`: where files go to and come from.
//!
//! Of our own is that a client may name an upload in parts that it announced before (`upload_id`): it gets addresses
//! for the same upload, and hears which parts arrived. One that is not known, or of another file, begins a new upload.

use serde_json::{Value as Json, json};

use super::Work;
use super::operation::Operation;
use crate::budget::Budget;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::files::{Joined, PART_LIMIT, Part, Upload, content_type};
use crate::request_error::RequestError;
use crate::value::Value;

pub(super) fn metadata(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let component_id = component_id(work, operation)?;
    let file_name = operation.text("file_name")?;
    let checksum = operation.optional_text("checksum")?;
    let parts = parts(operation)?;
    let mut upload = Upload::new(
        component_id.to_owned(),
        checksum.map(str::to_owned),
        parts,
        operation.get("file_size").and_then(Json::as_u64),
        work.caller.grant,
    );
    // Clients may send the file first, and make the component when that went well.
    let id = Value::text(component_id);
    let store = work.batch.view().store;
    let is_there = store.find_named("Component", &id).is_some();
    upload.is_there = is_there;
    let known = operation
        .optional_text("upload_id")?
        .filter(|_| parts.is_some());
    let again = known.and_then(|token| {
        let arrived = work.engine.files.announce_again(token, &upload)?;
        Some((token.to_owned(), arrived))
    });
    let (token, arrived) = match again {
        Some((token, arrived)) => (token, Some(arrived)),
        None => (work.engine.files.announce(upload), None),
    };
    let url = format!(
        "{}/upload/{token}",
        work.engine.links_for(work.caller).url()
    );
    let answer = match parts {
        Some(parts) => in_parts(component_id, &token, &url, parts, arrived),
        None => json!({
            "url": url,
            "component_id": component_id,
            "headers": headers(file_name, operation.get("file_size"), checksum),
        }),
    };
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}

/// Where each part goes; with what arrived, for a client that takes an upload up again.
fn in_parts(
    component_id: &str,
    token: &str,
    url: &str,
    parts: u32,
    arrived: Option<Vec<(u32, String)>>,
) -> Json {
    let urls = (1..=parts)
        .map(|number| json!({"part_number": number, "signed_url": format!("{url}/{number}")}));
    let mut answer = json!({
        "component_id": component_id,
        "upload_id": token,
        "urls": urls.collect::<Vec<_>>(),
    });
    if let Some(arrived) = arrived {
        let parts = arrived.into_iter();
        answer["parts"] = parts
            .map(|(number, tag)| json!({"part_number": number, "e_tag": tag}))
            .collect();
    }
    answer
}

/// The component that an operation names, for callers who may change it.
fn component_id<'j>(
    work: &Work<'_, '_>,
    operation: &Operation<'j>,
) -> Result<&'j str, RequestError> {
    let id = operation.text("component_id")?;
    let view = work.batch.own_view();
    view.refuse_component(id, true)?;
    Ok(id)
}

fn parts(operation: &Operation<'_>) -> Result<Option<u32>, RequestError> {
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

/// Puts parts together before the batch, for it may take long; the file takes its place when the batch is stored.
pub(super) fn join(
    engine: &Engine,
    caller: &Caller,
    operation: &Operation<'_>,
) -> Result<Joined, RequestError> {
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
    engine.read_as(caller, &Budget::unlimited(), |view| {
        view.refuse_component(component_id, true)
    })?;
    let upload_id = operation.text("upload_id")?;
    let upload = engine.files.upload(upload_id);
    if upload.is_some_and(|upload| upload.component_id != component_id) {
        return Err(RequestError::validation(
            "the upload belongs to another component",
        ));
    }
    engine.files.join(upload_id, &parts)
}

pub(super) fn completed(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let component_id = component_id(work, operation)?;
    let answer = json!({
        "action": "complete_multipart_upload",
        "component_id": component_id,
        "url": work.batch.view().links.file(component_id),
    });
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}

pub(super) fn signed_url(
    work: &Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let component_id = operation.text("component_id")?;
    work.batch
        .own_view()
        .refuse_component(component_id, false)?;
    let answer = json!({ "signed_url": work.batch.view().links.file(component_id) });
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}
