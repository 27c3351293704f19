//! The schema of a studio, from the answer to `query_schemas` that its server gave.
//!
//! An answer says what attributes there are. It does not say how they are kept: which foreign key a reference goes by,
//! how the members of a collection are found, which tables clients do not see. What the built-in schema knows of the
//! same type and attribute is taken from it; the rest is inferred, see [`attribute`].

mod attribute;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use thiserror::Error;

use self::attribute::Inference;
use super::definition;
use super::model::{EntityType, MIXIN, Schema};
use super::version::SchemaVersion;

/// What the report of a type says that has a field of its own in the model.
const KNOWN_KEYS: [&str; 11] = [
    "id",
    "type",
    "properties",
    "primary_key",
    "required",
    "immutable",
    "default_projections",
    "computed",
    "system_projections",
    "alias_for",
    "hidden",
];

/// A recorded answer that no server can work by.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum RecordedSchemaError {
    /// It is not what `query_schemas` answers.
    #[error("it is not a list of entity types, each an object with an `id`")]
    NotAList,
    /// Two types have one name.
    #[error("it has two entity types `{0}`")]
    Twice(String),
    /// Part of a type is of the wrong form.
    #[error("{entity_type}: `{part}` is not {expected}")]
    Form {
        /// The type.
        entity_type: String,
        /// What is wrong: a key of the type, or an attribute.
        part: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Types that the server itself cannot do without.
    #[error("it lacks the entity type `{0}`, which the server needs")]
    Lacking(&'static str),
    /// An attribute or key leads nowhere.
    #[error("{entity_type}.{attribute}: {reason}")]
    Inconsistent {
        /// The type.
        entity_type: String,
        /// The attribute.
        attribute: String,
        /// What does not fit.
        reason: String,
    },
}

/// Types that a server cannot do without: people log in, and contexts stand in projects.
const NEEDED: [&str; 6] = [
    "Context",
    "TypedContext",
    "Project",
    "Resource",
    "User",
    "ObjectType",
];

impl Schema {
    /// The schema that a recorded answer to `query_schemas` describes: stored, indexed and reported accordingly.
    ///
    /// # Errors
    /// What is not such an answer, or one whose types do not fit together.
    pub(crate) fn recorded(report: &Value) -> Result<Self, RecordedSchemaError> {
        let types = types(report)?;
        if let Some(lacking) = NEEDED.into_iter().find(|name| !types.contains_key(*name)) {
            return Err(RecordedSchemaError::Lacking(lacking));
        }
        // Types that only newer servers have tell which one to compare with.
        let version = if types.contains_key("BaseUser") {
            SchemaVersion::V128
        } else {
            SchemaVersion::V116
        };
        let known = Self::builtin_version(version);
        let mut schema = Self::default();
        for (name, report) in &types {
            let entity_type = entity_type(name, report, &known, &types)?;
            schema.types.insert((*name).to_owned(), entity_type);
        }
        add_hidden_families(&mut schema, &known);
        let inference = Inference {
            known: &known,
            report: &types,
        };
        for (name, report) in &types {
            inference.fill(&mut schema, name, properties(name, report)?)?;
        }
        add_hidden(&mut schema, &known);
        check(&schema)?;
        Ok(schema)
    }
}

type Report<'r> = IndexMap<&'r str, &'r Map<String, Value>>;

fn types(report: &Value) -> Result<Report<'_>, RecordedSchemaError> {
    let list = report.as_array().ok_or(RecordedSchemaError::NotAList)?;
    let mut types = Report::new();
    for item in list {
        let found = item.as_object().ok_or(RecordedSchemaError::NotAList)?;
        let name = found.get("id").and_then(Value::as_str);
        let name = name.ok_or(RecordedSchemaError::NotAList)?;
        if types.insert(name, found).is_some() {
            return Err(RecordedSchemaError::Twice(name.to_owned()));
        }
    }
    Ok(types)
}

fn properties<'r>(
    name: &str,
    report: &'r Map<String, Value>,
) -> Result<&'r Map<String, Value>, RecordedSchemaError> {
    let found = report.get("properties").and_then(Value::as_object);
    found.ok_or_else(|| form(name, "properties", "an object"))
}

fn form(entity_type: &str, part: &str, expected: &'static str) -> RecordedSchemaError {
    RecordedSchemaError::Form {
        entity_type: entity_type.to_owned(),
        part: part.to_owned(),
        expected,
    }
}

