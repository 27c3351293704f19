//! What a server starts with: that it is sound by the schema, and that every documented example finds its rows.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde_json::Value;

use super::{Row, demo_rows};
use crate::schema::{AttributeKind, EntityType, ScalarType, Schema, type_name};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 1).unwrap()
}

fn everything(administrator: &str) -> Vec<Row> {
    let mut rows = super::rows(administrator);
    rows.extend(demo_rows(administrator, today()));
    rows
}

/// The types whose queries see rows of a type: those up to the top of its family, and those that show it.
fn families<'s>(schema: &'s Schema, name: &str) -> Vec<&'s EntityType> {
    let sees = |found: &&EntityType| {
        schema.is_kind_of(name, &found.name) || found.shows.as_deref() == Some(name)
    };
    schema.types.values().filter(sees).collect()
}

fn key(row: &Row, entity_type: &EntityType) -> String {
    let values = entity_type.primary_key.iter().map(|name| &row.values[name]);
    let values: Vec<&str> = values.map(|value| value.as_str().unwrap()).collect();
    values.join(",")
}

fn fits(value: &Value, scalar: ScalarType) -> bool {
    match scalar {
        _ if value.is_null() => true,
        ScalarType::Text => value.is_string(),
        ScalarType::DateTime => value["__type__"] == "datetime" && value["value"].is_string(),
        ScalarType::Boolean => value.is_boolean(),
        ScalarType::Integer => value.is_i64(),
        ScalarType::Number => value.is_number(),
        ScalarType::Object => value.is_object(),
        ScalarType::Variable => true,
    }
}

fn stored(entity_type: &EntityType, name: &str) -> ScalarType {
    let found = entity_type.attribute(name);
    let found = found.unwrap_or_else(|| panic!("{}.{name} does not exist", entity_type.name));
    match found.kind {
        AttributeKind::Scalar(scalar) => scalar,
        _ => panic!("{}.{name} is not stored", entity_type.name),
    }
}

#[test]
fn rows_hold_what_their_types_store() {
    let schema = Schema::builtin();
    for row in everything("ada") {
        let entity_type = schema.entity_type(&row.entity_type).unwrap();
        assert!(!entity_type.is_abstract, "{}", row.entity_type);
        assert_eq!(entity_type.shows, None, "{}", row.entity_type);
        for (name, value) in &row.values {
            let scalar = stored(entity_type, name);
            assert!(fits(value, scalar), "{}.{name}: {value}", row.entity_type);
        }
        for family in families(&schema, &row.entity_type) {
            if let Some((name, value)) = &family.discriminator {
                assert_eq!(row.values[name], *value);
            }
        }
        let missing = |name: &&String| {
            let value = row.values.get(*name).unwrap_or(&Value::Null);
            value.is_null() && entity_type.attribute(name).is_some()
        };
        let missing = entity_type.required.iter().find(missing);
        assert_eq!(missing, None, "{}: {:?}", row.entity_type, row.values);
    }
}

#[test]
fn rows_refer_to_rows_before_them() {
    let schema = Schema::builtin();
    for administrator in ["ada", "john", "tove"] {
        let mut known: HashSet<(String, String)> = HashSet::new();
        for row in everything(administrator) {
            let entity_type = schema.entity_type(&row.entity_type).unwrap();
            for family in families(&schema, &row.entity_type) {
                let is_new = known.insert((family.name.clone(), key(&row, family)));
                assert!(is_new, "{} twice: {:?}", row.entity_type, row.values);
            }
            check_references(&known, entity_type, &row);
        }
    }
}

fn check_references(known: &HashSet<(String, String)>, entity_type: &EntityType, row: &Row) {
    let exists = |target: &str, name: &str| {
        let Some(id) = row.values.get(name).and_then(Value::as_str) else {
            return;
        };
        let is_known = known.contains(&(target.to_owned(), id.to_owned()));
        assert!(is_known, "{}.{name}: {:?}", row.entity_type, row.values);
    };
    for attribute in entity_type.attributes.values() {
        if let Some(target) = &attribute.foreign_key {
            exists(target, &attribute.name);
        }
        if let AttributeKind::Reference { target, via } = &attribute.kind {
            exists(target, via);
        }
    }
    let parent_type = row.values.get("parent_type").and_then(Value::as_str);
    let has_parent = matches!(row.entity_type.as_str(), "Metadata" | "Note");
    if let Some(parent_type) = parent_type.filter(|_| has_parent) {
        exists(parent_type, "parent_id");
    }
}

