//! How the attributes of a recorded schema are kept.
//!
//! * An attribute that the built-in schema has under that name in that type, or in another type of the family, of the
//!   same kind and leading to the same type, is kept in the same way.
//! * A reference goes by the foreign key `NAME_id`, else by the only foreign key that leads to its type. Without one it
//!   is null.
//! * A collection holds the rows whose foreign key leads here: the one called after this type, else the only one.
//!   Without one its members are kept in a table of their own.

use serde_json::{Map, Value};

use super::{RecordedSchemaError, Report, form};
use crate::schema::definition;
use crate::schema::{Attribute, AttributeKind, EntityType, Inverse, ScalarType, Schema};

/// What is known while attributes are read.
pub(super) struct Inference<'a> {
    pub(super) known: &'a Schema,
    pub(super) report: &'a Report<'a>,
}

impl Inference<'_> {
    /// Gives a type its attributes.
    pub(super) fn fill(
        &self,
        schema: &mut Schema,
        name: &str,
        properties: &Map<String, Value>,
    ) -> Result<(), RecordedSchemaError> {
        for (attribute_name, property) in properties {
            let property = property
                .as_object()
                .ok_or_else(|| form(name, attribute_name, "an object"))?;
            let attribute = match self.known_attribute(schema, name, attribute_name, property) {
                Some(known) => taken_over(known, property),
                None => self.infer(schema, name, attribute_name, property, properties)?,
            };
            if let Some(entity_type) = schema.types.get_mut(name) {
                let key = attribute_name.clone();
                entity_type.attributes.insert(key, attribute);
            }
        }
        Ok(())
    }

    /// The attribute that the built-in schema has there, when it is of the same kind.
    fn known_attribute(
        &self,
        schema: &Schema,
        type_name: &str,
        name: &str,
        property: &Map<String, Value>,
    ) -> Option<&Attribute> {
        let mut current = Some(type_name);
        while let Some(type_name) = current {
            let known = self.known.types.get(type_name);
            let found = known.and_then(|known| known.attributes.get(name));
            if let Some(found) = found.filter(|found| is_same_kind(&found.report, property)) {
                return Some(found);
            }
            current = schema.types.get(type_name)?.family.as_deref();
        }
        None
    }

    fn infer(
        &self,
        schema: &mut Schema,
        type_name: &str,
        name: &str,
        property: &Map<String, Value>,
        properties: &Map<String, Value>,
    ) -> Result<Attribute, RecordedSchemaError> {
        let kind = match property.get("type").and_then(Value::as_str) {
            Some("array") => self.collection(schema, type_name, name, property, false)?,
            Some("mapped_array") => self.collection(schema, type_name, name, property, true)?,
            Some(scalar) => AttributeKind::Scalar(scalar_type(scalar, property)),
            None => match property.get("$ref").and_then(Value::as_str) {
                Some(target) => AttributeKind::Reference {
                    target: target.to_owned(),
                    via: self.foreign_key_to(name, target, properties),
                },
                None => AttributeKind::Scalar(ScalarType::Text),
            },
        };
        let foreign_key = match kind {
            AttributeKind::Scalar(_) => foreign_key(property),
            _ => None,
        };
        Ok(Attribute {
            name: name.to_owned(),
            kind,
            report: Value::Object(property.clone()),
            default: property.get("default").cloned(),
            hidden: false,
            same_as: None,
            foreign_key: foreign_key
                .filter(|target| self.report.contains_key(target))
                .map(str::to_owned),
        })
    }

    /// The attribute that holds the key of what a reference names; empty where nothing does.
    fn foreign_key_to(&self, name: &str, target: &str, properties: &Map<String, Value>) -> String {
        let own = format!("{name}_id");
        if properties.contains_key(&own) {
            return own;
        }
        let mut leading = properties.iter().filter(|(_, property)| {
            let leads_to = property.as_object().and_then(foreign_key);
            leads_to.is_some_and(|found| self.is_related(found, target))
        });
        match (leading.next(), leading.next()) {
            (Some((name, _)), None) => name.clone(),
            _ => String::new(),
        }
    }

    fn collection(
        &self,
        schema: &mut Schema,
        type_name: &str,
        name: &str,
        property: &Map<String, Value>,
        mapped: bool,
    ) -> Result<AttributeKind, RecordedSchemaError> {
        let items = property.get("items").and_then(|items| items.get("$ref"));
        let target = items
            .and_then(Value::as_str)
            .ok_or_else(|| form(type_name, name, "a collection that says of what"))?;
        let inverse = self.inverse(schema, type_name, name, target);
        Ok(AttributeKind::Collection {
            target: target.to_owned(),
            inverse,
            mapped,
            restricted: property.get("restricted_projection") == Some(&Value::Bool(true)),
        })
    }

    fn inverse(&self, schema: &mut Schema, type_name: &str, name: &str, target: &str) -> Inverse {
        let by = |attribute: &str| Inverse::ForeignKey {
            attribute: attribute.to_owned(),
        };
        if target == "Metadata" || target == "Note" {
            return by("parent_id");
        }
        if name == "custom_attributes" && target.ends_with("CustomAttributeValue") {
            return Inverse::CustomAttributes;
        }
        let leading = self.foreign_keys_of(target, type_name);
        let usual = format!("{}_id", snake_case(type_name));
        match leading.as_slice() {
            [only] => by(only),
            several if several.contains(&usual.as_str()) => by(&usual),
            _ => link(schema, type_name, name, target),
        }
    }

    /// The attributes of a type that hold keys of another, or of its family.
    fn foreign_keys_of(&self, target: &str, type_name: &str) -> Vec<&str> {
        let properties = self
            .report
            .get(target)
            .and_then(|found| found.get("properties"));
        let properties = properties.and_then(Value::as_object).into_iter().flatten();
        properties
            .filter(|(_, property)| {
                let leads_to = property.as_object().and_then(foreign_key);
                leads_to.is_some_and(|found| self.is_related(type_name, found))
            })
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Whether a type is another, or of its family.
    fn is_related(&self, type_name: &str, family: &str) -> bool {
        let mut current = type_name;
        // Families are few floors high; a circle of them leads nowhere.
        for _ in 0..8 {
            if current == family {
                return true;
            }
            let mixin = self.report.get(current).and_then(|found| {
                let mixin = found.get(crate::schema::model::MIXIN)?;
                mixin.get("$ref")?.as_str()
            });
            match mixin {
                Some(mixin) => current = mixin,
                None => return false,
            }
        }
        false
    }
}

