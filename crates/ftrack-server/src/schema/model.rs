//! The schema in memory: what a definition says, with every family resolved.
//!
//! Beyond what a server reports, the model says how values are stored. A few rules hold for every type:
//!
//! * A reference stores nothing itself; the foreign key attribute named by `via` does.
//! * A `parent_id` that has a `parent_type` beside it (metadata, notes, status changes, settings of entities) may
//!   hold the id of any type; writing through the collection sets both.
//! * *Hidden* types and attributes are stored and understood in queries, but not reported.

use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Under what name a report says which type another one extends.
pub(crate) const MIXIN: &str = "$mixin";

/// Every entity type that this server knows, in the order in which it reports them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schema {
    /// Entity types by name.
    pub(crate) types: IndexMap<String, EntityType>,
}

/// One entity type: what `query_schemas` reports about it, and how the server stores it.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something of its own about the type"
)]
pub(crate) struct EntityType {
    /// The name by which queries and answers call it, such as `AssetVersion`.
    pub(crate) name: String,
    /// The abstract type it belongs to (`Task` → `TypedContext` → `Context`); queries on that type see its rows too.
    pub(crate) family: Option<String>,
    /// What tells a row of this type from its siblings in the family, such as `("object_type_id", "11c1…")`.
    pub(crate) discriminator: Option<(String, String)>,
    /// Whether rows are always of a more concrete type (`Context`, `Component`, `Resource`, …).
    pub(crate) is_abstract: bool,
    /// Whether the type is left out of the report: link tables that clients see only as collections on either side.
    pub(crate) hidden: bool,
    /// The type whose rows this one shows under another name, as `NoteCategory` shows those of `NoteLabel`.
    ///
    /// Rows exist once, under that other type; for a member of a family that shows a family, under some member of it.
    pub(crate) shows: Option<String>,
    /// Attributes by name.
    pub(crate) attributes: IndexMap<String, Attribute>,
    /// Names of the primary key attributes, in order.
    pub(crate) primary_key: Vec<String>,
    /// Attributes that must have a value once a batch is done.
    pub(crate) required: Vec<String>,
    /// Attributes that cannot be changed after creation.
    pub(crate) immutable: Vec<String>,
    /// Attributes that the server computes on reading; `None` leaves the key out of the report.
    pub(crate) computed: Option<Vec<String>>,
    /// Attributes that clients ask for by default.
    pub(crate) default_projections: Vec<String>,
    /// Attributes that every answer carries, by their server-side names, as reported; `None` leaves the key out.
    pub(crate) system_projections: Option<Vec<String>>,
    /// The server-side name, reported as is: a string, or an object with classifiers.
    pub(crate) alias_for: Option<Value>,
    /// What the report says beyond all this: the type that this one extends, and whether rows can be grouped.
    pub(crate) extra: Map<String, Value>,
    /// Whether it was made from an object type that a studio added, and goes with it.
    pub(crate) is_added: bool,
    /// Whether the report does not say that rows are objects, as it does of nearly every type.
    pub(crate) is_untyped: bool,
}

/// One attribute of an entity type.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    /// The public name.
    pub(crate) name: String,
    /// What its values are and where they come from.
    pub(crate) kind: AttributeKind,
    /// The report of this attribute in `query_schemas`, ready to be sent.
    pub(crate) report: Value,
    /// The value a new row gets when a client sends none (`{uid}` means a fresh id).
    pub(crate) default: Option<Value>,
    /// Whether queries and writes know the attribute although it is never reported.
    pub(crate) hidden: bool,
    /// The attribute of the same type that holds the value, for a second name of one value (`is_all_projects`).
    pub(crate) same_as: Option<String>,
    /// For a scalar that holds the primary key of another entity: the type referred to.
    pub(crate) foreign_key: Option<String>,
}

/// What the values of an attribute are and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AttributeKind {
    /// A stored or computed value.
    Scalar(ScalarType),
    /// Another entity, by the foreign key attribute of the same row.
    Reference {
        /// The type referred to; abstract types stand for their family.
        target: String,
        /// The attribute of this type that holds the target's primary key; for a composite key the names of all,
        /// in the order of that key, separated by commas (`name,group`). Empty when the server computes it.
        via: String,
    },
    /// A list of entities.
    Collection {
        /// The type of its members; wider than the reported one where a server keeps more in the collection
        /// than it says (`TypedContextList.items` holds any typed context).
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
pub(crate) enum ScalarType {
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
pub(crate) enum Inverse {
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
    /// All parents of the target type, transitively, without this row.
    Ancestors,
    /// All children of the target type, transitively, without this row.
    Descendants,
    /// Custom attribute values of this row: one per applicable configuration.
    CustomAttributes,
    /// Computed by a function that the query evaluation names after the type and attribute; used where no plainer form
    /// fits.
    Special,
}
