//! `compute_rollups`: sums over everything below a context.

use serde_json::{Value as Json, json};

use super::operation::Operation;
use crate::read::{Handle, View};
use crate::refusal::Refusal;
use crate::value::Value;

pub(super) fn answer(
    view: View<'_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut rollups = Vec::new();
    for id in operation.list("ids")? {
        let id = id
            .as_str()
            .ok_or_else(|| operation.wrong("ids", "a list of ids"))?;
        rollups.push(rollup(view, id)?);
    }
    out.extend_from_slice(
        json!({"action": "compute_rollups", "data": rollups})
            .to_string()
            .as_bytes(),
    );
    Ok(())
}

fn rollup(view: View<'_>, id: &str) -> Result<Json, Refusal> {
    let row = view
        .store
        .find_named("Context", &Value::text(id))
        .filter(|row| view.may_read(Handle::Row(*row)))
        .ok_or_else(|| Refusal::not_found(format!("there is no Context with key {id}")))?;
    let typed = view
        .store
        .catalog()
        .find("TypedContext")
        .map(|info| info.id);
    let below = typed
        .map(|typed| view.descendants(row, typed))
        .unwrap_or_default();
    let sum = |name: &str| -> f64 {
        std::iter::once(row)
            .chain(below.iter().copied())
            .filter_map(|row| view.named(Handle::Row(row), name).as_number())
            .sum()
    };
    Ok(json!({
        "id": id,
        "descendants": below.len(),
        "bid": sum("bid"),
        "time_logged": sum("time_logged"),
    }))
}
