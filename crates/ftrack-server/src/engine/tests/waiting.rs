//! Who waits for whom.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{answer, start_at};
use crate::failpoint::{Point, at};
use crate::limits::ServerLimits;
use crate::request_error::RequestErrorKind;

fn scope(name: &str) -> Json {
    let data = json!({"__entity_type__": "Scope", "name": name});
    json!({"action": "create", "entity_type": "Scope", "entity_data": data})
}

#[test]
fn no_more_batches_wait_than_may() {
    let (mut engine, caller) = start_at(None);
    let mut limits = ServerLimits::default();
    limits.set("writers", 2).unwrap();
    engine.set_limits(limits);
    let engine = Arc::new(engine);
    let (inner, writer) = (Arc::clone(&engine), caller.clone());
    let waiting = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let threads = std::rc::Rc::clone(&waiting);
    at(Point::Planned, move || {
        // This batch has the turn: two more may wait for it.
        for number in 0..2 {
            let (engine, caller) = (Arc::clone(&inner), writer.clone());
            threads.borrow_mut().push(std::thread::spawn(move || {
                answer(&engine, &caller, &[scope(&format!("waits {number}"))]).is_ok()
            }));
            while inner.store.waiting() <= number {
                std::thread::yield_now();
            }
        }
        let refused = answer(&inner, &writer, &[scope("refused")]).unwrap_err();
        assert_eq!(refused.kind, RequestErrorKind::Crowded);
        assert!(
            refused.message.contains("nothing was done"),
            "{}",
            refused.message
        );
    });
    assert!(answer(&engine, &caller, &[scope("first")]).is_ok());
    for thread in waiting.take() {
        assert!(thread.join().unwrap(), "those that wait have their turn");
    }
    assert!(
        answer(&engine, &caller, &[scope("refused")]).is_ok(),
        "later there is room"
    );
}

#[test]
fn nobody_waits_to_read_while_a_batch_is_made_or_stored() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, caller) = start_at(Some(folder.path()));
    let engine = Arc::new(engine);
    let query = json!({"action": "query", "expression": "Scope where name is seen"});
    let count = move |engine: &crate::engine::Engine, caller: &crate::caller::Caller| {
        let found = answer(engine, caller, std::slice::from_ref(&query)).unwrap();
        found[0]["data"].as_array().unwrap().len()
    };
    let large: Vec<Json> = (0..150).map(|_| scope("seen")).collect();
    let mut expected = 0;
    for batch in [vec![scope("seen")], large] {
        for point in [Point::Planned, Point::Published] {
            let (inner, reader, count) = (Arc::clone(&engine), caller.clone(), count.clone());
            let seen = expected
                + if point == Point::Published {
                    batch.len()
                } else {
                    0
                };
            // The batch has its turn then, and is about to be stored, or was stored.
            at(point, move || {
                assert_eq!(count(&inner, &reader), seen, "{point:?}");
            });
        }
        answer(&engine, &caller, &batch).unwrap();
        expected += batch.len();
        assert_eq!(count(&engine, &caller), expected);
    }
}

#[test]
fn what_takes_many_rows_with_it_is_made_beside_others() {
    let (engine, caller) = start_at(None);
    let create = |entity_type: &str, name: &str, data: Json| {
        let mut data = data;
        data["__entity_type__"] = json!(entity_type);
        data["id"] = json!(crate::studio::id("test", name));
        data["name"] = json!(name);
        json!({"action": "create", "entity_type": entity_type, "entity_data": data})
    };
    let below = |name: &str| json!({"parent_id": crate::studio::id("test", name)});
    let mut batch = vec![
        create("Project", "p", json!({"full_name": "p"})),
        create("Shot", "few", below("p")),
        create("Shot", "many", below("p")),
        create("Task", "only", below("few")),
    ];
    batch.extend((0..1_001).map(|number| create("Task", &number.to_string(), below("many"))));
    answer(&engine, &caller, &batch).unwrap();
    let is_prepared = |name: &str| {
        let came = std::rc::Rc::new(std::cell::Cell::new(false));
        let noted = std::rc::Rc::clone(&came);
        at(Point::Prepared, move || noted.set(true));
        let key = [crate::studio::id("test", name)];
        let delete = json!({"action": "delete", "entity_type": "Shot", "entity_key": key});
        answer(&engine, &caller, &[delete]).unwrap();
        let is_prepared = came.get();
        if !is_prepared {
            // The next one is not to meet it.
            crate::failpoint::reach(Point::Prepared);
        }
        is_prepared
    };
    assert!(!is_prepared("few"));
    assert!(is_prepared("many"));
    let query = json!({"action": "query", "expression": "select id from Task"});
    let left = answer(&engine, &caller, &[query]).unwrap();
    assert_eq!(left[0]["data"], json!([]));
}
