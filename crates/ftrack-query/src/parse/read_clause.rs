//! Reads the clauses of a query, but for its filter.

use pest::iterators::Pair;

use super::{Rule, span_of};
use crate::aggregate::{Aggregate, AggregateFunction};
use crate::error::ParseError;
use crate::path::Path;
use crate::query::{OrderKey, QueryTree};
use crate::validate;

/// Functions, groups and attributes have to go together.
pub(super) fn check_grouping(text: &str, tree: &QueryTree) -> Result<(), ParseError> {
    validate::grouping(tree).map_err(|(span, error)| ParseError::at(text, span, error.to_string()))
}

/// Adds any clause but the filter.
pub(super) fn add_clause(
    text: &str,
    tree: &mut QueryTree,
    clause: Pair<'_, Rule>,
) -> Result<(), ParseError> {
    match clause.as_rule() {
        Rule::select_clause => select(tree, clause),
        Rule::group_clause => tree.group = paths(clause),
        Rule::type_name => {
            tree.entity_type_span = span_of(&clause);
            clause.as_str().clone_into(&mut tree.entity_type);
        }
        Rule::order_clause => tree.order = order(clause),
        Rule::offset_clause => count(text, &mut tree.offset, &clause, "offset")?,
        Rule::limit_clause => count(text, &mut tree.limit, &clause, "limit")?,
        _ => {}
    }
    Ok(())
}

pub(super) fn path(pair: &Pair<'_, Rule>) -> Path {
    Path::split(pair.as_str(), pair.as_span().start())
}

fn select(tree: &mut QueryTree, clause: Pair<'_, Rule>) {
    for pair in clause.into_inner() {
        match pair.as_rule() {
            Rule::path => tree.projections.get_or_insert_default().push(path(&pair)),
            Rule::aggregate => tree.aggregates.push(aggregate(&pair)),
            _ => {}
        }
    }
}

fn aggregate(pair: &Pair<'_, Rule>) -> Aggregate {
    let name = pair.as_str().split('(').next().unwrap_or_default();
    let function = AggregateFunction::from_spelling(name.trim_ascii_end());
    let mut parts = pair.clone().into_inner();
    let attribute = parts.find(|part| part.as_rule() == Rule::path);
    let attribute = attribute.as_ref().map(path).unwrap_or_default();
    Aggregate::read(function, attribute, span_of(pair))
}

fn paths(clause: Pair<'_, Rule>) -> Vec<Path> {
    clause
        .into_inner()
        .filter(|pair| pair.as_rule() == Rule::path)
        .map(|pair| path(&pair))
        .collect()
}

fn order(clause: Pair<'_, Rule>) -> Vec<OrderKey> {
    let keys = clause
        .into_inner()
        .filter(|pair| pair.as_rule() == Rule::order_key);
    keys.map(|key| {
        let mut parts = key.into_inner();
        let path = parts.next().as_ref().map(path).unwrap_or_default();
        // `desc` and `descending`, in any case.
        let descending = parts
            .next()
            .is_some_and(|word| word.as_str().starts_with(['d', 'D']));
        OrderKey { path, descending }
    })
    .collect()
}

fn count(
    text: &str,
    value: &mut Option<u64>,
    clause: &Pair<'_, Rule>,
    name: &str,
) -> Result<(), ParseError> {
    if value.is_some() {
        return Err(ParseError::at(
            text,
            span_of(clause),
            format!("`{name}` is given twice"),
        ));
    }
    let Some(digits) = clause
        .clone()
        .into_inner()
        .find(|pair| pair.as_rule() == Rule::count)
    else {
        return Ok(());
    };
    let parsed = digits.as_str().parse().map_err(|_| {
        let message = format!("the number of `{name}` is too large");
        ParseError::at(text, span_of(&digits), message)
    })?;
    *value = Some(parsed);
    Ok(())
}
