//! `compute_rollups`: sums over everything below a context.

use serde_json::{Value as Json, json};

use super::operation::Operation;
use crate::read::{Handle, View};
use crate::request_error::RequestError;

pub(super) fn answer(
    view: View<'_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
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

fn rollup(view: View<'_>, id: &str) -> Result<Json, RequestError> {
    let row = view.seen("Context", id)?;
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
    view.budget.spend_on(2 * below.len());
    view.budget.check()?;
    Ok(json!({
        "id": id,
        "descendants": below.len(),
        "bid": sum("bid"),
        "time_logged": sum("time_logged"),
    }))
}
