//! The schema: which entity types there are, their attributes, and how their rows are stored and reported.
//!
//! The built-in schema is written down in a small line format, see [`definition`]. [`Schema::builtin`] reads it once
//! at start; [`Schema::report`] is the answer to `query_schemas` made from it.

mod belongs;
mod definition;
mod describe;
mod lookup;
mod model;
mod object_type;
mod recorded;
mod report;
#[cfg(test)]
mod tests;
mod version;

pub(crate) use belongs::Owner;
pub(crate) use model::{Attribute, AttributeKind, EntityType, Inverse, ScalarType, Schema};
pub(crate) use object_type::{ObjectType, ObjectTypeError, type_name};
pub use version::{SchemaVersion, UnknownSchemaVersion};

/// The built-in definition: file names, for messages, with their texts.
const BUILTIN: &[(&str, &str)] = &[
    (
        "shapes.schema",
        include_str!("schema/builtin/shapes.schema"),
    ),
    (
        "contexts.schema",
        include_str!("schema/builtin/contexts.schema"),
    ),
    (
        "workflow.schema",
        include_str!("schema/builtin/workflow.schema"),
    ),
    (
        "assets.schema",
        include_str!("schema/builtin/assets.schema"),
    ),
    (
        "people.schema",
        include_str!("schema/builtin/people.schema"),
    ),
    ("notes.schema", include_str!("schema/builtin/notes.schema")),
    ("time.schema", include_str!("schema/builtin/time.schema")),
    ("lists.schema", include_str!("schema/builtin/lists.schema")),
    (
        "custom_attributes.schema",
        include_str!("schema/builtin/custom_attributes.schema"),
    ),
    (
        "system.schema",
        include_str!("schema/builtin/system.schema"),
    ),
    ("order.schema", include_str!("schema/builtin/order.schema")),
];

impl Schema {
    /// The schema of a server as it is installed, before a studio adds object types of its own.
    ///
    /// It is read from text each time; keep it rather than asking again.
    pub(crate) fn builtin() -> Self {
        Self::builtin_version(SchemaVersion::default())
    }

    /// The schema of one version of the server, as it is installed.
    #[expect(
        clippy::expect_used,
        reason = "the definition is part of the program, and a test reads each version"
    )]
    pub(crate) fn builtin_version(version: SchemaVersion) -> Self {
        definition::parse(BUILTIN, version).expect("the built-in definition can be read")
    }
}
