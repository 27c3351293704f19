//! The ftrack query language: text to tree and back, a typed builder, diagnostics.

mod attribute;
mod builder;
mod check;
mod display;
mod error;
mod filter;
mod literal;
mod number;
mod parse;
mod path;
mod query;
mod render;
mod scan;
mod span;
mod split;
mod text;
mod validate;

pub use attribute::{Attribute, attr};
pub use builder::QueryBuilder;
pub use check::{AttributeKind, Diagnostic, DiagnosticKind, SchemaView};
pub use error::{BuildError, ParseError};
pub use filter::{Filter, InList, Operator};
pub use literal::Literal;
pub use number::Number;
pub use path::{Path, Segment};
pub use query::{OrderKey, Query};
pub use scan::{MAX_DEPTH, MAX_LENGTH};
pub use span::Span;
pub use split::Split;
