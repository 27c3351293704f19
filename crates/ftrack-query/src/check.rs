//! Finds what the entity types of a server cannot answer, before it is sent.

mod schema_view;
mod suggest;
mod walk;

use std::fmt;

pub use schema_view::{AttributeKind, SchemaView};

use crate::filter::Filter;
use crate::query::Query;
use crate::render;
use crate::span::Span;

/// Something in a query that does not fit the entity types it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What is wrong.
    pub kind: DiagnosticKind,
    /// Where; meaningful for a query that was parsed.
    pub span: Span,
    /// The known name that was probably meant.
    pub suggestion: Option<String>,
}

/// The ways in which a query does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// There is no entity type of that name.
    UnknownType {
        /// The name.
        name: String,
    },
    /// Neither the type nor any type that its entities may have knows the attribute.
    UnknownAttribute {
        /// The attribute's name.
        name: String,
        /// The type that was asked.
        entity_type: String,
    },
    /// A path goes on behind an attribute that leads to no entity.
    NotARelation {
        /// The attribute's name.
        name: String,
    },
    /// `has` was used on something that is no reference to one entity.
    HasNeedsReference {
        /// The path.
        path: String,
    },
    /// `any` was used on something that is no collection.
    AnyNeedsCollection {
        /// The path.
        path: String,
    },
    /// A relation was compared in a way that only values can be.
    OperatorNeedsValue {
        /// The path.
        path: String,
        /// The operator, as it is written.
        operator: String,
    },
}

impl fmt::Display for DiagnosticKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType { name } => write!(f, "there is no entity type `{name}`"),
            Self::UnknownAttribute { name, entity_type } => {
                write!(f, "`{entity_type}` has no attribute `{name}`")
            }
            Self::NotARelation { name } => write!(f, "`{name}` is a value and leads no further"),
            Self::HasNeedsReference { path } => write!(
                f,
                "`has` needs a reference to one entity, and `{path}` is none; \
                 `any` is for collections"
            ),
            Self::AnyNeedsCollection { path } => write!(
                f,
                "`any` needs a collection, and `{path}` is none; \
                 `has` is for references to one entity"
            ),
            Self::OperatorNeedsValue { path, operator } => write!(
                f,
                "`{operator}` needs a value, and `{path}` is a relation; \
                 name one of its attributes"
            ),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match &self.suggestion {
            Some(name) => write!(f, ", did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

impl Diagnostic {
    /// The message and the line of the query's text with carets under the place.
    ///
    /// `text` is the text that the query was parsed from.
    pub fn render(&self, text: &str) -> String {
        format!("{self}\n{}", render::excerpt(text, self.span))
    }

    /// The line and the column, in characters, counted from 1.
    pub fn line_and_column(&self, text: &str) -> (usize, usize) {
        render::line_and_column(text, self.span.start)
    }
}

impl Query {
    /// Compares the query with the entity types that there are. An empty answer means that
    /// nothing wrong was found.
    ///
    /// An attribute that the type itself lacks is fine if a more special type has it, as
    /// in `assignments any (resource.username is "jane")`, where a resource may be a user.
    ///
    /// ```
    /// use ftrack_query::{AttributeKind, Query, SchemaView};
    ///
    /// struct Studio;
    ///
    /// impl SchemaView for Studio {
    ///     fn entity_types(&self) -> Vec<&str> {
    ///         vec!["Task", "Status"]
    ///     }
    ///     fn attributes(&self, entity_type: &str) -> Vec<&str> {
    ///         if entity_type == "Task" { vec!["name", "status"] } else { vec!["name"] }
    ///     }
    ///     fn attribute(&self, entity_type: &str, attribute: &str) -> Option<AttributeKind> {
    ///         match (entity_type, attribute) {
    ///             (_, "name") => Some(AttributeKind::Scalar),
    ///             ("Task", "status") => Some(AttributeKind::Reference("Status".into())),
    ///             _ => None,
    ///         }
    ///     }
    /// }
    ///
    /// let query = Query::parse("Task where status.nam is Done")?;
    /// let diagnostics = query.check(&Studio);
    /// assert_eq!(
    ///     diagnostics[0].to_string(),
    ///     "`Status` has no attribute `nam`, did you mean `name`?",
    /// );
    /// # Ok::<(), ftrack_query::ParseError>(())
    /// ```
    pub fn check(&self, schema: &dyn SchemaView) -> Vec<Diagnostic> {
        walk::query(self, schema)
    }
}

impl Filter {
    /// Compares conditions on entities of a type with the types that there are; see
    /// [`Query::check`]. A type that is not there is not reported: the text that
    /// could be pointed at is not part of the filter.
    pub fn check(&self, entity_type: &str, schema: &dyn SchemaView) -> Vec<Diagnostic> {
        walk::filter(self, entity_type, schema)
    }
}
