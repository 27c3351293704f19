//! Whatever happens between the steps of a batch, memory and disk hold the same.

mod merging;
mod waiting;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value as Json, json};

use super::Engine;
use crate::action;
use crate::caller::{AnswerOptions, Caller};
use crate::failpoint::{Point, arm};
use crate::files::Files;
use crate::persist::Disk;
use crate::request_error::RequestError;
use crate::schema::Schema;

fn start(folder: &Path) -> (Engine, Caller) {
    start_at(Some(folder))
}

/// A server over a folder, or in memory.
fn start_at(folder: Option<&Path>) -> (Engine, Caller) {
    let disk = folder.map(|folder| Disk::open(folder).unwrap());
    let files = Files::new(folder).unwrap();
    let seed = |_: &Schema| Ok(crate::studio::rows("admin"));
    let engine = Engine::new(disk, files, None, seed).unwrap();
    engine.set_key("admin", "secret").unwrap();
    let caller = engine.authenticate(Some("admin"), Some("secret")).unwrap();
    (engine, caller)
}

fn call(engine: &Engine, caller: &Caller, operation: &Json) -> Result<Json, String> {
    let answer = call_all(engine, caller, std::slice::from_ref(operation))?;
    Ok(answer[0].clone())
}

fn call_all(engine: &Engine, caller: &Caller, operations: &[Json]) -> Result<Json, String> {
    answer(engine, caller, operations).map_err(|error| error.message)
}

fn answer(engine: &Engine, caller: &Caller, operations: &[Json]) -> Result<Json, RequestError> {
    let answered = action::answer(
        engine,
        caller,
        json!(operations).to_string().as_bytes(),
        AnswerOptions::default(),
        &crate::budget::Budget::unlimited(),
    )?;
    Ok(serde_json::from_slice(&answered.body).unwrap())
}

fn create(engine: &Engine, caller: &Caller, name: &str) -> Result<Json, String> {
    let data = json!({"__entity_type__": "Scope", "name": name});
    let operation = json!({"action": "create", "entity_type": "Scope", "entity_data": data});
    call(engine, caller, &operation)
}

fn scopes(engine: &Engine, caller: &Caller) -> Vec<String> {
    let query = json!({"action": "query", "expression": "select name from Scope order by name"});
    let answer = call(engine, caller, &query).unwrap();
    let found = answer["data"].as_array().unwrap().iter();
    found
        .map(|scope| scope["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_panic_at_any_step_leaves_memory_and_disk_the_same() {
    for point in [
        Point::Planned,
        Point::Published,
        Point::FilesRemoved,
        Point::EventsRecorded,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (engine, caller) = start(folder.path());
        let before = scopes(&engine, &caller);
        arm(point);
        let outcome = catch_unwind(AssertUnwindSafe(|| create(&engine, &caller, "Zürich")));
        let is_stored = matches!(outcome, Ok(Ok(_)));
        assert_eq!(is_stored, point != Point::Planned, "{point:?}");
        let after = scopes(&engine, &caller);
        assert_eq!(
            after.len(),
            before.len() + usize::from(is_stored),
            "{point:?}"
        );
        // It goes on working, and a restart finds what there was.
        create(&engine, &caller, "Zwolle").unwrap();
        let last = scopes(&engine, &caller);
        drop(engine);
        let (again, caller) = start(folder.path());
        assert_eq!(scopes(&again, &caller), last, "{point:?}");
    }
}

#[test]
fn an_object_type_is_stored_with_the_entity_type_that_it_gives() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, caller) = start(folder.path());
    arm(Point::Published);
    let data = json!({"__entity_type__": "ObjectType", "name": "Rig"});
    let operation = json!({"action": "create", "entity_type": "ObjectType", "entity_data": data});
    call(&engine, &caller, &operation).unwrap();
    let query = json!({"action": "query", "expression": "Rig"});
    assert!(call(&engine, &caller, &query).is_ok());
    assert!(engine.definitions().schema.entity_type("Rig").is_some());
    drop(engine);
    let (again, caller) = start(folder.path());
    assert!(call(&again, &caller, &query).is_ok());
    assert!(again.definitions().schema.entity_type("Rig").is_some());
}
