//! Functions over groups of entities: `count(id)`, `sum(bid)`.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::path::Path;
use crate::span::Span;

/// A function over the entities of a group, such as `sum(bid)`; [`count`], [`sum`],
/// [`average`], [`minimum`] and [`maximum`] make it.
///
/// ```
/// use ftrack_query::{Query, average, count};
///
/// let query = Query::from("Task")
///     .aggregate([count("id"), average("bid")])
///     .group_by(["project_id", "status_id"])
///     .build()?;
/// assert_eq!(
///     query.to_string(),
///     "select count(id), avg(bid) from Task group by project_id, status_id",
/// );
/// assert_eq!(query.aggregates()[1].column(), "avg_bid");
/// # Ok::<(), ftrack_query::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Aggregate {
    /// What is done with the values of a group.
    pub function: AggregateFunction,
    /// The attribute whose values they are.
    pub path: Path,
    /// Where the function and its attribute were read.
    pub span: Span,
}

/// What an [`Aggregate`] does with the values of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AggregateFunction {
    /// `count`: how many entities of the group have a value.
    Count,
    /// `sum`: the values added together.
    Sum,
    /// `avg`: the mean of the values.
    Average,
    /// `min`: the least value.
    Minimum,
    /// `max`: the greatest value.
    Maximum,
}

/// `count(path)`: how many entities of each group have a value; of `id`, all of them.
pub fn count(path: impl Into<Path>) -> Aggregate {
    Aggregate::new(AggregateFunction::Count, path)
}

/// `sum(path)`: the values of each group added together.
pub fn sum(path: impl Into<Path>) -> Aggregate {
    Aggregate::new(AggregateFunction::Sum, path)
}

/// `avg(path)`: the mean of the values of each group.
pub fn average(path: impl Into<Path>) -> Aggregate {
    Aggregate::new(AggregateFunction::Average, path)
}

/// `min(path)`: the least value of each group.
pub fn minimum(path: impl Into<Path>) -> Aggregate {
    Aggregate::new(AggregateFunction::Minimum, path)
}

/// `max(path)`: the greatest value of each group.
pub fn maximum(path: impl Into<Path>) -> Aggregate {
    Aggregate::new(AggregateFunction::Maximum, path)
}

impl Aggregate {
    fn new(function: AggregateFunction, path: impl Into<Path>) -> Self {
        let mut path = path.into();
        path.forget_places();
        Self::read(function, path, Span::default())
    }

    /// One that was read from a text.
    pub(crate) fn read(function: AggregateFunction, path: Path, span: Span) -> Self {
        Self {
            function,
            path,
            span,
        }
    }

    /// The key under which the rows of an answer hold the result: `count_id`, `sum_bid`.
    pub fn column(&self) -> String {
        format!("{}_{}", self.function, self.path)
    }

    /// Makes it one that was not read anywhere.
    pub(crate) fn forget_places(&mut self) {
        self.path.forget_places();
        self.span = Span::default();
    }
}

impl AggregateFunction {
    /// How the function is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Average => "avg",
            Self::Minimum => "min",
            Self::Maximum => "max",
        }
    }

    /// Whether the function needs numbers.
    pub fn needs_number(self) -> bool {
        self != Self::Count
    }

    /// A name that the grammar lets through, in any case.
    pub(crate) fn from_spelling(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "sum" => Self::Sum,
            "avg" => Self::Average,
            "min" => Self::Minimum,
            "max" => Self::Maximum,
            _ => Self::Count,
        }
    }
}

impl fmt::Display for AggregateFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.function, self.path)
    }
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function && self.path == other.path
    }
}

impl Eq for Aggregate {}

/// Of what makes two aggregates equal; places do not count.
impl Hash for Aggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.function, &self.path).hash(state);
    }
}
