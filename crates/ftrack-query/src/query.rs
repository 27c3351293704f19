//! A whole query, and the conditions in it.
//!
//! A condition may hold a query (`id in (select …)`) and a query holds conditions, so the two
//! are one module. Whatever reads, prints, checks or builds them stands above it.

mod filter;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use self::filter::{Filter, InList};
use crate::aggregate::Aggregate;
use crate::path::Path;
use crate::span::Span;

/// A query: which entities, which of their attributes, in what order, which part of them.
///
/// It is immutable and cheap to clone. Every query that exists is valid text: it came from
/// [`Query::parse`] or from [`QueryBuilder::build`](crate::QueryBuilder::build). Its `Display`
/// is the canonical text, which parses back to an equal query.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Query {
    tree: Arc<QueryTree>,
}

/// The parts of a query, not yet known to be valid when a builder holds them.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryTree {
    pub(crate) entity_type: String,
    pub(crate) entity_type_span: Span,
    pub(crate) projections: Option<Vec<Path>>,
    pub(crate) aggregates: Vec<Aggregate>,
    pub(crate) filter: Option<Filter>,
    pub(crate) group: Vec<Path>,
    pub(crate) order: Vec<OrderKey>,
    pub(crate) offset: Option<u64>,
    pub(crate) limit: Option<u64>,
}

/// One attribute that the answer is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OrderKey {
    /// The attribute; in a query with `group by`, a key of the group or the
    /// [column](Aggregate::column) of a function.
    pub path: Path,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Query {
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

    /// The functions over groups to answer with.
    pub fn aggregates(&self) -> &[Aggregate] {
        &self.tree.aggregates
    }

    /// What the entities must satisfy.
    pub fn filter(&self) -> Option<&Filter> {
        self.tree.filter.as_ref()
    }

    /// The attributes whose values make the groups; none for a query that finds entities.
    pub fn group_by(&self) -> &[Path] {
        &self.tree.group
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

    /// Wraps a tree that was found valid.
    pub(crate) fn from_tree(tree: QueryTree) -> Self {
        Self {
            tree: Arc::new(tree),
        }
    }

    pub(crate) fn tree(&self) -> &QueryTree {
        &self.tree
    }

    fn tree_mut(&mut self) -> &mut QueryTree {
        Arc::make_mut(&mut self.tree)
    }
}

impl QueryTree {
    /// Whether the query is nothing but a type, which in a list would read as a value.
    pub(crate) fn is_bare_type(&self) -> bool {
        self.projections.is_none()
            && self.aggregates.is_empty()
            && self.filter.is_none()
            && self.group.is_empty()
            && self.order.is_empty()
            && self.offset.is_none()
            && self.limit.is_none()
    }

    /// A path in front of `from` that is not a key of the groups: it has no single value there.
    pub(crate) fn ungrouped(&self) -> Option<&Path> {
        let mut selected = self.projections.iter().flatten();
        let is_grouped = !self.group.is_empty() || !self.aggregates.is_empty();
        selected.find(|path| is_grouped && !self.group.contains(path))
    }

    /// Makes everything but the filter something that was not read anywhere.
    pub(crate) fn forget_places(&mut self) {
        self.entity_type_span = Span::default();
        let order = self.order.iter_mut().map(|key| &mut key.path);
        let paths = self.projections.iter_mut().flatten();
        for path in paths.chain(&mut self.group).chain(order) {
            path.forget_places();
        }
        for aggregate in &mut self.aggregates {
            aggregate.forget_places();
        }
    }

    fn clauses(&self) -> impl PartialEq + Hash + '_ {
        (
            (&self.entity_type, &self.projections, &self.aggregates),
            (&self.filter, &self.group, &self.order),
            (self.offset, self.limit),
        )
    }
}

/// Places do not count.
impl PartialEq for QueryTree {
    fn eq(&self, other: &Self) -> bool {
        self.clauses() == other.clauses()
    }
}

impl Eq for QueryTree {}

impl Hash for QueryTree {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.clauses().hash(state);
    }
}
