//! What metadata and custom attributes look like in values and types.

use ftrack_entity::{Attribute, AttributeKind, Value};

/// The name of the attribute of metadata.
pub(crate) const METADATA: &str = "metadata";

/// The name of the attribute of custom attributes.
pub(crate) const CUSTOM_ATTRIBUTES: &str = "custom_attributes";

/// The entity type of values of custom attributes that exist only where one was set. The names of the others end with
/// it.
pub(crate) const SPARSE: &str = "CustomAttributeValue";

/// The entity type of what is behind a key of metadata.
pub(crate) const ROW_TYPE: &str = "Metadata";

/// Whether the attribute holds metadata.
pub(crate) fn is_metadata(attribute: &Attribute) -> bool {
    matches!(attribute.kind(), AttributeKind::MappedCollection(target) if target.as_str() == ROW_TYPE)
}

/// The keys and values of a JSON object.
pub(crate) fn items(value: &Value) -> Option<Vec<(String, Value)>> {
    match value {
        Value::Json(json) => match json.to_value() {
            serde_json::Value::Object(items) => {
                let items = items.into_iter();
                Some(items.map(|(key, value)| (key, value.into())).collect())
            }
            _ => None,
        },
        _ => None,
    }
}