#[test]
fn ids_are_fixed() {
    assert_eq!(everything("ada"), everything("ada"));
    assert_eq!(
        super::id("Status", "Approved"),
        "44de097a-4164-11df-9218-0019bb4983d8",
        "as on every server"
    );
    assert_eq!(
        super::id("Status", "Delivered").chars().nth(14),
        Some('4'),
        "ids of our own have the form of random ones"
    );
    let rows = super::rows("ada");
    for (entity_type, name, id) in [
        (
            "Location",
            "ftrack.origin",
            "ce9b348f-8809-11e3-821c-20c9d081909b",
        ),
        (
            "Location",
            "ftrack.unmanaged",
            "cb268ecc-8809-11e3-a7e2-20c9d081909b",
        ),
        (
            "Location",
            "ftrack.review",
            "cd41be70-8809-11e3-b98a-20c9d081909b",
        ),
        (
            "Location",
            "ftrack.server",
            "3a372bde-05bc-11e4-8908-20c9d081909b",
        ),
        (
            "Location",
            "ftrack.connect",
            "07b82a97-8cf9-11e3-9383-20c9d081909b",
        ),
        ("Priority", "None", "9661b320-3a0c-11e2-81c1-0800200c9a66"),
        ("UserType", "User", "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8"),
    ] {
        let found: Vec<&Row> = with(&rows, entity_type, "name", name);
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(found[0].values["id"], id);
    }
}

/// Rows of a type that have a value.
fn with<'r>(rows: &'r [Row], entity_type: &str, name: &str, value: &str) -> Vec<&'r Row> {
    let of_type = rows.iter().filter(|row| row.entity_type == entity_type);
    of_type
        .filter(|row| row.values.get(name).is_some_and(|found| found == value))
        .collect()
}

#[test]
fn object_types_are_those_of_the_schema() {
    let schema = Schema::builtin();
    let rows = super::rows("ada");
    let found = rows.iter().filter(|row| row.entity_type == "ObjectType");
    let mut count = 0;
    for row in found {
        let id = row.values["id"].as_str().unwrap();
        let name = row.values["name"].as_str().unwrap();
        let entity_type = schema.object_type(id).unwrap();
        assert_eq!(entity_type.name, type_name(name));
        count += 1;
    }
    assert_eq!(count, schema.members("TypedContext").len());
}

#[test]
fn the_studio_has_what_the_documentation_looks_up() {
    let rows = super::rows("ada");
    for (entity_type, name, value) in [
        ("AssetType", "name", "Geometry"),
        ("AssetType", "short", "geo"),
        ("Status", "name", "Pending"),
        ("State", "short", "NOT_STARTED"),
        ("State", "short", "IN_PROGRESS"),
        ("State", "short", "DONE"),
        ("State", "short", "BLOCKED"),
        ("State", "name", "Done"),
        ("State", "name", "In Progress"),
        ("Status", "name", "Omitted"),
        ("Status", "name", "On Hold"),
        ("Type", "name", "Animation"),
        ("ObjectType", "name", "Folder"),
        ("ProjectSchema", "name", "VFX"),
        ("Scope", "name", "London"),
        ("Group", "name", "Animation"),
        ("User", "username", "ada"),
        ("User", "username", "john"),
        ("User", "username", "jane"),
        ("User", "username", "john.doe"),
        ("User", "username", "test_user"),
        ("NoteLabel", "name", "External Note"),
        ("SecurityRole", "name", "Project Manager"),
        ("SecurityRole", "type", "API"),
        ("SecurityRole", "type", "ASSIGNED"),
        ("CustomAttributeType", "name", "text"),
        ("CustomAttributeType", "name", "boolean"),
        ("CustomAttributeType", "name", "date"),
        ("CustomAttributeType", "name", "enumerator"),
        ("CustomAttributeType", "name", "dynamic enumerator"),
        ("CustomAttributeType", "name", "number"),
        ("CustomAttributeConfiguration", "key", "my_text_field"),
        ("CustomAttributeConfiguration", "key", "fstart"),
        ("CustomAttributeConfiguration", "key", "my_attribute"),
        ("Setting", "name", "storage_scenario"),
    ] {
        let found = with(&rows, entity_type, name, value);
        assert_eq!(found.len(), 1, "{entity_type}.{name} {value}");
    }
    assert!(with(&rows, "SecurityRole", "type", "PROJECT").len() > 1);
}

