//! Puts the clauses of a query together.

use pest::iterators::Pair;

use super::{Rule, filter, span_of};
use crate::error::ParseError;
use crate::path::Path;
use crate::query::{OrderKey, QueryTree};

pub(super) fn read<'a>(
    text: &str,
    pairs: impl Iterator<Item = Pair<'a, Rule>>,
) -> Result<QueryTree, ParseError> {
    let mut tree = QueryTree::default();
    for pair in pairs {
        if pair.as_rule() == Rule::filter {
            tree.filter = Some(filter::read(text, pair.into_inner())?);
        } else {
            add_clause(text, &mut tree, pair)?;
        }
    }
    Ok(tree)
}

/// Adds any clause but the filter.
pub(super) fn add_clause(
    text: &str,
    tree: &mut QueryTree,
    clause: Pair<'_, Rule>,
) -> Result<(), ParseError> {
    match clause.as_rule() {
        Rule::select_clause => tree.projections = Some(paths(clause)),
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
