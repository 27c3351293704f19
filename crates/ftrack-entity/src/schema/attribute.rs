//! One attribute of an entity type.

use crate::name::EntityTypeName;

/// One attribute of an [`EntityType`](crate::EntityType).
#[derive(Debug, Clone)]
pub struct Attribute {
    pub(crate) name: Box<str>,
    pub(crate) kind: AttributeKind,
    pub(crate) immutable: bool,
    pub(crate) computed: bool,
    pub(crate) required: bool,
    pub(crate) default: Option<serde_json::Value>,
    /// The column that it is kept in, if that has another name.
    pub(crate) column: Option<Box<str>>,
    /// Position in the primary key, if it is part of it.
    pub(crate) key_position: Option<u16>,
}

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeKind {
    /// A plain value.
    Scalar(DataType),
    /// Another entity of this type, or of one derived from it.
    Reference(EntityTypeName),
    /// Entities of this type, or of ones derived from it.
    Collection(EntityTypeName),
    /// Entities of this type that read as a map from key to value: metadata and custom attributes.
    MappedCollection(EntityTypeName),
}

/// The data type of a scalar attribute, as the schema names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// `string`
    Text,
    /// `string` of format `date-time`
    DateTime,
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `number`
    Number,
    /// `variable`: any JSON value or a date
    Variable,
    /// `object`: a JSON object
    Object,
}

impl Attribute {
    /// An attribute that can be changed and has no default.
    ///
    /// ```
    /// use ftrack_entity::{Attribute, AttributeKind, DataType};
    ///
    /// let name = Attribute::new("name", AttributeKind::Scalar(DataType::Text)).with_immutable(true);
    /// assert!(!name.is_mutable());
    /// ```
    pub fn new(name: &str, kind: AttributeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            immutable: false,
            computed: false,
            required: false,
            default: None,
            column: None,
            key_position: None,
        }
    }

    /// The same attribute, immutable or not.
    pub fn with_immutable(mut self, immutable: bool) -> Self {
        self.immutable = immutable;
        self
    }

    /// The same attribute with this default value for new entities.
    pub fn with_default(mut self, default: Option<serde_json::Value>) -> Self {
        self.default = default;
        self
    }

    /// The same attribute, kept in a column of this name.
    pub fn with_column(mut self, column: &str) -> Self {
        self.column = (*self.name != *column).then(|| column.into());
        self
    }

    /// What events of the server call it: the column that it is kept in, such as `statusid` for `status_id`. Defaults
    /// to the name.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.name)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its values are.
    pub fn kind(&self) -> AttributeKind {
        self.kind
    }

    /// Whether it can be changed once it has a value.
    pub fn is_mutable(&self) -> bool {
        !self.immutable
    }

    /// Whether the server computes it on reading.
    pub fn is_computed(&self) -> bool {
        self.computed
    }

    /// Whether a row needs a value for it (the server may fill it in).
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Whether it is part of the primary key.
    pub fn is_key(&self) -> bool {
        self.key_position.is_some()
    }

    /// Whether its values are plain, neither a reference nor a collection.
    pub fn is_scalar(&self) -> bool {
        matches!(self.kind, AttributeKind::Scalar(_))
    }

    /// Whether its values are entities in a list or map.
    pub fn is_collection(&self) -> bool {
        matches!(
            self.kind,
            AttributeKind::Collection(_) | AttributeKind::MappedCollection(_)
        )
    }

    /// The type of the entities that it refers to, for references and collections.
    pub fn target(&self) -> Option<EntityTypeName> {
        match self.kind {
            AttributeKind::Scalar(_) => None,
            AttributeKind::Reference(target)
            | AttributeKind::Collection(target)
            | AttributeKind::MappedCollection(target) => Some(target),
        }
    }

    /// The value of a new entity that was created without one; `"{uid}"` stands for a fresh id.
    pub fn default(&self) -> Option<&serde_json::Value> {
        self.default.as_ref()
    }
}
