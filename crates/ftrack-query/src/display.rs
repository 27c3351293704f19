//! Prints trees as canonical text.

use std::fmt::{self, Display, Formatter};

use crate::path::Path;
use crate::query::{Filter, InList, Query, QueryTree};
use crate::scan::MAX_DEPTH;
use crate::text::{Quoted, is_type_name};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_query(f, self.tree(), 0)
    }
}

impl Display for Filter {
    /// The canonical text. What no text can say, because the tree was made by hand or with
    /// names that are not valid, prints as something that no query can hold in its place.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_filter(f, self, 0)
    }
}

pub(crate) fn write_query(f: &mut Formatter<'_>, query: &QueryTree, depth: usize) -> fmt::Result {
    write_selection(f, query)?;
    if is_type_name(&query.entity_type) {
        f.write_str(&query.entity_type)?;
    } else {
        Quoted(&query.entity_type).fmt(f)?;
    }
    if let Some(filter) = &query.filter {
        f.write_str(" where ")?;
        write_filter(f, filter, depth)?;
    }
    if !query.group.is_empty() {
        f.write_str(" group by ")?;
        write_list(f, &query.group)?;
    }
    for (index, key) in query.order.iter().enumerate() {
        f.write_str(if index == 0 { " order by " } else { ", " })?;
        key.path.fmt(f)?;
        if key.descending {
            f.write_str(" descending")?;
        }
    }
    if let Some(offset) = query.offset {
        write!(f, " offset {offset}")?;
    }
    if let Some(limit) = query.limit {
        write!(f, " limit {limit}")?;
    }
    Ok(())
}

fn write_selection(f: &mut Formatter<'_>, query: &QueryTree) -> fmt::Result {
    let projections = query.projections.as_deref().unwrap_or_default();
    if projections.is_empty() && query.aggregates.is_empty() {
        return Ok(());
    }
    f.write_str("select ")?;
    write_list(f, projections)?;
    if !projections.is_empty() && !query.aggregates.is_empty() {
        f.write_str(", ")?;
    }
    write_list(f, &query.aggregates)?;
    f.write_str(" from ")
}

/// Children are written by a direct call, not through `{}`, which would cost several
/// stack frames for each level.
fn write_filter(f: &mut Formatter<'_>, filter: &Filter, depth: usize) -> fmt::Result {
    if depth > MAX_DEPTH {
        return f.write_str("<nested too deeply>");
    }
    match filter {
        Filter::And(filters) => write_joined(f, filters, filter, " and ", depth),
        Filter::Or(filters) => write_joined(f, filters, filter, " or ", depth),
        Filter::Not(inner) => {
            f.write_str("not ")?;
            write_operand(f, inner, filter, depth + 1)
        }
        Filter::Compare {
            path,
            operator,
            value,
            span: _,
        } => {
            write!(f, "{path} {operator} {value}")
        }
        Filter::In {
            path,
            negated,
            list,
            span: _,
        } => {
            path.fmt(f)?;
            f.write_str(if *negated { " not_in (" } else { " in (" })?;
            match list {
                InList::Values(values) => write_list(f, values)?,
                InList::Query(query) => write_sub_query(f, query.tree(), depth + 1)?,
                // Nothing in a query can be written like this.
                InList::Invalid(error) => write!(f, "<{error}>")?,
            }
            f.write_str(")")
        }
        Filter::Has {
            path,
            filter,
            span: _,
        } => write_relation(f, path, " has (", filter.as_deref(), depth),
        Filter::Any {
            path,
            filter,
            span: _,
        } => write_relation(f, path, " any (", filter.as_deref(), depth),
    }
}

fn write_list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

fn write_joined(
    f: &mut Formatter<'_>,
    filters: &[Filter],
    parent: &Filter,
    word: &str,
    depth: usize,
) -> fmt::Result {
    if filters.is_empty() {
        return f.write_str("()");
    }
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write_operand(f, filter, parent, depth)?;
    }
    Ok(())
}

fn write_operand(
    f: &mut Formatter<'_>,
    filter: &Filter,
    parent: &Filter,
    depth: usize,
) -> fmt::Result {
    if !needs_parentheses(filter, parent) {
        // A chain inside a chain of its own kind has no level in the text, but one in the
        // tree, and a tree made by hand may have any number of them.
        return write_filter(f, filter, depth + usize::from(is_chain(filter)));
    }
    f.write_str("(")?;
    write_filter(f, filter, depth + 1)?;
    f.write_str(")")
}

fn write_relation(
    f: &mut Formatter<'_>,
    path: &Path,
    open: &str,
    filter: Option<&Filter>,
    depth: usize,
) -> fmt::Result {
    path.fmt(f)?;
    f.write_str(open)?;
    if let Some(filter) = filter {
        write_filter(f, filter, depth + 1)?;
    }
    f.write_str(")")
}

/// A query that is nothing but a type would read as a value in a list, so it says what it
/// means: the ids of all entities of the type.
fn write_sub_query(f: &mut Formatter<'_>, query: &QueryTree, depth: usize) -> fmt::Result {
    if query.is_bare_type() {
        f.write_str("select id from ")?;
    }
    write_query(f, query, depth)
}

fn is_chain(filter: &Filter) -> bool {
    matches!(filter, Filter::And(_) | Filter::Or(_))
}

/// Whether `filter` needs parentheses as a direct part of `parent`.
pub(crate) fn needs_parentheses(filter: &Filter, parent: &Filter) -> bool {
    match parent {
        Filter::Not(_) => is_chain(filter),
        Filter::And(_) => matches!(filter, Filter::Or(_)),
        _ => false,
    }
}
