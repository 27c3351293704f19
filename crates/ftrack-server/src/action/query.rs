//! `query`: the entities that an expression asks for.

use ftrack_query::Query;

use super::operation::Operation;
use crate::answer::{Encoder, Projection};
use crate::caller::Wishes;
use crate::read::{Compiler, Page, View, page};
use crate::refusal::{Refusal, RefusalKind};

/// Writes the answer; gives back how many entities were looked at for it.
pub(super) fn answer(
    view: View<'_>,
    operation: &Operation<'_>,
    wishes: Wishes,
    out: &mut Vec<u8>,
) -> Result<u64, Refusal> {
    let query = parse(operation.text("expression")?)?;
    let projection = Projection::of_query(Compiler { view }, &query)?;
    let page = page(view, &query)?;
    write(view, "query", &projection, &page, wishes, out);
    Ok(page.examined)
}

/// Reads an expression.
pub(super) fn parse(expression: &str) -> Result<Query, Refusal> {
    Query::parse(expression).map_err(|error| {
        Refusal::new(
            RefusalKind::Parse,
            format!("cannot understand \"{expression}\": {error}"),
        )
    })
}

/// Writes a page of results.
pub(super) fn write(
    view: View<'_>,
    action: &str,
    projection: &Projection,
    page: &Page,
    wishes: Wishes,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(format!("{{\"action\":\"{action}\",\"data\":").as_bytes());
    Encoder::new(view, projection, wishes.denormalize).list(&page.handles, out);
    let next = page
        .next_offset
        .map_or_else(|| "null".to_owned(), |offset| offset.to_string());
    out.extend_from_slice(format!(",\"metadata\":{{\"next\":{{\"offset\":{next}}}}}}}").as_bytes());
}
