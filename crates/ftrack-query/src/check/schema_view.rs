//! What [`check`](crate::Query::check) asks about the entity types of a server.

/// A look at entity types and their attributes.
///
/// Small, so that a session's schema, a server's own definition or a table in a test can
/// all be looked at. See [`Query::check`](crate::Query::check) for an example.
pub trait SchemaView {
    /// The names of all entity types.
    fn entity_types(&self) -> Vec<&str>;

    /// The names of all attributes of a type; none for a type that is not there.
    fn attributes(&self, entity_type: &str) -> Vec<&str>;

    /// What an attribute of a type leads to, or `None` if the type has no such attribute.
    fn attribute(&self, entity_type: &str, attribute: &str) -> Option<AttributeKind>;

    /// Whether there is such a type.
    fn has_type(&self, entity_type: &str) -> bool {
        self.entity_types().contains(&entity_type)
    }

    /// The more special types that an entity of this type may really have, at any depth:
    /// for `Resource`, `User` and `Group`. None by default.
    fn subtypes(&self, entity_type: &str) -> Vec<&str> {
        let _ = entity_type;
        Vec::new()
    }

    /// The keys that a collection of keys and values of this type may have, where they are
    /// known: those of custom attributes. Unknown by default.
    fn keys(&self, entity_type: &str, attribute: &str) -> Option<Vec<&str>> {
        let _ = (entity_type, attribute);
        None
    }
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeKind {
    /// A value that is compared as a whole: text, a date, true or false.
    Scalar,
    /// A number: a value that can also be added up.
    Number,
    /// At most one entity of the named type.
    Reference(String),
    /// Any number of entities of the named type.
    Collection(String),
    /// Something of which nothing is known: every use of it is let through.
    Opaque,
}
