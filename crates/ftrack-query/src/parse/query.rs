//! Puts the clauses of a query together.

use pest::iterators::Pair;

use super::read_clause::{add_clause, check_grouping};
use super::{Rule, filter};
use crate::error::ParseError;
use crate::query::QueryTree;

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
    check_grouping(text, &tree)?;
    Ok(tree)
}
