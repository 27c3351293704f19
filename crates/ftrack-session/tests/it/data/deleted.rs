//! What was deleted stays deleted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack_session::{Identity, SchemaCache, Session, SessionBuilder};
use ftrack_transport::{ApiResponse, ScriptedTransport};
use serde_json::{Value as Json, json};

/// A session with a server that always has the same two shots, three to a page.
fn session() -> Session {
    let schemas = json!([[{"id": "Shot", "primary_key": ["id"], "default_projections": ["id"], "properties": {
        "id": {"type": "string"}, "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "Shot"}}}}]]);
    let asked = AtomicUsize::new(0);
    let answer = move |body: &[u8]| {
        let shot = |id: &str| json!({"__entity_type__": "Shot", "id": id});
        let requests: Json = serde_json::from_slice(body).unwrap_or_default();
        let answer = match (
            asked.fetch_add(1, Ordering::SeqCst),
            requests[0]["action"].as_str(),
        ) {
            (0, _) => json!([{"version": "4.13.0", "is_timezone_support_enabled": true}]),
            (1, _) => schemas.clone(),
            (_, Some("delete")) => json!([{"action": "delete", "data": true}]),
            _ => {
                let mut first = shot("a");
                first["children"] = json!([shot("b"), shot("c")]);
                json!([{"action": "query", "data": [first, shot("b")],
                    "metadata": {"next": {"offset": null}}}])
            }
        };
        Ok(ApiResponse::new(200, answer.to_string()))
    };
    SessionBuilder::new()
        .transport(Arc::new(ScriptedTransport::answering(answer)))
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap()
}

#[test]
fn an_older_answer_does_not_bring_a_deleted_entity_back() {
    let session = session();
    let b = session.query("Shot").all().unwrap().remove(1);
    // The request is sent now, and its answer is read after the deletion is committed.
    let answered_later = session.query("Shot").into_iter();
    b.delete().unwrap();
    session.commit().unwrap();

    let rows: Vec<_> = answered_later.map(|row| row.unwrap().id()).collect();
    assert_eq!(rows, ["a"]);
    let keys = session.cache().layers()[0].keys().unwrap();
    assert!(!keys.iter().any(|key| key.contains("'b'")), "{keys:?}");
    let a = session.entity(&Identity::new("Shot", "a")).unwrap();
    let children = a.collection("children").unwrap().identities();
    assert_eq!(children, [Identity::new("Shot", "c")]);

    // What is asked after the commit is what the server says then.
    assert_eq!(session.query("Shot").all().unwrap().len(), 2);
}

#[test]
fn rows_that_are_deleted_while_a_page_is_read_are_left_out() {
    let session = session();
    let mut rows = session.query("Shot").into_iter();
    let a = rows.next().unwrap().unwrap();
    let b = session.entity(&Identity::new("Shot", "b")).unwrap();
    b.delete().unwrap();
    session.commit().unwrap();
    assert_eq!(a.id(), "a");
    assert!(rows.next().is_none());
}
