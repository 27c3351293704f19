//! Conditions: what stands after `where`.

use std::hash::{Hash, Hasher};
use std::ops::{BitAnd, BitOr};

use super::Query;
use crate::error::BuildError;
use crate::literal::Literal;
use crate::operator::Operator;
use crate::path::Path;
use crate::scan::MAX_DEPTH;
use crate::span::Span;

/// What an entity must satisfy to be found.
///
/// Parsing and the operators `&` and `|` keep chains flat: an [`And`](Filter::And) holds no
/// `And`, an [`Or`](Filter::Or) no `Or`, and both hold at least two conditions.
///
/// ```
/// use ftrack_query::{Filter, attr};
///
/// let parsed = Filter::parse("bid >= 10 and not timelogs any ()")?;
/// let built = attr("bid").at_least(10) & attr("timelogs").is_empty();
/// assert_eq!(parsed, built);
/// assert_eq!(built.to_string(), "bid >= 10 and not timelogs any ()");
/// # Ok::<(), ftrack_query::ParseError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Filter {
    /// Every one of the conditions holds.
    And(Vec<Filter>),
    /// At least one of the conditions holds.
    Or(Vec<Filter>),
    /// The condition does not hold.
    Not(Box<Filter>),
    /// An attribute compared with a value.
    Compare {
        /// The attribute.
        path: Path,
        /// How it is compared.
        operator: Operator,
        /// What with.
        value: Literal,
        /// Where the condition was read.
        span: Span,
    },
    /// An attribute that is one of several values, or none of them.
    In {
        /// The attribute.
        path: Path,
        /// Whether it was `not_in`.
        negated: bool,
        /// The values, or the query that finds them.
        list: InList,
        /// Where the condition was read.
        span: Span,
    },
    /// A reference whose entity satisfies the filter; without a filter, that is there.
    Has {
        /// The reference.
        path: Path,
        /// What the entity it leads to must satisfy, seen from that entity.
        filter: Option<Box<Filter>>,
        /// Where the condition was read.
        span: Span,
    },
    /// A collection with an entity that satisfies the filter; without one, that is not empty.
    Any {
        /// The collection.
        path: Path,
        /// What one entity of it must satisfy, seen from that entity.
        filter: Option<Box<Filter>>,
        /// Where the condition was read.
        span: Span,
    },
}

/// What `in` and `not_in` look in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InList {
    /// The values themselves. Servers refuse a list without any, so a query needs one.
    Values(Vec<Literal>),
    /// What another query finds.
    Query(Box<Query>),
    /// A query that a builder could not build. [`Filter::validate`] and
    /// [`QueryBuilder::build`](crate::QueryBuilder::build) answer with the error.
    Invalid(Box<BuildError>),
}

impl Filter {
    /// Both hold; the same as `self & other`.
    pub fn and(self, other: Self) -> Self {
        Self::join_all([self.without_places(), other.without_places()])
            .unwrap_or(Self::And(Vec::new()))
    }

    /// At least one holds; the same as `self | other`.
    pub fn or(self, other: Self) -> Self {
        Self::join_any([self.without_places(), other.without_places()])
            .unwrap_or(Self::Or(Vec::new()))
    }

    /// All of these hold; `None` for no filters.
    ///
    /// ```
    /// use ftrack_query::{Filter, attr};
    ///
    /// let given = [Some(attr("name").is("010")), None, Some(attr("bid").is(8))];
    /// let filter = Filter::all_of(given.into_iter().flatten());
    /// assert_eq!(filter.map(|f| f.to_string()).as_deref(), Some(r#"name is "010" and bid is 8"#));
    /// ```
    pub fn all_of(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::join_all(filters.into_iter().map(Self::without_places))
    }

    /// At least one of these holds; `None` for no filters.
    pub fn any_of(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::join_any(filters.into_iter().map(Self::without_places))
    }

    /// As [`all_of`](Self::all_of), of filters that were read from one text.
    pub(crate) fn join_all(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        let flat = flatten(filters, |filter| match filter {
            Self::And(inner) => Ok(inner),
            other => Err(other),
        });
        single_or(flat, Self::And)
    }

    /// As [`any_of`](Self::any_of), of filters that were read from one text.
    pub(crate) fn join_any(filters: impl IntoIterator<Item = Self>) -> Option<Self> {
        let flat = flatten(filters, |filter| match filter {
            Self::Or(inner) => Ok(inner),
            other => Err(other),
        });
        single_or(flat, Self::Or)
    }

    /// Where the filter was read: from its first condition to its last.
    pub fn span(&self) -> Span {
        match self {
            Self::And(filters) | Self::Or(filters) => match (filters.first(), filters.last()) {
                (Some(first), Some(last)) => first.span().to(last.span()),
                _ => Span::default(),
            },
            Self::Not(filter) => filter.span(),
            Self::Compare { span, .. }
            | Self::In { span, .. }
            | Self::Has { span, .. }
            | Self::Any { span, .. } => *span,
        }
    }
}

