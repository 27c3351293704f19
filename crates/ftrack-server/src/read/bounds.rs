//! Whether a query is of a size that can be planned and evaluated: both walk down its paths and conditions.

use ftrack_query::{Filter, InList, Operator, Path, Query};

use crate::limits::ServerLimits;
use crate::request_error::RequestError;

/// Refuses a query with paths, nesting or patterns beyond the bounds.
///
/// # Errors
/// Says which bound, and what is beyond it.
pub(crate) fn check(query: &Query, limits: &ServerLimits) -> Result<(), RequestError> {
    check_query(query, limits, 0)
}

fn check_query(query: &Query, limits: &ServerLimits, depth: usize) -> Result<(), RequestError> {
    for found in query.projections().into_iter().flatten() {
        path(found, limits)?;
    }
    let aggregates = query.aggregates().iter().map(|aggregate| &aggregate.path);
    for found in query.group_by().iter().chain(aggregates) {
        path(found, limits)?;
    }
    for key in query.order() {
        path(&key.path, limits)?;
    }
    match query.filter() {
        Some(filter) => check_filter(filter, limits, depth),
        None => Ok(()),
    }
}

fn check_filter(filter: &Filter, limits: &ServerLimits, depth: usize) -> Result<(), RequestError> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts
            .iter()
            .try_for_each(|part| check_filter(part, limits, depth)),
        Filter::Not(part) => check_filter(part, limits, depth),
        Filter::Compare {
            path: found,
            operator,
            value,
            ..
        } => {
            path(found, limits)?;
            let length = value.text().map_or(0, str::len);
            let is_pattern = matches!(operator, Operator::Like | Operator::NotLike);
            if is_pattern && length > limits.pattern {
                return Err(RequestError::validation(format!(
                    "a pattern of like has {length} bytes, and may have {}",
                    limits.pattern
                )));
            }
            Ok(())
        }
        Filter::In {
            path: found, list, ..
        } => {
            path(found, limits)?;
            match list {
                InList::Values(_) => Ok(()),
                InList::Query(query) => check_query(query, limits, deeper(limits, depth)?),
                _ => Err(unknown()),
            }
        }
        Filter::Has {
            path: found,
            filter,
            ..
        }
        | Filter::Any {
            path: found,
            filter,
            ..
        } => {
            path(found, limits)?;
            match filter {
                Some(filter) => check_filter(filter, limits, deeper(limits, depth)?),
                None => Ok(()),
            }
        }
        _ => Err(unknown()),
    }
}

/// What the language has and this does not know has no bounds.
fn unknown() -> RequestError {
    RequestError::validation("the query has a condition that this server does not know")
}

fn deeper(limits: &ServerLimits, depth: usize) -> Result<usize, RequestError> {
    if depth >= limits.nesting {
        return Err(RequestError::validation(format!(
            "has, any and queries in lists are nested deeper than {} levels",
            limits.nesting
        )));
    }
    Ok(depth + 1)
}

fn path(path: &Path, limits: &ServerLimits) -> Result<(), RequestError> {
    let length = path.segments.len();
    if length <= limits.path {
        return Ok(());
    }
    let start = path.segments.first();
    Err(RequestError::validation(format!(
        "the path that starts with {} has {length} attributes, and may have {}",
        start.map_or("", |segment| segment.name.as_str()),
        limits.path
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str, change: impl FnOnce(&mut ServerLimits)) -> String {
        let mut limits = ServerLimits::default();
        change(&mut limits);
        let query = Query::parse(text).unwrap_or_else(|error| panic!("{error}"));
        match check(&query, &limits) {
            Ok(()) => String::new(),
            Err(error) => error.message,
        }
    }

    #[test]
    fn paths_are_bounded_wherever_they_stand() {
        let path = "parent.parent.name";
        for text in [
            format!("select {path} from Task"),
            format!("Task order by {path}"),
            format!("Task where {path} is x"),
            format!("Task where not ({path} like x or bid > 1)"),
            format!("Task where {path} in (1, 2)"),
            format!("Task where {path} has ()"),
            format!("Task where {path} any (bid > 1)"),
            format!("Task where parent has ({path} is x)"),
            format!("Task where id in (select {path} from Task)"),
            format!("Task where id in (select id from Task where {path} is x)"),
        ] {
            assert_eq!(outcome(&text, |limits| limits.path = 3), "", "{text}");
            let message = outcome(&text, |limits| limits.path = 2);
            assert_eq!(
                message,
                "the path that starts with parent has 3 attributes, and may have 2"
            );
        }
    }

    #[test]
    fn nesting_and_patterns_are_bounded() {
        let nested = "Task where parent has (children any (id in (select id from Task where parent has ())))";
        assert_eq!(outcome(nested, |limits| limits.nesting = 3), "");
        assert!(outcome(nested, |limits| limits.nesting = 2).contains("deeper than 2 levels"));
        assert_eq!(
            outcome("Task where name like abc", |limits| limits.pattern = 3),
            ""
        );
        let message = outcome("Task where name not_like abcd", |limits| limits.pattern = 3);
        assert_eq!(message, "a pattern of like has 4 bytes, and may have 3");
        assert_eq!(
            outcome("Task where name is abcd", |limits| limits.pattern = 3),
            ""
        );
    }
}
