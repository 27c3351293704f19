//! Why a text is not a query.

use std::fmt;

use crate::render;
use crate::scan::{MAX_DEPTH, MAX_LENGTH};
use crate::span::Span;

/// A text that is not a query: where it stops being one, and what was expected there.
///
/// `Display` is one line; [`render`](ParseError::render) shows the place in the text.
///
/// ```
/// use ftrack_query::Query;
///
/// let error = Query::parse("Task where name is").expect_err("there is no value");
/// assert_eq!(
///     error.to_string(),
///     "expected a value, found the end of the text (line 1, column 19)",
/// );
/// assert_eq!(
///     error.render(),
///     "expected a value, found the end of the text\n\
///      \x20 |\n\
///      1 | Task where name is\n\
///      \x20 |                   ^",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ParseError {
    details: Box<Details>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    message: String,
    expected: Vec<&'static str>,
    span: Span,
    line: usize,
    column: usize,
    rendered: String,
}

impl ParseError {
    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// What could have stood at the place, in plain words; empty where nothing could.
    pub fn expected(&self) -> &[&'static str] {
        &self.details.expected
    }

    /// The bytes of the text that are wrong. The end of the text is an empty span.
    pub fn span(&self) -> Span {
        self.details.span
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.details.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.details.column
    }

    /// The message and the line of the text with a caret under the place.
    pub fn render(&self) -> String {
        format!("{}\n{}", self.details.message, self.details.rendered)
    }

    /// An error about `span` of `text`.
    pub(crate) fn at(text: &str, span: Span, message: impl Into<String>) -> Self {
        let (line, column) = render::line_and_column(text, span.start);
        Self {
            details: Box::new(Details {
                message: message.into(),
                expected: Vec::new(),
                span,
                line,
                column,
                rendered: render::excerpt(text, span),
            }),
        }
    }

    pub(crate) fn with_expected(mut self, expected: Vec<&'static str>) -> Self {
        self.details.expected = expected;
        self
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            message,
            line,
            column,
            ..
        } = &*self.details;
        write!(f, "{message} (line {line}, column {column})")
    }
}

/// A query or filter that was put together in a way that no text can say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The name cannot be an entity type.
    #[error("`{name}` is not a valid name of an entity type")]
    InvalidTypeName {
        /// What was given.
        name: String,
    },
    /// The text cannot be the path of an attribute.
    #[error("`{path}` is not a valid attribute path")]
    InvalidPath {
        /// What was given.
        path: String,
    },
    /// The path has more attributes than [`MAX_PATH`](crate::MAX_PATH).
    #[error("a path has more than {} attributes", crate::scan::MAX_PATH)]
    PathTooLong,
    /// An infinity or "not a number" was given as a value.
    #[error("`{number}` cannot be written in a query")]
    InvalidNumber {
        /// What was given.
        number: String,
    },
    /// An `and` or `or` without any condition, which only a tree made by hand can have.
    #[error("an `and` or `or` holds no conditions")]
    NoConditions,
    /// A list without values, which servers refuse: nothing can be one of none.
    #[error("`{path}` is looked for in an empty list, which servers refuse")]
    EmptyList {
        /// The attribute.
        path: String,
    },
    /// A function such as `count(id)` in a query that does not say what the groups are.
    #[error("`{function}` needs `group by`, with the attributes that make the groups")]
    GroupByMissing {
        /// The function with its attribute.
        function: String,
    },
    /// An attribute beside functions or groups that is not a key of the groups.
    #[error(
        "`{path}` has several values in a group; add it to `group by`, or take it out of `select`"
    )]
    NotGrouped {
        /// The attribute.
        path: String,
    },
    /// `group by` without anything in front of `from`.
    #[error("`group by` needs `select`, with functions such as `count(id)`")]
    NothingSelected,
    /// A query in a list, `id in (select …)`, that makes groups.
    #[error("a query in a list finds entities and cannot have `group by`")]
    GroupedList,
    /// Conditions are nested deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("conditions are nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The text is longer than [`MAX_LENGTH`](crate::MAX_LENGTH).
    #[error("the query is longer than {MAX_LENGTH} bytes")]
    TooLong,
}
