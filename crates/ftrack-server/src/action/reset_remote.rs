//! `reset_remote`: gives a user a new API key.

use serde_json::json;

use super::Work;
use super::operation::Operation;
use crate::credentials::{NewKey, generate_key};
use crate::request_error::RequestError;
use crate::value::Value;

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    let kind = operation.text("reset_type")?;
    if kind != "api_key" {
        return Err(RequestError::validation(format!(
            "nothing is known how to reset {kind}"
        )));
    }
    let entity_type = operation.text("entity_type")?;
    if entity_type != "User" {
        return Err(RequestError::validation(format!(
            "{entity_type} has no API key"
        )));
    }
    let id = match operation.get("entity_key") {
        Some(serde_json::Value::Array(parts)) => parts.first().and_then(serde_json::Value::as_str),
        Some(key) => key.as_str(),
        None => None,
    };
    let id = Value::text(id.ok_or_else(|| operation.wrong("entity_key", "an id"))?);
    work.batch.own_view().seen("User", &id.to_text())?;
    if id != work.caller.id {
        work.batch.refuse_administration()?;
    }
    let key = generate_key();
    let answer = json!({"action": "reset_remote", "data": {"api_key": key}});
    work.keys.push(NewKey::new(id.to_text(), key));
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}
