//! A whole query.

use std::str::FromStr;
use std::sync::Arc;

use crate::builder::QueryBuilder;
use crate::error::ParseError;
use crate::filter::Filter;
use crate::path::Path;
use crate::span::Span;

/// A query: which entities, which of their attributes, in what order, which part of them.
///
/// It is immutable and cheap to clone. Every query that exists is valid text: it came from
/// [`Query::parse`] or from [`QueryBuilder::build`]. Its `Display` is the canonical text,
/// which parses back to an equal query.
///
/// ```
/// use ftrack_query::Query;
///
/// let query = Query::parse("select name FROM Task where status.name='Done' limit 10")?;
/// assert_eq!(query.entity_type(), "Task");
/// assert_eq!(query.limit(), Some(10));
/// assert_eq!(query.to_string(), r#"select name from Task where status.name is "Done" limit 10"#);
/// assert_eq!(Query::parse(&query.to_string())?, query);
/// # Ok::<(), ftrack_query::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    tree: Arc<QueryTree>,
}

/// The parts of a query, not yet known to be valid when a builder holds them.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryTree {
    pub(crate) entity_type: String,
    pub(crate) entity_type_span: Span,
    pub(crate) projections: Option<Vec<Path>>,
    pub(crate) filter: Option<Filter>,
    pub(crate) order: Vec<OrderKey>,
    pub(crate) offset: Option<u64>,
    pub(crate) limit: Option<u64>,
}

/// One attribute that the answer is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderKey {
    /// The attribute.
    pub path: Path,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// A [`ParseError`] that says where the text stops being a query and what was expected
    /// there; also for text longer than [`MAX_LENGTH`](crate::MAX_LENGTH) bytes or nested
    /// deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    ///
    /// ```
    /// use ftrack_query::Query;
    ///
    /// let error = Query::parse("Task where name").expect_err("the operator is missing");
    /// assert_eq!((error.line(), error.column()), (1, 16));
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        crate::parse::query(text)
    }

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
        QueryBuilder::new(entity_type)
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
        QueryBuilder::from_tree((*self.tree).clone())
    }

    /// The type of the entities to find.
    pub fn entity_type(&self) -> &str {
        &self.tree.entity_type
    }

    /// Where the entity type was read.
    pub fn entity_type_span(&self) -> Span {
        self.tree.entity_type_span
    }

    /// The attributes to answer with, if the query names any.
    pub fn projections(&self) -> Option<&[Path]> {
        self.tree.projections.as_deref()
    }

    /// What the entities must satisfy.
    pub fn filter(&self) -> Option<&Filter> {
        self.tree.filter.as_ref()
    }

    /// What the answer is sorted by, the most important first.
    pub fn order(&self) -> &[OrderKey] {
        &self.tree.order
    }

    /// How many entities to skip.
    pub fn offset(&self) -> Option<u64> {
        self.tree.offset
    }

    /// How many entities to answer with at most.
    pub fn limit(&self) -> Option<u64> {
        self.tree.limit
    }

    /// Wraps a tree that is valid, or that will be checked as a part of another.
    pub(crate) fn from_tree(tree: QueryTree) -> Self {
        Self {
            tree: Arc::new(tree),
        }
    }

    pub(crate) fn tree(&self) -> &QueryTree {
        &self.tree
    }
}

impl QueryTree {
    /// Whether the query is nothing but a type, which in a list would read as a value.
    pub(crate) fn is_bare_type(&self) -> bool {
        self.projections.is_none()
            && self.filter.is_none()
            && self.order.is_empty()
            && self.offset.is_none()
            && self.limit.is_none()
    }
}

impl PartialEq for QueryTree {
    fn eq(&self, other: &Self) -> bool {
        self.entity_type == other.entity_type
            && self.projections == other.projections
            && self.filter == other.filter
            && self.order == other.order
            && self.offset == other.offset
            && self.limit == other.limit
    }
}

impl Eq for QueryTree {}

impl FromStr for Query {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}
