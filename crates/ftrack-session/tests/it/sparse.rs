//! Custom attributes of older servers, which keep a row only where a value was set. Such a server is written down here.

use std::sync::Arc;

use ftrack_session::{Entity, ErrorKind, SchemaCache, Session, Value, values};
use ftrack_transport::{ApiResponse, ScriptedTransport};
use serde_json::{Value as Json, json};

fn schemas() -> Json {
    let text = json!({"type": "string"});
    let id = json!({"type": "string", "default": "{uid}"});
    let reference = |target: &str| json!({"$ref": target});
    let rows = json!({"type": "mapped_array", "items": {"$ref": "CustomAttributeValue"}});
    json!([
        {"id": "Task", "primary_key": ["id"], "default_projections": ["id", "name"], "properties": {
            "id": id, "name": text, "object_type_id": {"type": "string", "default": "o-task"},
            "project_id": text, "custom_attributes": rows}},
        {"id": "Asset", "primary_key": ["id"], "default_projections": ["id"], "properties": {
            "id": id, "parent": reference("Task"), "custom_attributes": rows}},
        {"id": "CustomAttributeConfiguration", "primary_key": ["id"], "default_projections": ["id"], "properties": {
            "id": id, "key": text, "project_id": text, "object_type_id": text, "entity_type": text,
            "default": {"type": "variable"}}},
        {"id": "CustomAttributeValue", "primary_key": ["configuration_id", "entity_id"],
            "default_projections": ["configuration_id", "entity_id"], "properties": {
            "configuration_id": text, "entity_id": text, "value": {"type": "variable"}}},
    ])
}

fn configuration(id: &str, key: &str, project: Option<&str>, entity_type: &str) -> Json {
    let object_type = (entity_type == "task").then_some("o-task");
    json!({"__entity_type__": "CustomAttributeConfiguration", "id": id, "key": key, "project_id": project,
        "object_type_id": object_type, "entity_type": entity_type, "default": format!("default of {id}")})
}

fn answer(request: &Json) -> Json {
    let task = json!({"__entity_type__": "Task", "id": "t-1", "name": "model", "object_type_id": "o-task", "project_id": "p-1"});
    let row = json!({"__entity_type__": "CustomAttributeValue", "configuration_id": "c-mood", "entity_id": "t-1", "value": "calm"});
    let rows = match request["action"].as_str().unwrap() {
        "query_server_information" => {
            return json!({"version": "3.4.0", "schema_hash": "x", "is_timezone_support_enabled": true});
        }
        "query_schemas" => return schemas(),
        "query" => match request["expression"].as_str().unwrap() {
            text if text.starts_with("select custom_attributes") => {
                let mut task = task;
                task["custom_attributes"] = json!([row]);
                json!([task])
            }
            text if text.contains("from CustomAttributeConfiguration") => json!([
                configuration("c-mood", "mood", None, "task"),
                configuration("c-length", "length", None, "task"),
                configuration("c-own", "length", Some("p-1"), "task"),
                configuration("c-other", "foreign", Some("p-2"), "task"),
                configuration("c-second", "grade", None, "task"),
                configuration("c-first", "grade", None, "task"),
                configuration("c-asset", "origin", None, "asset"),
            ]),
            _ => json!([task]),
        },
        action => {
            let mut data = request["entity_data"].clone();
            let key = request["entity_key"].as_array().unwrap();
            if request["entity_type"] == "CustomAttributeValue" && action != "delete" {
                data["configuration_id"] = key[0].clone();
                data["entity_id"] = key[1].clone();
            } else if action != "delete" {
                data["id"] = key[0].clone();
            }
            return json!({"action": action, "data": data});
        }
    };
    json!({"action": "query", "data": rows, "metadata": {"next": {"offset": null}}})
}

fn session() -> (Session, Arc<ScriptedTransport>) {
    let transport = Arc::new(ScriptedTransport::answering(|body| {
        let requests: Vec<Json> = serde_json::from_slice(body).unwrap();
        let answers: Vec<Json> = requests.iter().map(answer).collect();
        Ok(ApiResponse::new(200, json!(answers).to_string()))
    }));
    let session = ftrack_session::SessionBuilder::new()
        .transport(transport.clone())
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap();
    (session, transport)
}

fn task(session: &Session) -> Entity {
    session.query("Task").one().unwrap()
}

/// The last batch.
fn sent(transport: &ScriptedTransport) -> Json {
    serde_json::from_slice(&transport.calls().last().unwrap().body).unwrap()
}

