//! Finds what the entity types of a server cannot answer, before it is sent.

mod known_keys;
mod schema_view;
mod walk;

use std::fmt;

pub use known_keys::KnownKeys;
pub use schema_view::{AttributeKind, SchemaView};

use crate::query::{Filter, Query};
use crate::render;
use crate::span::Span;

/// Something in a query that does not fit the entity types it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What is wrong.
    pub kind: DiagnosticKind,
    /// Where in the text that was parsed; empty for what a builder made.
    pub span: Span,
    /// The known name that was probably meant.
    pub suggestion: Option<String>,
}

/// The ways in which a query does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// `has` was used on something that is not a reference to one entity.
    HasNeedsReference {
        /// The path.
        path: String,
    },
    /// `any` was used on something that is not a collection.
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
    /// A function that needs numbers was used on something else.
    FunctionNeedsNumber {
        /// The function.
        function: String,
        /// The path.
        path: String,
    },
    /// Groups were made by something that is not a value.
    GroupNeedsValue {
        /// The path.
        path: String,
    },
    /// Groups were sorted by something that their rows do not have.
    OrderNeedsColumn {
        /// The path.
        path: String,
        /// The keys and functions that the rows have.
        columns: Vec<String>,
    },
    /// A key of a collection of keys and values was used as if it were an attribute.
    KeyIsNotAnAttribute {
        /// The key.
        key: String,
        /// The path of the collection.
        collection: String,
    },
    /// A collection of keys and values was asked for a key that it never has.
    UnknownKey {
        /// The key.
        key: String,
        /// The path of the collection, or of the key.
        path: String,
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
                "`has` needs a reference to one entity, and `{path}` is not one; \
                 `any` is for collections"
            ),
            Self::AnyNeedsCollection { path } => write!(
                f,
                "`any` needs a collection, and `{path}` is not one; \
                 `has` is for references to one entity"
            ),
            Self::OperatorNeedsValue { path, operator } => write!(
                f,
                "`{operator}` needs a value, and `{path}` is a relation; \
                 name one of its attributes"
            ),
            Self::FunctionNeedsNumber { function, path } => {
                write!(f, "`{function}` needs numbers, and `{path}` is not one")
            }
            Self::GroupNeedsValue { path } => write!(
                f,
                "`group by` needs an attribute of the type itself with a value, and `{path}` is not one"
            ),
            Self::OrderNeedsColumn { path, columns } => write!(
                f,
                "groups have no `{path}` to be sorted by; they have `{}`",
                columns.join("`, `")
            ),
            Self::KeyIsNotAnAttribute { key, collection } => write!(
                f,
                "`{key}` would be a key of `{collection}` and not an attribute: select `{collection}`, \
                 or filter with `{collection} any (key is \"{key}\" and value is …)`"
            ),
            Self::UnknownKey { key, path } => {
                write!(
                    f,
                    "no custom attribute or other value has the key `{key}` in `{path}`"
                )
            }
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
    /// `text` is the text that the query was parsed from. What a builder made has no place in
    /// a text; then it is the message alone.
    pub fn render(&self, text: &str) -> String {
        if self.span.is_empty() {
            return self.to_string();
        }
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

/// Says what is wrong with the text of a query, as far as grammar and entity types tell: each
/// message with its line and carets under the place. `None` if nothing wrong was found.
///
/// It is for what a server refused: servers often name neither place nor reason.
///
/// ```
/// # use ftrack_query::{AttributeKind, SchemaView};
/// # struct Studio;
/// # impl SchemaView for Studio {
/// #     fn entity_types(&self) -> Vec<&str> { vec!["Task"] }
/// #     fn attributes(&self, _: &str) -> Vec<&str> { vec!["name"] }
/// #     fn attribute(&self, _: &str, attribute: &str) -> Option<AttributeKind> {
/// #         (attribute == "name").then_some(AttributeKind::Scalar)
/// #     }
/// # }
/// use ftrack_query::explain;
///
/// assert_eq!(
///     explain("Task where nmae is x", &Studio).as_deref(),
///     Some(
///         "`Task` has no attribute `nmae`, did you mean `name`?\n\
///          \x20 |\n\
///          1 | Task where nmae is x\n\
///          \x20 |            ^^^^",
///     ),
/// );
/// assert_eq!(explain("Task where name is x", &Studio), None);
/// ```
pub fn explain(text: &str, schema: &dyn SchemaView) -> Option<String> {
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(error) => return Some(error.render()),
    };
    let diagnostics = query.check(schema);
    let rendered: Vec<String> = diagnostics.iter().map(|found| found.render(text)).collect();
    (!rendered.is_empty()).then(|| rendered.join("\n"))
}
