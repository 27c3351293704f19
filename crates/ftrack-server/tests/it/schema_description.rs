//! The entity types as `SchemaVersion::describe` describes them, for tests that go through all of them.

use ftrack_server::SchemaVersion;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Entity types by name.
pub(crate) struct Schema {
    pub(crate) types: IndexMap<String, EntityType>,
}

#[derive(Deserialize)]
pub(crate) struct EntityType {
    pub(crate) name: String,
    pub(crate) family: Option<String>,
    pub(crate) is_abstract: bool,
    pub(crate) is_reported: bool,
    /// The type whose rows this one shows.
    pub(crate) shows: Option<String>,
    pub(crate) primary_key: Vec<String>,
    pub(crate) required: Vec<String>,
    pub(crate) immutable: Vec<String>,
    /// Who may see rows, in the words of the documentation.
    pub(crate) belongs_to: Option<String>,
    pub(crate) attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) kind: AttributeKind,
    pub(crate) default: Option<Value>,
    pub(crate) foreign_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AttributeKind {
    Scalar(ScalarType),
    Reference {
        target: String,
        /// The foreign keys, separated by commas; empty where the server computes the reference.
        via: String,
    },
    Collection {
        target: String,
        members: Members,
        is_restricted: bool,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ScalarType {
    Text,
    DateTime,
    Boolean,
    Integer,
    Number,
    Variable,
    Object,
}

/// How members are found.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Members {
    /// By a foreign key, of rows that also have these values.
    Where {
        #[serde(rename = "by")]
        _by: String,
        #[serde(rename = "where")]
        _filter: Map<String, Value>,
    },
    /// By a foreign key.
    ForeignKey { by: String },
    /// By rows of a link type.
    Through {
        #[serde(rename = "through")]
        _link: String,
    },
    /// By what the server computes, such as `ancestors`.
    Computed(#[expect(dead_code, reason = "only tells it from the others")] String),
}

impl Schema {
    /// The entity types of the newest version.
    pub(crate) fn newest() -> Self {
        let types: Vec<EntityType> =
            serde_json::from_value(SchemaVersion::default().describe()).unwrap();
        let named = types.into_iter().map(|found| (found.name.clone(), found));
        Self {
            types: named.collect(),
        }
    }

    /// Whether rows of a type are seen by queries on a family, which may be the type itself.
    pub(crate) fn is_kind_of(&self, concrete: &str, family: &str) -> bool {
        let mut name = concrete;
        while let Some(entity_type) = self.types.get(name) {
            if name == family {
                return true;
            }
            match &entity_type.family {
                Some(parent) => name = parent,
                None => return false,
            }
        }
        false
    }

    /// Whether queries on `family` see rows of the concrete type `name`.
    pub(crate) fn has_member(&self, family: &str, name: &str) -> bool {
        let found = self.types.get(name);
        found.is_some_and(|found| !found.is_abstract) && self.is_kind_of(name, family)
    }

    /// Who may see the rows of a type.
    pub(crate) fn belongs_to(&self, name: &str) -> &str {
        self.types[name].belongs_to.as_deref().unwrap()
    }
}

impl EntityType {
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|found| found.name == name)
    }
}
