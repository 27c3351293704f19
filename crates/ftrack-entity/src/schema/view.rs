//! The schema as the query language sees it.

use ftrack_query::{AttributeKind as QueryKind, SchemaView};

use super::{AttributeKind, DataType, Schema};

/// Queries can be checked against a schema before they are sent.
///
/// ```
/// use ftrack_entity::Schema;
/// use ftrack_query::Query;
///
/// let schema = Schema::from_json(br#"[{"id": "Status", "primary_key": ["id"],
///     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#)?;
/// let query = Query::parse("Status where nmae is Done")?;
/// let faults = query.check(&schema);
/// assert_eq!(faults[0].suggestion.as_deref(), Some("name"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl SchemaView for Schema {
    fn entity_types(&self) -> Vec<&str> {
        self.names()
            .map(crate::name::EntityTypeName::as_str)
            .collect()
    }

    fn attributes(&self, entity_type: &str) -> Vec<&str> {
        self.get(entity_type)
            .map(|known| known.queryable().map(super::Attribute::name).collect())
            .unwrap_or_default()
    }

    fn attribute(&self, entity_type: &str, attribute: &str) -> Option<QueryKind> {
        let known = self
            .get(entity_type)?
            .queryable()
            .find(|known| known.name() == attribute)?;
        let name = |target: crate::name::EntityTypeName| target.as_str().to_owned();
        Some(match known.kind() {
            AttributeKind::Scalar(DataType::Integer | DataType::Number) => QueryKind::Number,
            AttributeKind::Scalar(_) => QueryKind::Scalar,
            AttributeKind::Reference(target) => QueryKind::Reference(name(target)),
            AttributeKind::Collection(target) | AttributeKind::MappedCollection(target) => {
                QueryKind::Collection(name(target))
            }
        })
    }

    fn has_type(&self, entity_type: &str) -> bool {
        self.get(entity_type).is_some()
    }

    fn subtypes(&self, entity_type: &str) -> Vec<&str> {
        let Some(base) = self.get(entity_type) else {
            return Vec::new();
        };
        self.types()
            .filter(|other| other.name() != base.name() && other.is_kind_of(base))
            .map(|other| other.name().as_str())
            .collect()
    }
}