#[test]
fn there_is_a_custom_attribute_of_every_type_and_entity_type() {
    let rows = super::rows("ada");
    let is_type = |row: &&Row| row.entity_type == "CustomAttributeType";
    for kind in rows.iter().filter(is_type) {
        let id = kind.values["id"].as_str().unwrap();
        let found = with(&rows, "CustomAttributeConfiguration", "type_id", id);
        assert!(!found.is_empty(), "{}", kind.values["name"]);
    }
    for entity_type in ["task", "show", "assetversion", "user", "list", "asset"] {
        let found = with(
            &rows,
            "CustomAttributeConfiguration",
            "entity_type",
            entity_type,
        );
        assert!(!found.is_empty(), "{entity_type}");
        for row in found {
            let is_for_task = entity_type == "task";
            assert_eq!(row.values["object_type_id"].is_string(), is_for_task);
            let config: Value =
                serde_json::from_str(row.values["config"].as_str().unwrap()).unwrap();
            if let Some(data) = config.get("data") {
                let options: Vec<BTreeMap<String, String>> =
                    serde_json::from_str(data.as_str().unwrap()).unwrap();
                assert!(options.iter().all(|option| option.contains_key("menu")));
            }
        }
    }
}

#[test]
fn project_schemas_give_statuses_and_types_for_all_their_object_types() {
    let rows = super::rows("ada");
    for schema in rows.iter().filter(|row| row.entity_type == "ProjectSchema") {
        let id = schema.values["id"].as_str().unwrap();
        let workflow = schema.values["task_workflow_schema_id"].as_str().unwrap();
        let statuses = with(
            &rows,
            "WorkflowSchemaStatus",
            "workflow_schema_id",
            workflow,
        );
        assert!(statuses.len() > 3);
        let types = schema.values["task_type_schema_id"].as_str().unwrap();
        assert!(with(&rows, "TaskTypeSchemaType", "task_type_schema_id", types).len() > 3);
        assert!(!with(&rows, "TaskTemplate", "project_schema_id", id).is_empty());
        let allowed = with(&rows, "ProjectSchemaObjectType", "project_schema_id", id).len();
        let schemas = with(&rows, "Schema", "project_schema_id", id);
        assert_eq!(schemas.len() + 1, allowed, "all but tasks");
        for schema in schemas {
            let id = schema.values["id"].as_str().unwrap();
            assert!(!with(&rows, "SchemaStatus", "schema_id", id).is_empty());
            assert!(!with(&rows, "SchemaType", "schema_id", id).is_empty());
        }
    }
}

#[test]
fn the_administrator_may_be_anyone() {
    for username in ["ada", "john", "ada@studio.example"] {
        let rows = everything(username);
        let users = with(&rows, "User", "username", username);
        assert_eq!(users.len(), 1);
        let id = users[0].values["id"].as_str().unwrap();
        let administrator = super::id("SecurityRole", "Administrator");
        let roles = with(&rows, "UserSecurityRole", "user_id", id);
        assert_eq!(roles.len(), 1);
        assert_eq!(roles[0].values["security_role_id"], administrator.as_str());
        assert!(!with(&rows, "Appointment", "resource_id", id).is_empty());
    }
}

