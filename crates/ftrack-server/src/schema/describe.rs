//! A description of the entity types that says more than `query_schemas` does, for readers and tests.

use serde_json::{Value, json};

use super::model::{Attribute, AttributeKind, EntityType, Inverse, ScalarType, Schema};
use super::version::SchemaVersion;

impl SchemaVersion {
    /// Describes how this version stores its entity types: a JSON list of objects, one for each type in the order in
    /// which `query_schemas` reports them.
    ///
    /// It says what that report leaves out: link types and attributes that clients do not see, which family a type
    /// belongs to, which foreign key is behind a reference, how the members of a collection are found, and by what it
    /// is decided who may see a row (`belongs_to`, in the words of the documentation).
    ///
    /// The keys of a type are `name`, `family`, `is_abstract`, `is_reported`, `shows` (the type whose rows it shows
    /// under another name), `primary_key`, `required`, `immutable`, `belongs_to` and `attributes`. Those of an
    /// attribute are `name`, `is_reported`, `default` and `foreign_key` where it has them, and `kind`: an object whose
    /// only key is `scalar`, `reference` or `collection`.
    ///
    /// ```
    /// use ftrack_server::SchemaVersion;
    ///
    /// let description = SchemaVersion::default().describe();
    /// let types = description.as_array().unwrap();
    /// let status = types.iter().find(|found| found["name"] == "Status").unwrap();
    /// assert_eq!(status["belongs_to"], "the studio");
    /// assert_eq!(status["primary_key"], serde_json::json!(["id"]));
    /// ```
    pub fn describe(self) -> Value {
        let schema = Schema::builtin_version(self);
        let describe = |entity_type| describe_type(&schema, entity_type);
        schema.types.values().map(describe).collect()
    }
}

fn describe_type(schema: &Schema, entity_type: &EntityType) -> Value {
    let attributes = entity_type.attributes.values();
    json!({
        "name": entity_type.name,
        "family": entity_type.family,
        "is_abstract": entity_type.is_abstract,
        "is_reported": !entity_type.hidden,
        "shows": entity_type.shows,
        "primary_key": entity_type.primary_key,
        "required": entity_type.required,
        "immutable": entity_type.immutable,
        "belongs_to": schema.belongs_to(&entity_type.name),
        "attributes": attributes.map(describe_attribute).collect::<Vec<_>>(),
    })
}

fn describe_attribute(attribute: &Attribute) -> Value {
    let mut description = json!({
        "name": attribute.name,
        "is_reported": !attribute.hidden,
        "kind": describe_kind(&attribute.kind),
    });
    if let Some(default) = &attribute.default {
        description["default"] = default.clone();
    }
    if let Some(target) = &attribute.foreign_key {
        description["foreign_key"] = json!(target);
    }
    description
}

fn describe_kind(kind: &AttributeKind) -> Value {
    match kind {
        AttributeKind::Scalar(scalar) => json!({"scalar": scalar_name(*scalar)}),
        AttributeKind::Reference { target, via } => {
            json!({"reference": {"target": target, "via": via}})
        }
        AttributeKind::Collection {
            target,
            inverse,
            mapped,
            restricted,
        } => json!({"collection": {
            "target": target,
            "members": describe_members(inverse),
            "is_mapped": mapped,
            "is_restricted": restricted,
        }}),
    }
}

fn scalar_name(scalar: ScalarType) -> &'static str {
    match scalar {
        ScalarType::Text => "text",
        ScalarType::DateTime => "datetime",
        ScalarType::Boolean => "boolean",
        ScalarType::Integer => "integer",
        ScalarType::Number => "number",
        ScalarType::Variable => "variable",
        ScalarType::Object => "object",
    }
}

fn describe_members(inverse: &Inverse) -> Value {
    match inverse {
        Inverse::ForeignKey { attribute } => json!({"by": attribute}),
        Inverse::Where {
            attribute,
            filter,
            value,
        } => json!({"by": attribute, "where": {filter: value}}),
        Inverse::Through { link, own, other } => {
            json!({"through": link, "own": own, "other": other})
        }
        Inverse::Ancestors => json!("ancestors"),
        Inverse::Descendants => json!("descendants"),
        Inverse::CustomAttributes => json!("custom_attributes"),
        Inverse::Special => json!("special"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find<'d>(list: &'d Value, name: &str) -> &'d Value {
        let mut list = list.as_array().unwrap().iter();
        list.find(|found| found["name"] == name).unwrap()
    }

    #[test]
    fn a_description_says_what_the_report_leaves_out() {
        let description = SchemaVersion::V128.describe();
        let shot = find(&description, "Shot");
        assert_eq!(shot["family"], "TypedContext");
        let attribute = |name| &find(&shot["attributes"], name)["kind"];
        assert_eq!(
            *attribute("status"),
            json!({"reference": {"target": "Status", "via": "status_id"}})
        );
        assert_eq!(*attribute("bid"), json!({"scalar": "number"}));
        let members = |name| &attribute(name)["collection"]["members"];
        assert_eq!(*members("children"), json!({"by": "parent_id"}));
        assert_eq!(
            *members("assignments"),
            json!({"by": "context_id", "where": {"type": "assignment"}})
        );
        assert_eq!(*members("ancestors"), json!("ancestors"));
        assert_eq!(members("scopes")["through"], "ContextScope");
        assert_eq!(find(&description, "ContextScope")["is_reported"], false);
    }
}
