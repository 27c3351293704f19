//! `query`: the entities that an expression asks for.

use ftrack_query::Query;

use super::operation::Operation;
use crate::answer::{Encoder, Projection};
use crate::caller::AnswerOptions;
use crate::read::{Compiler, Page, View, check, groups, page};
use crate::request_error::{RequestError, RequestErrorKind};

/// Writes the answer; gives back how many entities were looked at for it.
pub(super) fn answer(
    view: View<'_>,
    operation: &Operation<'_>,
    options: AnswerOptions,
    out: &mut Vec<u8>,
) -> Result<u64, RequestError> {
    let query = parse(view, operation.text("expression")?)?;
    if !query.group_by().is_empty() {
        return answer_groups(view, &query, options, out);
    }
    let projection = Projection::from_query(Compiler { view }, &query)?;
    let page = page(view, &query)?;
    write(view, "query", &projection, &page, options, out)?;
    Ok(page.examined)
}

/// Writes rows of groups. Like a real server it wants to be asked in strict mode.
fn answer_groups(
    view: View<'_>,
    query: &Query,
    options: AnswerOptions,
    out: &mut Vec<u8>,
) -> Result<u64, RequestError> {
    if !options.strict {
        return Err(RequestError::validation(
            "a query with group by needs strict mode: send the header ftrack-strict-api: true",
        ));
    }
    let groups = groups(view, query)?;
    out.extend_from_slice(b"{\"action\":\"query\",\"data\":");
    groups.write(out);
    write_next(groups.next_offset, out);
    Ok(groups.examined)
}

/// Reads an expression that is within the bounds.
pub(super) fn parse(view: View<'_>, expression: &str) -> Result<Query, RequestError> {
    let query = Query::parse(expression).map_err(|error| {
        RequestError::new(
            RequestErrorKind::Parse,
            format!("Failed to parse: {expression}: {error}"),
        )
    })?;
    check(&query, view.budget.limits())?;
    Ok(query)
}

/// Ends an answer with where the next page starts.
fn write_next(offset: Option<u64>, out: &mut Vec<u8>) {
    let next = offset.map_or_else(|| "null".to_owned(), |offset| offset.to_string());
    out.extend_from_slice(format!(",\"metadata\":{{\"next\":{{\"offset\":{next}}}}}}}").as_bytes());
}

/// Writes a page of results.
///
/// # Errors
/// An answer beyond the bounds.
pub(super) fn write(
    view: View<'_>,
    action: &str,
    projection: &Projection,
    page: &Page,
    options: AnswerOptions,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    out.extend_from_slice(format!("{{\"action\":\"{action}\",\"data\":").as_bytes());
    Encoder::new(view, projection, options.denormalize).list(&page.handles, out);
    write_next(page.next_offset, out);
    view.budget.check()
}