fn reference(configuration: &str, entity: &str) -> Json {
    json!({"__entity_type__": "CustomAttributeValue", "configuration_id": configuration, "entity_id": entity})
}

#[test]
fn missing_rows_read_as_the_default_of_their_configuration() {
    let (session, transport) = session();
    let custom_attributes = task(&session).custom_attributes().unwrap();
    let mut keys = custom_attributes.keys().unwrap();
    keys.sort();
    assert_eq!(keys, ["grade", "length", "mood"]);
    assert_eq!(custom_attributes.get::<String>("mood").unwrap(), "calm");
    // That of the project hides the global one.
    assert_eq!(
        custom_attributes.get::<String>("length").unwrap(),
        "default of c-own"
    );
    // Of equal ones that which the server lists first.
    assert_eq!(
        custom_attributes.get::<String>("grade").unwrap(),
        "default of c-second"
    );
    assert_eq!(custom_attributes.value("foreign").unwrap(), None);
    let queries: Vec<String> = transport
        .calls()
        .iter()
        .skip(3)
        .map(|call| {
            serde_json::from_slice::<Json>(&call.body).unwrap()[0]["expression"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        queries,
        [
            "select custom_attributes.value from Task where id is \"t-1\" offset 0 limit 500",
            "select key, project_id, id, object_type_id, entity_type from CustomAttributeConfiguration offset 0 limit 500",
        ]
    );
}

#[test]
fn rows_are_created_changed_and_deleted() {
    let (session, transport) = session();
    let task = task(&session);
    let custom_attributes = task.custom_attributes().unwrap();
    custom_attributes.set("mood", "wild").unwrap();
    custom_attributes.set("length", 8).unwrap();
    assert_eq!(custom_attributes.get::<i64>("length").unwrap(), 8);
    session.commit().unwrap();
    let mut created = reference("c-own", "t-1");
    created["value"] = 8.into();
    let expected = json!([
        {"action": "update", "entity_type": "CustomAttributeValue", "entity_key": ["c-mood", "t-1"],
            "entity_data": {"__entity_type__": "CustomAttributeValue", "value": "wild"}},
        {"action": "create", "entity_type": "CustomAttributeValue", "entity_key": ["c-own", "t-1"], "entity_data": created},
        {"action": "update", "entity_type": "Task", "entity_key": ["t-1"], "entity_data": {"__entity_type__": "Task",
            "custom_attributes": [reference("c-mood", "t-1"), reference("c-own", "t-1")]}},
    ]);
    assert_eq!(sent(&transport), expected);

    assert!(custom_attributes.remove("length").unwrap());
    // There is nothing to delete any more, which is worth a warning.
    assert!(!custom_attributes.remove("length").unwrap());
    assert_eq!(
        custom_attributes.get::<String>("length").unwrap(),
        "default of c-own"
    );
    session.commit().unwrap();
    let expected = json!([
        {"action": "update", "entity_type": "Task", "entity_key": ["t-1"], "entity_data": {"__entity_type__": "Task",
            "custom_attributes": [reference("c-mood", "t-1")]}},
        {"action": "delete", "entity_type": "CustomAttributeValue", "entity_key": ["c-own", "t-1"]},
    ]);
    assert_eq!(sent(&transport), expected);
    assert_eq!(
        custom_attributes.set("foreign", 1).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        custom_attributes.remove("foreign").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

/// 1.1.1: assets of servers before 3.5.0 had no custom attributes.
#[test]
fn v1_1_1_new_assets_have_all_keys_at_once() {
    let (session, transport) = session();
    let parent = task(&session);
    let asset = session
        .create("Asset", values! { "id": "a-1", "parent": &parent })
        .unwrap();
    let custom_attributes = asset.custom_attributes().unwrap();
    assert_eq!(custom_attributes.keys().unwrap(), ["origin"]);
    assert_eq!(
        custom_attributes.items().unwrap(),
        [("origin".to_owned(), Value::from("default of c-asset"))]
    );
    custom_attributes.set("origin", "camera").unwrap();
    assert_eq!(custom_attributes.get::<String>("origin").unwrap(), "camera");
    session.commit().unwrap();
    let batch = sent(&transport);
    let actions: Vec<_> = batch
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| {
            (
                operation["action"].as_str().unwrap(),
                operation["entity_type"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        actions,
        [
            ("create", "Asset"),
            ("create", "CustomAttributeValue"),
            ("update", "Asset")
        ]
    );
    assert_eq!(custom_attributes.get::<String>("origin").unwrap(), "camera");
}
