//! The answer to `query_schemas`, as sent.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Attribute, AttributeKind, DataType, EntityType};
use crate::error::{Error, Result};
use crate::name::EntityTypeName;

#[derive(Deserialize)]
struct SchemaReport {
    id: String,
    #[serde(default)]
    properties: Properties,
    #[serde(default)]
    primary_key: Vec<String>,
    #[serde(default)]
    default_projections: Vec<String>,
    #[serde(default)]
    immutable: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    computed: Vec<String>,
    /// The table: a text for a type that has it to itself, else an object with its name and what tells the types in it
    /// apart.
    #[serde(default)]
    alias_for: serde_json::Value,
}

#[derive(Deserialize)]
struct Property {
    #[serde(rename = "type")]
    data_type: Option<String>,
    format: Option<String>,
    #[serde(rename = "$ref")]
    target: Option<String>,
    items: Option<Items>,
    default: Option<serde_json::Value>,
    #[serde(default)]
    restricted_projection: bool,
    /// The column.
    #[serde(default)]
    alias_for: serde_json::Value,
}

#[derive(Deserialize)]
struct Items {
    #[serde(rename = "$ref")]
    target: Option<String>,
}

/// Properties in the order of the text.
#[derive(Default)]
struct Properties(Vec<(String, Property)>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Properties;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of properties")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Properties, A::Error> {
                let mut properties = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    properties.push(entry);
                }
                Ok(Properties(properties))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

pub(super) fn entity_types(text: &[u8]) -> Result<Vec<EntityType>> {
    let reports: Vec<SchemaReport> =
        serde_json::from_slice(text).map_err(|source| Error::malformed("the schemas", source))?;
    Ok(reports.into_iter().map(entity_type).collect())
}

/// One of the types.
pub(super) fn one(text: &[u8]) -> Result<EntityType> {
    let report =
        serde_json::from_slice(text).map_err(|source| Error::malformed("a schema", source))?;
    Ok(entity_type(report))
}

/// What a type is found by.
#[derive(Deserialize)]
struct Named<'text> {
    #[serde(borrow)]
    id: Cow<'text, str>,
}

/// The name of each type, and where it is in the text.
pub(super) fn places(text: &[u8]) -> Result<Vec<(Cow<'_, str>, Range<usize>)>> {
    let malformed = |source| Error::malformed("the schemas", source);
    let schemas: Vec<&RawValue> = serde_json::from_slice(text).map_err(malformed)?;
    let start = text.as_ptr().addr();
    let schemas = schemas.into_iter().map(|schema| {
        let schema = schema.get();
        let named: Named<'_> = serde_json::from_str(schema).map_err(malformed)?;
        let begin = schema.as_ptr().addr() - start;
        Ok((named.id, begin..begin + schema.len()))
    });
    schemas.collect()
}

fn entity_type(report: SchemaReport) -> EntityType {
    let SchemaReport {
        id,
        properties,
        primary_key,
        default_projections,
        immutable,
        required,
        computed,
        alias_for,
    } = report;
    let (mut attributes, mut filter_only) = (Vec::new(), Vec::new());
    for (name, property) in properties.0 {
        let Some(kind) = kind(&property) else {
            continue;
        };
        let mut attribute = Attribute::new(&name, kind).with_default(property.default);
        attribute.immutable = immutable.contains(&name);
        attribute.required = required.contains(&name);
        attribute.computed = computed.contains(&name);
        if let Some(column) = property.alias_for.as_str() {
            attribute = attribute.with_column(column);
        }
        let list = if property.restricted_projection {
            &mut filter_only
        } else {
            &mut attributes
        };
        list.push(attribute);
    }
    let entity_type = EntityType::new(&id, attributes, &primary_key, default_projections)
        .with_filter_only(filter_only);
    match (alias_for.as_str(), alias_for["id"].as_str()) {
        (Some(table), _) => entity_type.with_table(table, false),
        (None, Some(table)) => {
            let entity_type = entity_type.with_table(table, true);
            let classifiers = alias_for["classifiers"].as_object();
            let classifier = classifiers.and_then(|classifiers| classifiers.iter().next());
            match classifier.and_then(|(column, value)| Some((column, value.as_str()?))) {
                Some((column, value)) => entity_type.with_classifier(column, value),
                None => entity_type,
            }
        }
        (None, None) => entity_type,
    }
}

/// What an attribute is; `None` for those that clients leave out: mapped arrays that are neither maps nor for
/// conditions only, and properties without any type.
fn kind(property: &Property) -> Option<AttributeKind> {
    let members = property
        .items
        .as_ref()
        .and_then(|items| items.target.as_deref());
    Some(
        match (property.data_type.as_deref(), property.format.as_deref()) {
            (Some("array"), _) => AttributeKind::Collection(EntityTypeName::new(members?)),
            (Some("mapped_array"), _) => {
                let members = members?;
                let is_map = members == "Metadata" || members.ends_with("CustomAttributeValue");
                match (is_map, property.restricted_projection) {
                    (true, _) => AttributeKind::MappedCollection(EntityTypeName::new(members)),
                    // Links, for conditions only.
                    (false, true) => AttributeKind::Collection(EntityTypeName::new(members)),
                    (false, false) => return None,
                }
            }
            (Some("string"), Some("date-time")) => AttributeKind::Scalar(DataType::DateTime),
            (Some("string"), _) => AttributeKind::Scalar(DataType::Text),
            (Some("boolean"), _) => AttributeKind::Scalar(DataType::Boolean),
            (Some("integer"), _) => AttributeKind::Scalar(DataType::Integer),
            (Some("number"), _) => AttributeKind::Scalar(DataType::Number),
            (Some("variable"), _) => AttributeKind::Scalar(DataType::Variable),
            (Some("object"), _) => AttributeKind::Scalar(DataType::Object),
            (None, _) => AttributeKind::Reference(EntityTypeName::new(property.target.as_deref()?)),
            (Some(_), _) => return None,
        },
    )
}