/// What is said of a type as a whole.
fn entity_type(
    name: &str,
    report: &Map<String, Value>,
    known: &Schema,
    types: &Report<'_>,
) -> Result<EntityType, RecordedSchemaError> {
    let known_type = known.types.get(name);
    let names = |key: &str| names(name, report, key);
    let object_type = object_type_id(report);
    let mut entity_type = EntityType {
        name: name.to_owned(),
        family: family(name, report, known_type, types),
        discriminator: known_type.and_then(|found| found.discriminator.clone()),
        is_abstract: known_type.is_some_and(|found| found.is_abstract),
        shows: known_type
            .and_then(|found| found.shows.clone())
            .filter(|shown| types.contains_key(shown.as_str())),
        primary_key: names("primary_key")?.unwrap_or_default(),
        required: names("required")?.unwrap_or_default(),
        immutable: names("immutable")?.unwrap_or_default(),
        default_projections: names("default_projections")?.unwrap_or_default(),
        computed: names("computed")?,
        system_projections: names("system_projections")?,
        alias_for: report.get("alias_for").cloned(),
        is_untyped: !report.contains_key("type"),
        extra: report
            .iter()
            .filter(|(key, _)| !KNOWN_KEYS.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        ..EntityType::default()
    };
    if let Some(id) = object_type {
        entity_type.discriminator = Some(("object_type_id".to_owned(), id.to_owned()));
    }
    if entity_type.primary_key.is_empty() {
        return Err(form(name, "primary_key", "a list of names"));
    }
    Ok(entity_type)
}

/// The family of a type: the one that the server knows, or the type that it is said to extend.
fn family(
    name: &str,
    report: &Map<String, Value>,
    known: Option<&EntityType>,
    types: &Report<'_>,
) -> Option<String> {
    if let Some(known) = known {
        return known.family.clone();
    }
    if object_type_id(report).is_some() {
        return Some("TypedContext".to_owned());
    }
    let mixin = report.get(MIXIN)?.get("$ref")?.as_str()?;
    // A type that extends itself, or one that is not there, extends nothing.
    (mixin != name && types.contains_key(mixin)).then(|| mixin.to_owned())
}

/// The object type whose contexts are the rows of a type.
fn object_type_id(report: &Map<String, Value>) -> Option<&str> {
    let classifiers = report.get("alias_for")?.get("classifiers")?;
    classifiers.get("object_typeid")?.as_str()
}

fn names(
    entity_type: &str,
    report: &Map<String, Value>,
    key: &str,
) -> Result<Option<Vec<String>>, RecordedSchemaError> {
    match report.get(key) {
        None => Ok(None),
        Some(value) => serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|_| form(entity_type, key, "a list of names")),
    }
}

/// Families that no report shows but that types belong to.
fn add_hidden_families(schema: &mut Schema, known: &Schema) {
    let families: Vec<String> = schema
        .types
        .values()
        .filter_map(|found| found.family.clone())
        .collect();
    for name in families {
        if let (false, Some(family)) = (schema.types.contains_key(&name), known.types.get(&name)) {
            schema.types.insert(name, family.clone());
        }
    }
}

/// Types and attributes that no report shows but that rows are kept in.
fn add_hidden(schema: &mut Schema, known: &Schema) {
    for hidden in known.types.values().filter(|found| found.hidden) {
        if schema.types.contains_key(&hidden.name) {
            continue;
        }
        let targets = hidden.attributes.values();
        let mut targets = targets.filter_map(|found| found.foreign_key.as_deref());
        if targets.all(|target| schema.types.contains_key(target)) {
            schema.types.insert(hidden.name.clone(), hidden.clone());
        }
    }
    for known_type in known.types.values() {
        let Some(entity_type) = schema.types.get_mut(&known_type.name) else {
            continue;
        };
        for attribute in known_type.attributes.values().filter(|found| found.hidden) {
            entity_type
                .attributes
                .entry(attribute.name.clone())
                .or_insert_with(|| attribute.clone());
        }
    }
}

fn check(schema: &Schema) -> Result<(), RecordedSchemaError> {
    for entity_type in schema.types.values() {
        let inconsistent = |attribute: &str, reason: String| RecordedSchemaError::Inconsistent {
            entity_type: entity_type.name.clone(),
            attribute: attribute.to_owned(),
            reason,
        };
        for name in &entity_type.primary_key {
            if !entity_type.attributes.contains_key(name) {
                let reason = "the primary key names it, and there is no such attribute".to_owned();
                return Err(inconsistent(name, reason));
            }
        }
        for attribute in entity_type.attributes.values() {
            definition::check_attribute(schema, entity_type, attribute)
                .map_err(|reason| inconsistent(&attribute.name, reason))?;
        }
    }
    Ok(())
}
