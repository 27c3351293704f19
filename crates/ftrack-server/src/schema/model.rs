//! The schema in memory: what a definition says, with every family resolved.

use indexmap::IndexMap;
use serde_json::Value;

/// Every entity type that this server knows, in the order in which it reports them.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Entity types by name.
    pub types: IndexMap<String, EntityType>,
}

/// One entity type: what `query_schemas` reports about it, and how the server stores it.
#[derive(Debug, Clone, Default)]
pub struct EntityType {
    /// The name by which queries and answers call it, such as `AssetVersion`.
    pub name: String,
    /// The abstract type it belongs to (`Task` → `TypedContext` → `Context`); queries on that type see its rows too.
    pub family: Option<String>,
    /// What tells a row of this type from its siblings in the family, such as `("object_type_id", "11c1…")`.
    pub discriminator: Option<(String, String)>,
    /// Whether rows are always of a more concrete type (`Context`, `Component`, `Resource`, …).
    pub is_abstract: bool,
    /// Attributes by name.
    pub attributes: IndexMap<String, Attribute>,
    /// Names of the primary key attributes, in order.
    pub primary_key: Vec<String>,
    /// Attributes that must have a value once a batch is done.
    pub required: Vec<String>,
    /// Attributes that cannot be changed after creation.
    pub immutable: Vec<String>,
    /// Attributes that the server computes on reading; `None` leaves the key out of the report.
    pub computed: Option<Vec<String>>,
    /// Attributes that clients ask for by default.
    pub default_projections: Vec<String>,
    /// Attributes that every answer carries, by their server-side names, as reported; `None` leaves the key out.
    pub system_projections: Option<Vec<String>>,
    /// The server-side name, reported as is: a string, or an object with classifiers.
    pub alias_for: Option<Value>,
}

/// One attribute of an entity type.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The public name.
    pub name: String,
    /// What its values are and where they come from.
    pub kind: AttributeKind,
    /// The report of this attribute in `query_schemas`, ready to be sent.
    pub report: Value,
    /// The value a new row gets when a client sends none (`{uid}` means a fresh id).
    pub default: Option<Value>,
}

/// What the values of an attribute are and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeKind {
    /// A stored or computed value.
    Scalar(ScalarType),
    /// Another entity, by the foreign key attribute of the same row.
    Reference {
        /// The type referred to; abstract types stand for their family.
        target: String,
        /// The attribute of this type that holds the target's primary key.
        via: String,
    },
    /// A list of entities.
    Collection {
        /// The type of its members.
        target: String,
        /// How members are found and changed.
        inverse: Inverse,
        /// Whether it is a key → value map (metadata, custom attributes).
        mapped: bool,
        /// Whether it can only be used in filters.
        restricted: bool,
    },
}

/// The JSON type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarType {
    /// Text.
    Text,
    /// Text that is a point in time; on the wire `{"__type__": "datetime", …}`.
    DateTime,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Any JSON value or a tagged date.
    Variable,
    /// A JSON object.
    Object,
}

/// How the members of a collection are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inverse {
    /// Rows of the target whose foreign key attribute names this row.
    ForeignKey {
        /// The attribute on the target type.
        attribute: String,
    },
    /// Rows of the target reached through rows of a link type.
    Through {
        /// The link type, such as `Membership`.
        link: String,
        /// The attribute of the link type that names this row.
        own: String,
        /// The attribute of the link type that names the member.
        other: String,
    },
    /// As `ForeignKey`, restricted to rows whose attribute has a fixed value
    /// (`assignments` are the appointments of type `assignment`).
    Where {
        /// The attribute on the target type that names this row.
        attribute: String,
        /// The attribute that must have the value.
        filter: String,
        /// The value.
        value: String,
    },
    /// All parents, transitively, without this row.
    Ancestors,
    /// All children, transitively, without this row.
    Descendants,
    /// Custom attribute values of this row: one per applicable configuration.
    CustomAttributes,
    /// Computed by a function that the query evaluation names after the type and attribute; used where no plainer form fits.
    Special,
}
