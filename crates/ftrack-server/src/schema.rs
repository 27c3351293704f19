//! The schema: which entity types there are, their attributes, and how their rows are stored and reported.
//!
//! The built-in schema is written down in a small line format, see [`definition`]. [`Schema::builtin`] reads it once
//! at start; [`Schema::report`] is the answer to `query_schemas` made from it.

pub mod definition;
mod difference;
mod lookup;
pub mod model;
mod object_type;
mod report;

pub use definition::DefinitionError;
pub use difference::difference;
pub use model::{Attribute, AttributeKind, EntityType, Inverse, ScalarType, Schema};
pub use object_type::{ObjectTypeError, type_name};
pub use report::hash;

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
    ///
    /// ```
    /// use ftrack_server::schema::Schema;
    ///
    /// let schema = Schema::builtin();
    /// assert_eq!(schema.members("Component"), ["SequenceComponent", "ContainerComponent", "FileComponent"]);
    /// ```
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the definition is part of the program, and a test reads it"
    )]
    pub fn builtin() -> Self {
        definition::parse(BUILTIN).expect("the built-in definition can be read")
    }
}
