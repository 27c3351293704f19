//! Conditions alone that are given together with other parts of a query.

use pest::Parser;

use super::grammar::{Grammar, Rule};
use super::span_of;
use crate::error::ParseError;
use crate::scan::MAX_LENGTH;
use crate::span::Span;

/// What makes a whole query of conditions. The name is that of no type.
const FRONT: &str = "_ where ";

/// Says of a text that is not a filter which part of it belongs to a query, if one does.
pub(super) fn explain(text: &str) -> Option<ParseError> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    if Grammar::parse(Rule::query_text, text).is_ok() {
        let message = "this is a whole query; a filter is what stands behind its `where`";
        return Some(ParseError::at(text, Span::new(0, text.len()), message));
    }
    let query = format!("{FRONT}{text}");
    let mut clauses = Grammar::parse(Rule::query_text, &query).ok()?;
    let (clause, name) = clauses.find_map(|pair| {
        let name = match pair.as_rule() {
            Rule::group_clause => "group by",
            Rule::order_clause => "order by",
            Rule::offset_clause => "offset",
            Rule::limit_clause => "limit",
            _ => return None,
        };
        Some((span_of(&pair), name))
    })?;
    let place = Span::new(clause.start - FRONT.len(), clause.end - FRONT.len());
    let message = format!("`{name}` belongs to a query and not to its conditions");
    Some(ParseError::at(text, place, message))
}
