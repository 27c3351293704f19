//! What the crate promises, from the outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod accept;
mod commit;
mod decode;
mod merge;
mod schema;

use ftrack_entity::{
    Answer, Expected, Identity, IdentityMap, Reply, Schema, Staged, Value, decode_batch,
};

/// A studio in small: contexts with a common base, a status, a composite key, a map and a list.
fn schema() -> Schema {
    Schema::from_json(schema_text().as_bytes()).unwrap()
}

/// What the server says of it.
fn schema_text() -> String {
    let schemas = serde_json::json!([
        {
            "id": "Context", "primary_key": ["id"], "default_projections": ["id", "name"],
            "properties": {
                "id": {"type": "string"}, "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "Context"}},
                "parent": {"$ref": "Context"},
            },
        },
        {
            "id": "Task", "primary_key": ["id"], "default_projections": ["id", "name"],
            "immutable": ["id", "created_at"], "computed": ["time_logged"], "required": ["name"],
            "properties": {
                "bid": {"type": "number", "default": 0},
                "created_at": {"type": "string", "format": "date-time"},
                "id": {"type": "string", "default": "{uid}"},
                "link": {"type": "string"},
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "Context"}},
                "parent": {"$ref": "Context"},
                "status": {"$ref": "Status"},
                "metadata": {"type": "mapped_array", "items": {"$ref": "Metadata"}},
                "strange": {"type": "mapped_array", "items": {"$ref": "Status"}},
                "hidden": {"type": "array", "items": {"$ref": "Status"}, "restricted_projection": true},
                "hidden_links": {"type": "mapped_array", "items": {"$ref": "Status"}, "restricted_projection": true},
                "untyped": {},
                "time_logged": {"type": "number"},
            },
        },
        {
            "id": "Status", "primary_key": ["id"], "default_projections": ["id"],
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "sort": {"type": "number"}},
        },
        {
            "id": "Metadata", "primary_key": ["parent_id", "key"],
            "properties": {
                "parent_id": {"type": "string"}, "key": {"type": "string"}, "value": {"type": "string"},
            },
        },
        {
            "id": "Event", "primary_key": ["id"],
            "properties": {"id": {"type": "integer"}, "data": {"type": "variable"}},
        },
    ]);
    schemas.to_string()
}

/// Reads an answer to a single query on `entity_type`.
fn rows(schema: &Schema, entity_type: &str, body: &str) -> (Vec<Identity>, Option<u64>, Staged) {
    let expected = Expected::Rows(schema.entity_type(entity_type).unwrap().name());
    match decode_batch(body.as_bytes(), schema, &[expected]).unwrap() {
        Reply::Accepted {
            mut answers,
            staged,
        } => match answers.remove(0) {
            Answer::Rows {
                identities,
                next_offset,
            } => (identities, next_offset, staged),
            answer => panic!("{answer:?}"),
        },
        reply => panic!("{reply:?}"),
    }
}

/// An answer to a query, with these rows.
fn answer(data: &serde_json::Value) -> String {
    serde_json::json!([{"action": "query", "data": data, "metadata": {"next": {"offset": null}}}])
        .to_string()
}

/// Reads the rows of a query on `entity_type` into `records`.
fn load(
    schema: &Schema,
    records: &IdentityMap,
    entity_type: &str,
    data: &serde_json::Value,
) -> Vec<Identity> {
    let sent = records.begin_request();
    let (identities, _, staged) = rows(schema, entity_type, &answer(data));
    let _held = records.merge(staged, &sent);
    identities
}

/// The value of an attribute by name.
fn value(records: &IdentityMap, identity: &Identity, attribute: &str) -> Value {
    let record = records.get(identity).unwrap();
    record.value(record.entity_type().position(attribute).unwrap())
}
