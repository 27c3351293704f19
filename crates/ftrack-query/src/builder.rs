//! Builds queries from values instead of text.

use crate::aggregate::Aggregate;
use crate::error::BuildError;
use crate::path::Path;
use crate::query::{Filter, InList, OrderKey, Query, QueryTree};
use crate::validate;

impl Query {
    /// Starts to build a query; nothing given to the builder can change its structure.
    ///
    /// ```
    /// use ftrack_query::{Query, attr};
    ///
    /// let query = Query::from("Task")
    ///     .select(["name", "status.name"])
    ///     .filter(attr("project.id").is("p-1") & attr("bid").greater_than(8))
    ///     .order_by("name")
    ///     .limit(10)
    ///     .build()?;
    /// assert_eq!(
    ///     query.to_string(),
    ///     "select name, status.name from Task where project.id is \"p-1\" and bid > 8 \
    ///      order by name limit 10",
    /// );
    /// # Ok::<(), ftrack_query::BuildError>(())
    /// ```
    pub fn from(entity_type: &str) -> QueryBuilder {
        QueryBuilder {
            tree: QueryTree {
                entity_type: entity_type.to_owned(),
                ..QueryTree::default()
            },
        }
    }

    /// A builder that starts with everything this query says.
    ///
    /// ```
    /// use ftrack_query::Query;
    ///
    /// let query = Query::parse("Task order by name")?;
    /// let page = query.to_builder().offset(500).limit(500).build()?;
    /// assert_eq!(page.to_string(), "Task order by name offset 500 limit 500");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_builder(&self) -> QueryBuilder {
        let tree = self.clone().without_places().tree().clone();
        QueryBuilder { tree }
    }
}

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
    /// Adds attributes to answer with.
    pub fn select<P: Into<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        let mut paths = paths.into_iter().map(unplaced).peekable();
        if paths.peek().is_some() {
            self.tree.projections.get_or_insert_default().extend(paths);
        }
        self
    }

    /// Adds functions over groups to answer with. Say with [`group_by`](Self::group_by) what
    /// the groups are.
    pub fn aggregate(mut self, aggregates: impl IntoIterator<Item = Aggregate>) -> Self {
        self.tree.aggregates.extend(aggregates);
        self
    }

    /// Adds a condition; several are joined by `and`.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.tree.filter = Some(match self.tree.filter.take() {
            Some(before) => before & filter,
            None => filter.without_places(),
        });
        self
    }

    /// Adds attributes whose values make groups: the answer has a row for each group, with
    /// these values and those of the [functions](Self::aggregate), and no entities.
    ///
    /// ```
    /// use ftrack_query::{Query, attr, count};
    ///
    /// let query = Query::from("Task")
    ///     .aggregate([count("id")])
    ///     .filter(attr("project_id").is("p-1"))
    ///     .group_by(["status_id"])
    ///     .order_by_descending("count_id")
    ///     .build()?;
    /// assert_eq!(
    ///     query.to_string(),
    ///     "select count(id) from Task where project_id is \"p-1\" group by status_id \
    ///      order by count_id descending",
    /// );
    /// # Ok::<(), ftrack_query::BuildError>(())
    /// ```
    pub fn group_by<P: Into<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.tree.group.extend(paths.into_iter().map(unplaced));
        self
    }

    /// Sorts by an attribute, the least first; after what was given before.
    pub fn order_by(self, path: impl Into<Path>) -> Self {
        self.order(unplaced(path), false)
    }

    /// Sorts by an attribute, the greatest first; after what was given before.
    pub fn order_by_descending(self, path: impl Into<Path>) -> Self {
        self.order(unplaced(path), true)
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
        validate::query(self.tree)
    }
}

impl TryFrom<QueryBuilder> for Query {
    type Error = BuildError;

    fn try_from(builder: QueryBuilder) -> Result<Self, BuildError> {
        builder.build()
    }
}

/// A path as if it had not been read anywhere: the text of the query is not the one it is from.
fn unplaced(path: impl Into<Path>) -> Path {
    let mut path = path.into();
    path.forget_places();
    path
}

impl From<Query> for InList {
    /// A query that is nothing but a type looks for the ids of its entities, and says so:
    /// a type alone would read as a value.
    fn from(query: Query) -> Self {
        if query.tree().is_bare_type() {
            return query.to_builder().select(["id"]).into();
        }
        Self::Query(Box::new(query.without_places()))
    }
}

impl From<QueryBuilder> for InList {
    /// What the builder cannot build is an error of the query that the list becomes a part of.
    fn from(builder: QueryBuilder) -> Self {
        match builder.build() {
            Ok(query) if query.tree().is_bare_type() => query.into(),
            Ok(query) => Self::Query(Box::new(query)),
            Err(error) => Self::Invalid(Box::new(error)),
        }
    }
}