impl Filter {
    /// The same filter as if it had not been read anywhere. What is put together from several
    /// texts has no text that its places could point into.
    pub(crate) fn without_places(mut self) -> Self {
        if !self.span().is_empty() {
            self.forget_places(0);
        }
        self
    }

    /// Stops where no query can go, so that a tree of any depth can be built and refused.
    fn forget_places(&mut self, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match self {
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.forget_places(depth + 1);
                }
            }
            Self::Not(part) => part.forget_places(depth + 1),
            Self::Compare { path, span, .. } => {
                path.forget_places();
                *span = Span::default();
            }
            Self::In {
                path, list, span, ..
            } => {
                path.forget_places();
                *span = Span::default();
                if let InList::Query(query) = list {
                    query.forget_places(depth + 1);
                }
            }
            Self::Has { path, filter, span } | Self::Any { path, filter, span } => {
                path.forget_places();
                *span = Span::default();
                if let Some(filter) = filter {
                    filter.forget_places(depth + 1);
                }
            }
        }
    }
}

impl Query {
    /// The same query as if it had not been read anywhere.
    pub(crate) fn without_places(mut self) -> Self {
        self.forget_places(0);
        self
    }

    fn forget_places(&mut self, depth: usize) {
        let tree = self.tree_mut();
        tree.forget_places();
        if let Some(filter) = &mut tree.filter {
            filter.forget_places(depth);
        }
    }
}

/// Puts the parts of a filter of the same kind in its place. The first list is taken over
/// whole, so that building a long chain link by link stays linear.
fn flatten(
    filters: impl IntoIterator<Item = Filter>,
    parts: impl Fn(Filter) -> Result<Vec<Filter>, Filter>,
) -> Vec<Filter> {
    let mut flat = Vec::new();
    for filter in filters {
        match parts(filter) {
            Ok(inner) if flat.is_empty() => flat = inner,
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    flat
}

fn single_or(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Option<Filter> {
    if filters.len() < 2 {
        filters.pop()
    } else {
        Some(join(filters))
    }
}

impl BitAnd for Filter {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl BitOr for Filter {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl std::ops::Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::And(left), Self::And(right)) | (Self::Or(left), Self::Or(right)) => {
                left == right
            }
            (Self::Not(left), Self::Not(right)) => left == right,
            (
                Self::Compare {
                    path,
                    operator,
                    value,
                    span: _,
                },
                Self::Compare {
                    path: other_path,
                    operator: other_operator,
                    value: other_value,
                    ..
                },
            ) => path == other_path && operator == other_operator && value == other_value,
            (
                Self::In {
                    path,
                    negated,
                    list,
                    span: _,
                },
                Self::In {
                    path: other_path,
                    negated: other_negated,
                    list: other_list,
                    ..
                },
            ) => path == other_path && negated == other_negated && list == other_list,
            (
                Self::Has {
                    path,
                    filter,
                    span: _,
                },
                Self::Has {
                    path: other_path,
                    filter: other_filter,
                    ..
                },
            )
            | (
                Self::Any {
                    path,
                    filter,
                    span: _,
                },
                Self::Any {
                    path: other_path,
                    filter: other_filter,
                    ..
                },
            ) => path == other_path && filter == other_filter,
            _ => false,
        }
    }
}

impl Eq for Filter {}

/// Of what makes two filters equal; places do not count.
impl Hash for Filter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::And(filters) | Self::Or(filters) => filters.hash(state),
            Self::Not(filter) => filter.hash(state),
            Self::Compare {
                path,
                operator,
                value,
                span: _,
            } => (path, operator, value).hash(state),
            Self::In {
                path,
                negated,
                list,
                span: _,
            } => (path, negated, list).hash(state),
            Self::Has {
                path,
                filter,
                span: _,
            }
            | Self::Any {
                path,
                filter,
                span: _,
            } => (path, filter).hash(state),
        }
    }
}

impl<T: Into<Literal>> From<Vec<T>> for InList {
    fn from(values: Vec<T>) -> Self {
        Self::Values(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Literal>, const N: usize> From<[T; N]> for InList {
    fn from(values: [T; N]) -> Self {
        Self::Values(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Literal> + Clone> From<&[T]> for InList {
    fn from(values: &[T]) -> Self {
        Self::Values(values.iter().cloned().map(Into::into).collect())
    }
}

impl<T: Into<Literal> + Clone> From<&Vec<T>> for InList {
    fn from(values: &Vec<T>) -> Self {
        values.as_slice().into()
    }
}

impl<T: Into<Literal>> FromIterator<T> for InList {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::Values(values.into_iter().map(Into::into).collect())
    }
}
