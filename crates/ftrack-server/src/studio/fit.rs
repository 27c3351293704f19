//! A studio in other entity types than those that it was made for.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Value, json};

use super::Row;
use crate::schema::{EntityType, Schema, type_name};

/// The type of typed contexts, and the attribute by which new ones have a priority.
const TEMPLATE: &str = "Task";
const PRIORITY: &str = "priority_id";

/// The rows that a schema can hold, with the attributes that it has, and the names of the types that it lacks. What
/// names a row that is left out is left out as well.
pub(super) fn fit(schema: &Schema, rows: Vec<Row>) -> (Vec<Row>, BTreeSet<String>) {
    let mut fitting = Vec::new();
    let mut lacking = BTreeSet::new();
    let mut gone: HashSet<String> = HashSet::new();
    let known = object_types(schema);
    let priority = default_priority(schema);
    for mut row in rows {
        let Some(entity_type) = schema.entity_type(&row.entity_type) else {
            gone.extend(id(&row));
            lacking.insert(row.entity_type);
            continue;
        };
        let is_object_type = row.entity_type == "ObjectType";
        let is_unknown = is_object_type && id(&row).is_none_or(|id| !known.contains(&id));
        if is_unknown || names_any(&row, &gone) {
            gone.extend(id(&row));
            continue;
        }
        row.values
            .retain(|name, _| entity_type.attribute(name).is_some());
        if let Some(found) = id(&row)
            .and_then(|id| schema.object_type(&id))
            .filter(|_| is_object_type)
        {
            name_after(&mut row, found);
        }
        if row.entity_type == "Priority" && row.values.get("name") == Some(&json!("None")) {
            row.values.insert("id".to_owned(), priority.clone());
        }
        fitting.push(row);
    }
    add_object_types(schema, &mut fitting);
    (fitting, lacking)
}

fn id(row: &Row) -> Option<String> {
    Some(row.values.get("id")?.as_str()?.to_owned())
}

fn names_any(row: &Row, gone: &HashSet<String>) -> bool {
    let texts = row.values.values().filter_map(Value::as_str);
    texts.into_iter().any(|text| gone.contains(text))
}

/// The object types that types of a schema are for.
fn object_types(schema: &Schema) -> HashSet<String> {
    let types = schema.types.values();
    types
        .filter_map(|found| Some(object_type_id(found)?.to_owned()))
        .collect()
}

fn object_type_id(entity_type: &EntityType) -> Option<&str> {
    let (name, id) = entity_type.discriminator.as_ref()?;
    (name == "object_type_id").then_some(id)
}

/// Calls an object type as the schema does, where a studio gave it another name.
fn name_after(row: &mut Row, entity_type: &EntityType) {
    let name = row.values.get("name").and_then(Value::as_str);
    if name.map(type_name).as_deref() != Some(entity_type.name.as_str()) {
        row.values
            .insert("name".to_owned(), words(&entity_type.name).into());
    }
}

/// The priority of new contexts, which must be there.
fn default_priority(schema: &Schema) -> Value {
    let attribute = schema
        .entity_type(TEMPLATE)
        .and_then(|template| template.attribute(PRIORITY));
    let default = attribute.and_then(|attribute| attribute.default.clone());
    default.unwrap_or_else(|| super::workflow::priority("None").into())
}

/// Adds the object types of a schema that are not there yet.
fn add_object_types(schema: &Schema, rows: &mut Vec<Row>) {
    let object_types = rows.iter().filter(|row| row.entity_type == "ObjectType");
    let there: HashSet<String> = object_types.filter_map(id).collect();
    let mut sort = there.len();
    for entity_type in schema.types.values() {
        let Some(id) = object_type_id(entity_type).filter(|id| !there.contains(*id)) else {
            continue;
        };
        let may_change = |name: &str| !entity_type.immutable.iter().any(|found| found == name);
        let values = json!({
            "id": id,
            "name": words(&entity_type.name),
            "icon": "default",
            "sort": sort,
            "is_leaf": false,
            "is_taskable": true,
            "is_typeable": may_change("type_id"),
            "is_statusable": may_change("status_id"),
            "is_schedulable": may_change("start_date"),
            "is_prioritizable": may_change("priority_id"),
            "is_time_reportable": false,
        });
        let Value::Object(mut values) = values else {
            continue;
        };
        let definition = schema.entity_type("ObjectType");
        values.retain(|name, _| definition.is_some_and(|found| found.attribute(name).is_some()));
        sort += 1;
        rows.push(Row {
            entity_type: "ObjectType".to_owned(),
            values,
        });
    }
}

/// `AssetBuild` as `Asset Build`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character);
    }
    words
}