#[test]
fn the_demo_has_what_the_documentation_looks_up() {
    let rows = everything("ada");
    for (entity_type, name, value) in [
        ("Project", "status", "active"),
        ("Project", "name", "dev_tutorial"),
        ("Project", "name", "migration_test"),
        ("Sequence", "name", "001"),
        ("Metadata", "key", "some_key"),
        ("Metadata", "key", "frame_padding"),
        ("ReviewSession", "name", "Weekly review"),
        ("Appointment", "type", "assignment"),
        ("Appointment", "type", "allocation"),
        ("UserCustomAttributeLink", "to_entity_type", "User"),
        ("Milestone", "name", "final_delivery"),
        ("AssetBuild", "name", "mira"),
    ] {
        let found = with(&rows, entity_type, name, value);
        assert!(!found.is_empty(), "{entity_type}.{name} {value}");
    }
    let count = |entity_type: &str| {
        rows.iter()
            .filter(|row| row.entity_type == entity_type)
            .count()
    };
    for entity_type in [
        "Task",
        "Shot",
        "Asset",
        "AssetVersion",
        "FileComponent",
        "SequenceComponent",
        "ComponentLocation",
        "Note",
        "Recipient",
        "Timelog",
        "TypedContextStatusChange",
        "TypedContextLink",
        "AssetVersionLink",
        "ContextScope",
        "AssetVersionList",
        "TypedContextList",
        "ListObject",
        "Job",
        "CalendarEvent",
        "Manager",
        "ContextCustomAttributeValue",
        "ReviewSessionObject",
        "ReviewSessionInvitee",
    ] {
        assert!(count(entity_type) > 0, "{entity_type}");
    }
    let logged_today = with_start(&rows, "2025-12-01");
    assert!(logged_today > 0);
}

fn with_start(rows: &[Row], day: &str) -> usize {
    let timelogs = rows.iter().filter(|row| row.entity_type == "Timelog");
    timelogs
        .filter(|row| {
            row.values["start"]["value"]
                .as_str()
                .unwrap()
                .starts_with(day)
        })
        .count()
}

#[test]
fn what_programs_hard_code_is_as_on_every_server() {
    let rows = super::rows("ada");
    for (entity_type, name, id, sort, color) in [
        (
            "Status",
            "Completed",
            "9bb65936-88e7-11e3-9264-04011030cf01",
            0,
            "#1cbc90",
        ),
        (
            "Status",
            "Not started",
            "44dd9fb2-4164-11df-9218-0019bb4983d8",
            10,
            "#CACACA",
        ),
        (
            "Priority",
            "Urgent",
            "847fb90e-ead3-11e2-846c-f23c91dfaa16",
            0,
            "#E74C3C",
        ),
        (
            "Priority",
            "None",
            "9661b320-3a0c-11e2-81c1-0800200c9a66",
            4,
            "#CACACA",
        ),
        (
            "Type",
            "Concept Art",
            "56807358-a0f4-11e9-9843-d27cf242b68b",
            0,
            "#33CCCC",
        ),
        (
            "Type",
            "Deliverable",
            "ae1e2480-f24e-11e2-bd1f-f23c91dfaa16",
            23,
            "#2980b9",
        ),
    ] {
        let found = with(&rows, entity_type, "name", name);
        let values = &found[0].values;
        assert_eq!(
            (&values["id"], &values["sort"], &values["color"]),
            (&Value::from(id), &Value::from(sort), &Value::from(color)),
            "{name}"
        );
    }
    for (key, id, default) in [
        (
            "fstart",
            "acd86546-4082-11e2-95b1-0019bb4983d8",
            Value::from(1),
        ),
        (
            "handles",
            "432bdfa6-4087-11e2-8250-0019bb4983d8",
            Value::from(0),
        ),
        (
            "duration",
            "928887a8-645f-4909-a7d0-d1661cacd178",
            Value::from("{self.fend - self.fstart + 1}"),
        ),
    ] {
        let found = with(&rows, "CustomAttributeConfiguration", "key", key);
        assert_eq!(
            (&found[0].values["id"], &found[0].values["default"]),
            (&Value::from(id), &default)
        );
    }
    let project_schema = with(&rows, "ProjectSchema", "name", "VFX");
    assert_eq!(
        project_schema[0].values["id"],
        "caddd816-acb5-11e1-8668-f23c91df1211"
    );
    let url = with(&rows, "CustomAttributeType", "name", "url");
    assert_eq!(url[0].values["id"], "ec616dcd-56e2-4147-99f8-7e4a4f040cf9");
}
