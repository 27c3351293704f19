//! `reset_remote`: gives a user a new API key.

use serde_json::json;

use super::Work;
use super::operation::Operation;
use crate::credentials::{HashedKey, generate_key};
use crate::refusal::{Refusal, RefusalKind};
use crate::value::Value;

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let kind = operation.text("reset_type")?;
    if kind != "api_key" {
        return Err(Refusal::validation(format!(
            "nothing is known how to reset {kind}"
        )));
    }
    let entity_type = operation.text("entity_type")?;
    if entity_type != "User" {
        return Err(Refusal::validation(format!("{entity_type} has no API key")));
    }
    let id = match operation.get("entity_key") {
        Some(serde_json::Value::Array(parts)) => parts.first().and_then(serde_json::Value::as_str),
        Some(key) => key.as_str(),
        None => None,
    };
    let id = Value::text(id.ok_or_else(|| operation.wrong("entity_key", "an id"))?);
    let view = work.batch.view();
    if view.store.find_named("User", &id).is_none() {
        return Err(Refusal::not_found(format!(
            "there is no User with key {}",
            id.to_text()
        )));
    }
    // Whoever may do everything may do this.
    let may_reset = id == work.caller.id || work.batch.reader().is_none();
    if !may_reset {
        return Err(Refusal::new(
            RefusalKind::Permission,
            "you may only reset an API key of your own",
        ));
    }
    let key = generate_key();
    work.keys.push((id.to_text(), HashedKey::new(&key)));
    let answer = json!({"action": "reset_remote", "data": {"api_key": key}});
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}
