//! Entity types together with the keys that their custom attributes are known to have.

use super::{AttributeKind, SchemaView};

/// A schema that also knows the keys of a collection of keys and values.
///
/// Which custom attributes there are is not in the schema of a server: they are rows. A program
/// that read them lets a check suggest their keys.
///
/// ```
/// # use ftrack_query::{AttributeKind, SchemaView};
/// # struct Studio;
/// # impl SchemaView for Studio {
/// #     fn entity_types(&self) -> Vec<&str> { vec!["Shot", "Value"] }
/// #     fn attributes(&self, _: &str) -> Vec<&str> { vec!["key", "value"] }
/// #     fn attribute(&self, entity_type: &str, attribute: &str) -> Option<AttributeKind> {
/// #         match (entity_type, attribute) {
/// #             ("Shot", "custom_attributes") => Some(AttributeKind::Collection("Value".into())),
/// #             ("Value", "key" | "value") => Some(AttributeKind::Scalar),
/// #             _ => None,
/// #         }
/// #     }
/// # }
/// use ftrack_query::{KnownKeys, Query};
///
/// let keys = ["fstart", "fend"].map(str::to_owned);
/// let schema = KnownKeys::new(&Studio, "custom_attributes", keys);
/// let query = Query::parse(r#"Shot where custom_attributes any (key is "fstrat" and value > 8)"#)?;
/// assert_eq!(query.check(&schema)[0].suggestion.as_deref(), Some("fstart"));
/// # Ok::<(), ftrack_query::ParseError>(())
/// ```
pub struct KnownKeys<'a> {
    schema: &'a dyn SchemaView,
    attribute: &'a str,
    keys: Vec<String>,
}

impl<'a> KnownKeys<'a> {
    /// The schema, and all keys that an attribute has on any type.
    pub fn new(
        schema: &'a dyn SchemaView,
        attribute: &'a str,
        keys: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            schema,
            attribute,
            keys: keys.into_iter().collect(),
        }
    }
}

impl std::fmt::Debug for KnownKeys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownKeys")
            .field("attribute", &self.attribute)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl SchemaView for KnownKeys<'_> {
    fn entity_types(&self) -> Vec<&str> {
        self.schema.entity_types()
    }

    fn attributes(&self, entity_type: &str) -> Vec<&str> {
        self.schema.attributes(entity_type)
    }

    fn attribute(&self, entity_type: &str, attribute: &str) -> Option<AttributeKind> {
        self.schema.attribute(entity_type, attribute)
    }

    fn has_type(&self, entity_type: &str) -> bool {
        self.schema.has_type(entity_type)
    }

    fn subtypes(&self, entity_type: &str) -> Vec<&str> {
        self.schema.subtypes(entity_type)
    }

    fn keys(&self, entity_type: &str, attribute: &str) -> Option<Vec<&str>> {
        if attribute == self.attribute {
            return Some(self.keys.iter().map(String::as_str).collect());
        }
        self.schema.keys(entity_type, attribute)
    }
}