/// A known attribute as it is reported here.
fn taken_over(known: &Attribute, property: &Map<String, Value>) -> Attribute {
    let mut attribute = known.clone();
    if let AttributeKind::Collection { restricted, .. } = &mut attribute.kind {
        *restricted = property.get("restricted_projection") == Some(&Value::Bool(true));
    }
    attribute.hidden = false;
    attribute.report = Value::Object(property.clone());
    attribute.default = property.get("default").cloned();
    attribute
}

/// Whether values of two attributes are the same kind of thing.
fn is_same_kind(known: &Value, property: &Map<String, Value>) -> bool {
    let form = |found: &dyn Fn(&str) -> Option<Value>| {
        let kind = found("type");
        let target = match kind {
            Some(_) => found("items"),
            None => found("$ref"),
        };
        let is_moment = found("format") == Some(Value::from("date-time"));
        (kind, target, is_moment)
    };
    form(&|key| known.get(key).cloned()) == form(&|key| property.get(key).cloned())
}

fn scalar_type(name: &str, property: &Map<String, Value>) -> ScalarType {
    let is_moment = property.get("format").and_then(Value::as_str) == Some("date-time");
    match name {
        "boolean" => ScalarType::Boolean,
        "integer" => ScalarType::Integer,
        "number" => ScalarType::Number,
        "variable" => ScalarType::Variable,
        "object" => ScalarType::Object,
        _ if is_moment => ScalarType::DateTime,
        _ => ScalarType::Text,
    }
}

/// The type whose key an attribute holds, as its description says.
fn foreign_key(property: &Map<String, Value>) -> Option<&str> {
    let description = property.get("description")?.as_str()?;
    let (target, _) = description
        .strip_prefix("Foreign key(s): ")?
        .split_once('.')?;
    Some(target)
}

/// Keeps members in a table of their own, which is never reported.
fn link(schema: &mut Schema, type_name: &str, name: &str, target: &str) -> Inverse {
    let link = format!("{type_name}.{name}");
    let (own, other) = ("owner_id", "member_id");
    let mut table = EntityType {
        name: link.clone(),
        hidden: true,
        primary_key: vec![own.to_owned(), other.to_owned()],
        required: vec![own.to_owned(), other.to_owned()],
        ..EntityType::default()
    };
    for (column, leads_to) in [(own, type_name), (other, target)] {
        let attribute = definition::foreign_key(column, leads_to);
        table.attributes.insert(column.to_owned(), attribute);
    }
    schema.types.insert(link.clone(), table);
    Inverse::Through {
        link,
        own: own.to_owned(),
        other: other.to_owned(),
    }
}

/// `AssetVersion` as `asset_version`.
fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}
