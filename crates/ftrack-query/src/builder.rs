//! Builds queries from values instead of text.

use crate::error::BuildError;
use crate::filter::{Filter, InList};
use crate::path::Path;
use crate::query::{OrderKey, Query, QueryTree};
use crate::validate;

/// A query in the making; [`Query::from`] starts one.
///
/// Values are always escaped. Names and paths are checked by [`build`](Self::build), so a
/// chain of calls needs no error handling in its middle, and no text that somebody typed
/// can become structure of the query.
///
/// ```
/// use ftrack_query::{BuildError, Query, attr};
///
/// let name = r#"" or name like "%"#;
/// let query = Query::from("Task").filter(attr("name").is(name)).build()?;
/// assert_eq!(query.to_string(), r#"Task where name is "\" or name like \"%""#);
///
/// let hostile = Query::from("Task where bid").select(["name"]).build();
/// assert!(matches!(hostile, Err(BuildError::InvalidTypeName { .. })));
/// # Ok::<(), BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct QueryBuilder {
    tree: QueryTree,
}

impl QueryBuilder {
    pub(crate) fn new(entity_type: &str) -> Self {
        Self::from_tree(QueryTree {
            entity_type: entity_type.to_owned(),
            ..QueryTree::default()
        })
    }

    pub(crate) fn from_tree(tree: QueryTree) -> Self {
        Self { tree }
    }

    /// Adds attributes to answer with.
    pub fn select<P: Into<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        let mut paths = paths.into_iter().map(Into::into).peekable();
        if paths.peek().is_some() {
            self.tree.projections.get_or_insert_default().extend(paths);
        }
        self
    }

    /// Adds a condition; several are joined by `and`.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.tree.filter = Some(match self.tree.filter.take() {
            Some(before) => before & filter,
            None => filter,
        });
        self
    }

    /// Sorts by an attribute, the least first; after what was given before.
    pub fn order_by(self, path: impl Into<Path>) -> Self {
        self.order(path.into(), false)
    }

    /// Sorts by an attribute, the greatest first; after what was given before.
    pub fn order_by_descending(self, path: impl Into<Path>) -> Self {
        self.order(path.into(), true)
    }

    fn order(mut self, path: Path, descending: bool) -> Self {
        self.tree.order.push(OrderKey { path, descending });
        self
    }

    /// Skips that many entities.
    pub fn offset(mut self, offset: u64) -> Self {
        self.tree.offset = Some(offset);
        self
    }

    /// Answers with at most that many entities.
    pub fn limit(mut self, limit: u64) -> Self {
        self.tree.limit = Some(limit);
        self
    }

    /// Finishes the query.
    ///
    /// # Errors
    ///
    /// The first thing that was given and cannot be written in a query, see [`BuildError`].
    pub fn build(self) -> Result<Query, BuildError> {
        validate::query(&self.tree, 0)?;
        Ok(Query::from_tree(self.tree))
    }
}

impl TryFrom<QueryBuilder> for Query {
    type Error = BuildError;

    fn try_from(builder: QueryBuilder) -> Result<Self, BuildError> {
        builder.build()
    }
}

impl From<Query> for InList {
    /// A query that is nothing but a type looks for the ids of its entities, and says so:
    /// a type alone would read as a value.
    fn from(query: Query) -> Self {
        let query = if query.tree().is_bare_type() {
            Query::from_tree(query.to_builder().select(["id"]).tree)
        } else {
            query
        };
        Self::Query(Box::new(query))
    }
}

impl From<QueryBuilder> for InList {
    /// Not checked here, but with the query that it becomes a part of.
    fn from(builder: QueryBuilder) -> Self {
        Query::from_tree(builder.tree).into()
    }
}
