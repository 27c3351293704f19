//! Finds what a builder was given that no text can say.

use std::fmt::{self, Write};

use crate::display::needs_parentheses;
use crate::error::BuildError;
use crate::literal::Literal;
use crate::path::Path;
use crate::query::{Filter, InList, Query, QueryTree};
use crate::scan::{MAX_DEPTH, MAX_LENGTH, MAX_PATH};
use crate::span::Span;
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
    /// finite, too many levels, or a chain or list without anything in it.
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

/// Makes a query of a tree that text can say.
pub(crate) fn query(tree: QueryTree) -> Result<Query, BuildError> {
    parts(&tree, 0)?;
    let query = Query::from_tree(tree);
    // Cannot fail otherwise: the counter refuses what goes beyond its bound.
    write!(LengthLimit(MAX_LENGTH), "{query}").map_err(|fmt::Error| BuildError::TooLong)?;
    Ok(query)
}

/// Counts text up to a length, and keeps none of it.
struct LengthLimit(usize);

impl Write for LengthLimit {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}

fn parts(tree: &QueryTree, depth: usize) -> Result<(), BuildError> {
    if !is_type_name(&tree.entity_type) {
        return Err(BuildError::InvalidTypeName {
            name: tree.entity_type.clone(),
        });
    }
    let order = tree.order.iter().map(|key| &key.path);
    let functions = tree.aggregates.iter().map(|aggregate| &aggregate.path);
    let mut paths = tree.projections.iter().flatten().chain(functions);
    paths.try_for_each(path)?;
    tree.group.iter().chain(order).try_for_each(path)?;
    grouping(tree).map_err(|(_, error)| error)?;
    tree.filter.iter().try_for_each(|part| filter(part, depth))
}

/// Whether functions, groups and attributes of the query go together, else where they do not.
pub(crate) fn grouping(tree: &QueryTree) -> Result<(), (Span, BuildError)> {
    if let Some(aggregate) = tree.aggregates.first()
        && tree.group.is_empty()
    {
        let function = aggregate.to_string();
        return Err((aggregate.span, BuildError::GroupByMissing { function }));
    }
    if let Some(first) = tree.group.first()
        && tree.aggregates.is_empty()
        && tree.projections.is_none()
    {
        return Err((first.span, BuildError::NothingSelected));
    }
    match tree.ungrouped() {
        Some(path) => {
            let error = BuildError::NotGrouped {
                path: path.to_string(),
            };
            Err((path.span, error))
        }
        None => Ok(()),
    }
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
            in_list(attribute, list, depth + 1)
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

fn in_list(attribute: &Path, list: &InList, depth: usize) -> Result<(), BuildError> {
    if depth > MAX_DEPTH {
        return Err(BuildError::TooDeep);
    }
    match list {
        InList::Values(values) if values.is_empty() => Err(BuildError::EmptyList {
            path: attribute.to_string(),
        }),
        InList::Values(values) => values.iter().try_for_each(literal),
        InList::Query(inner) if !inner.group_by().is_empty() => Err(BuildError::GroupedList),
        InList::Query(inner) => parts(inner.tree(), depth),
        InList::Invalid(error) => Err((**error).clone()),
    }
}

fn path(path: &Path) -> Result<(), BuildError> {
    if path.segments.len() > MAX_PATH {
        return Err(BuildError::PathTooLong);
    }
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
