//! Finds what a builder was given that no text can say.

use crate::display::needs_parentheses;
use crate::error::BuildError;
use crate::filter::{Filter, InList};
use crate::literal::Literal;
use crate::path::Path;
use crate::query::QueryTree;
use crate::scan::MAX_DEPTH;
use crate::text::is_type_name;

impl Filter {
    /// Whether the filter can be written as text that reads back as the same filter.
    ///
    /// What [`Filter::parse`] answers always can. [`QueryBuilder::build`](crate::QueryBuilder::build)
    /// asks this of its filters.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be written: an invalid path, a number that is not
    /// finite, too many levels, or a chain without conditions.
    ///
    /// ```
    /// use ftrack_query::{BuildError, attr};
    ///
    /// let filter = attr("id is 1 or name").is("x");
    /// assert!(matches!(filter.validate(), Err(BuildError::InvalidPath { .. })));
    /// ```
    pub fn validate(&self) -> Result<(), BuildError> {
        filter(self, 0)
    }
}

pub(crate) fn query(tree: &QueryTree, depth: usize) -> Result<(), BuildError> {
    if !is_type_name(&tree.entity_type) {
        return Err(BuildError::InvalidTypeName {
            name: tree.entity_type.clone(),
        });
    }
    tree.projections.iter().flatten().try_for_each(path)?;
    tree.order.iter().try_for_each(|key| path(&key.path))?;
    tree.filter.iter().try_for_each(|part| filter(part, depth))
}

/// Levels are counted as the scan of the printed text counts them.
fn filter(part: &Filter, depth: usize) -> Result<(), BuildError> {
    if depth > MAX_DEPTH {
        return Err(BuildError::TooDeep);
    }
    match part {
        Filter::And(parts) | Filter::Or(parts) => {
            if parts.is_empty() {
                return Err(BuildError::NoConditions);
            }
            parts
                .iter()
                .try_for_each(|inner| operand(inner, part, depth))
        }
        Filter::Not(inner) => operand(inner, part, depth + 1),
        Filter::Compare {
            path: attribute,
            value,
            ..
        } => {
            path(attribute)?;
            literal(value)
        }
        Filter::In {
            path: attribute,
            list,
            ..
        } => {
            path(attribute)?;
            in_list(list, depth + 1)
        }
        Filter::Has {
            path: relation,
            filter: inner,
            ..
        }
        | Filter::Any {
            path: relation,
            filter: inner,
            ..
        } => {
            path(relation)?;
            match inner {
                Some(inner) => filter(inner, depth + 1),
                None if depth < MAX_DEPTH => Ok(()),
                None => Err(BuildError::TooDeep),
            }
        }
    }
}

fn operand(part: &Filter, parent: &Filter, depth: usize) -> Result<(), BuildError> {
    let chain_in_chain = matches!(
        (part, parent),
        (
            Filter::And(_) | Filter::Or(_),
            Filter::And(_) | Filter::Or(_)
        )
    );
    let level = needs_parentheses(part, parent) || chain_in_chain;
    filter(part, depth + usize::from(level))
}

fn in_list(list: &InList, depth: usize) -> Result<(), BuildError> {
    if depth > MAX_DEPTH {
        return Err(BuildError::TooDeep);
    }
    match list {
        InList::Values(values) => values.iter().try_for_each(literal),
        InList::Query(inner) => query(inner.tree(), depth),
    }
}

fn path(path: &Path) -> Result<(), BuildError> {
    if path.is_valid() {
        return Ok(());
    }
    let names: Vec<&str> = path
        .segments
        .iter()
        .map(|step| step.name.as_str())
        .collect();
    Err(BuildError::InvalidPath {
        path: names.join("."),
    })
}

fn literal(value: &Literal) -> Result<(), BuildError> {
    match value {
        Literal::Number(number) if !number.is_finite() => Err(BuildError::InvalidNumber {
            number: number.text().to_owned(),
        }),
        _ => Ok(()),
    }
}
