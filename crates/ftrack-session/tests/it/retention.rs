//! How long entities are kept.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack_cache::Cache;
use ftrack_session::{Entity, Retention, SchemaCache, Session};
use ftrack_transport::{ApiResponse, ScriptedTransport};

use crate::{Studio, builder};

const PAGE: usize = 500;

/// A session with a server that has so many pages of tasks, each with a status of its own.
fn session(pages: usize) -> Session {
    let asked = AtomicUsize::new(0);
    let transport = ScriptedTransport::answering(move |_| {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let body = match number {
            0 => r#"[{"version": "4.13.0", "schema_hash": "x", "is_timezone_support_enabled": true}]"#.to_owned(),
            1 => r#"[[{"id": "Task", "primary_key": ["id"], "default_projections": ["id"], "properties":
                    {"id": {"type": "string"}, "name": {"type": "string"}, "status": {"$ref": "Status"}}},
                {"id": "Status", "primary_key": ["id"], "default_projections": ["id"], "properties":
                    {"id": {"type": "string"}, "name": {"type": "string"}}}]]"#
                .to_owned(),
            number => page(number - 2, pages),
        };
        Ok(ApiResponse::new(200, body))
    });
    ftrack_session::SessionBuilder::new()
        .transport(Arc::new(transport))
        .schema_cache(SchemaCache::Disabled)
        .retention(Retention::Held)
        .connect()
        .unwrap()
}

fn page(number: usize, pages: usize) -> String {
    let mut body = r#"[{"action": "query", "data": ["#.to_owned();
    for row in number * PAGE..(number + 1) * PAGE {
        let separator = if row % PAGE == 0 { "" } else { "," };
        write!(
            body,
            r#"{separator}{{"__entity_type__": "Task", "id": "t{row}", "name": "task {row}",
                "status": {{"__entity_type__": "Status", "id": "s{row}", "name": "status {row}"}}}}"#
        )
        .unwrap();
    }
    let next = if number + 1 < pages {
        ((number + 1) * PAGE).to_string()
    } else {
        "null".to_owned()
    };
    write!(
        body,
        r#"], "metadata": {{"next": {{"offset": {next}}}}}}}]"#
    )
    .unwrap();
    body
}

#[test]
fn memory_is_that_of_what_is_looked_at() {
    // A million entities: each task brings its status.
    const PAGES: usize = 1_000;
    let session = session(PAGES);
    let (mut seen, mut most) = (0, 0);
    for task in session.query("select name, status.name from Task") {
        let task = task.unwrap();
        assert_eq!(
            task.get::<String>("status.name").unwrap(),
            format!("status {seen}")
        );
        seen += 1;
        if seen % PAGE == 0 {
            most = most.max(session.cache().len().unwrap());
        }
    }
    assert_eq!(seen, PAGES * PAGE);
    // A page of tasks and their statuses, and the next one that is being taken over.
    assert!(most <= 4 * PAGE, "{most} entities were in memory at once");
    assert_eq!(session.cache().len().unwrap(), 0);
}

#[test]
fn what_came_with_an_entity_stays_with_it() {
    let session = session(1);
    let trace = session.trace();
    let kept = session
        .query("select name, status.name from Task")
        .all()
        .unwrap()
        .swap_remove(3);
    let status: Entity = kept.get("status").unwrap();
    assert_eq!(status.get::<String>("name").unwrap(), "status 3");
    assert_eq!(trace.request_count(), 1);
    drop(kept);
    assert_eq!(status.get::<String>("name").unwrap(), "status 3");
}

#[test]
fn what_is_loaded_through_an_entity_stays_with_it() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .retention(Retention::Held)
        .connect()
        .unwrap();
    let task = session
        .query("select id from Task")
        .first()
        .unwrap()
        .unwrap();
    let trace = session.trace();
    let name: String = task.get("status.name").unwrap();
    assert_eq!(task.get::<String>("status.name").unwrap(), name);
    task.populate(["parent.name"]).unwrap();
    assert!(!task.get::<String>("parent.name").unwrap().is_empty());
    assert!(trace.request_count() <= 2, "{:#?}", trace.requests());
}

#[test]
fn changes_stay_until_they_are_committed() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .retention(Retention::Held)
        .connect()
        .unwrap();
    let id = {
        let task = session
            .query("select id from Task")
            .first()
            .unwrap()
            .unwrap();
        task.set("description", "not forgotten").unwrap();
        task.id()
    };
    assert_eq!(session.commit().unwrap().operations, 1);
    let found = studio.session.get("Task", id).unwrap().unwrap();
    assert_eq!(found.get::<String>("description").unwrap(), "not forgotten");
}
