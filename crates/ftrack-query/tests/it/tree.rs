//! Shows a tree, with its spans, one part a line.

use std::fmt::Write;

use ftrack_query::{Filter, InList, Path, Query, Span};

/// The canonical text and the tree of a query.
pub(crate) fn show(query: &Query) -> String {
    let mut out = format!("{query}\n---\n");
    show_query(&mut out, query, 0);
    out
}

fn show_query(out: &mut String, query: &Query, depth: usize) {
    line(
        out,
        depth,
        &format!(
            "query {}{}",
            query.entity_type(),
            at(query.entity_type_span())
        ),
    );
    for path in query.projections().unwrap_or_default() {
        line(out, depth + 1, &format!("select {}", show_path(path)));
    }
    for aggregate in query.aggregates() {
        let shown = format!("select {aggregate} as {}", aggregate.column());
        line(out, depth + 1, &format!("{shown}{}", at(aggregate.span)));
    }
    if let Some(filter) = query.filter() {
        line(out, depth + 1, "where");
        show_filter(out, filter, depth + 2);
    }
    for path in query.group_by() {
        line(out, depth + 1, &format!("group by {}", show_path(path)));
    }
    for key in query.order() {
        let direction = if key.descending {
            "descending"
        } else {
            "ascending"
        };
        line(
            out,
            depth + 1,
            &format!("order by {} {direction}", show_path(&key.path)),
        );
    }
    if let Some(offset) = query.offset() {
        line(out, depth + 1, &format!("offset {offset}"));
    }
    if let Some(limit) = query.limit() {
        line(out, depth + 1, &format!("limit {limit}"));
    }
}

fn show_filter(out: &mut String, filter: &Filter, depth: usize) {
    let relation = |out: &mut String, word: &str, path: &Path, inner: &Option<Box<Filter>>| {
        line(
            out,
            depth,
            &format!("{word} {}{}", show_path(path), at(filter.span())),
        );
        if let Some(inner) = inner {
            show_filter(out, inner, depth + 1);
        }
    };
    match filter {
        Filter::And(filters) => show_all(out, "and", filters, depth),
        Filter::Or(filters) => show_all(out, "or", filters, depth),
        Filter::Not(inner) => show_all(out, "not", std::slice::from_ref(&**inner), depth),
        Filter::Compare {
            path,
            operator,
            value,
            span,
        } => {
            let path = show_path(path);
            line(
                out,
                depth,
                &format!("{operator:?} {path} {value:?}{}", at(*span)),
            );
        }
        Filter::In {
            path,
            negated,
            list,
            span,
        } => {
            let word = if *negated { "not_in" } else { "in" };
            line(
                out,
                depth,
                &format!("{word} {}{}", show_path(path), at(*span)),
            );
            match list {
                InList::Values(values) => {
                    for value in values {
                        line(out, depth + 1, &format!("{value:?}"));
                    }
                }
                InList::Query(query) => show_query(out, query, depth + 1),
                other => line(out, depth + 1, &format!("{other:?}")),
            }
        }
        Filter::Has { path, filter, .. } => relation(out, "has", path, filter),
        Filter::Any { path, filter, .. } => relation(out, "any", path, filter),
        other => line(out, depth, &format!("{other:?}")),
    }
}

fn show_all(out: &mut String, word: &str, filters: &[Filter], depth: usize) {
    line(out, depth, word);
    for filter in filters {
        show_filter(out, filter, depth + 1);
    }
}

fn show_path(path: &Path) -> String {
    format!("{path}{}", at(path.span))
}

fn at(span: Span) -> String {
    format!(" @{}..{}", span.start, span.end)
}

fn line(out: &mut String, depth: usize, text: &str) {
    writeln!(out, "{:1$}{text}", "", depth * 2).unwrap();
}
