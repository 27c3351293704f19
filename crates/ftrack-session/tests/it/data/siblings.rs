//! Collections without a request for each entity.

use ftrack_session::{Entity, FetchPolicy, Session};

use crate::{Studio, builder};

/// Reads what a program that lists tasks reads of them.
fn read(tasks: &[Entity]) {
    for task in tasks {
        for path in ["status.name", "type.name", "parent.name"] {
            assert!(!task.get::<String>(path).unwrap().is_empty(), "{path}");
        }
        for collection in ["assignments", "notes"] {
            for member in task.collection(collection).unwrap() {
                member.unwrap();
            }
        }
        task.custom_attributes().unwrap().items().unwrap();
        task.metadata().unwrap().items().unwrap();
    }
}

fn tasks(session: &Session) -> Vec<Entity> {
    let tasks = session.query("select name from Task limit 78").all();
    let tasks = tasks.unwrap();
    assert!(tasks.len() > 40, "{}", tasks.len());
    tasks
}

#[test]
fn references_collections_metadata_and_custom_attributes_of_many_take_few_requests() {
    let studio = Studio::new();
    let trace = studio.session.trace();
    let tasks = tasks(&studio.session);
    read(&tasks);
    assert!(trace.request_count() <= 10, "{:#?}", trace.requests());
}

#[test]
fn custom_attributes_and_metadata_of_shots_take_a_request_each() {
    let studio = Studio::new();
    let trace = studio.session.trace();
    for shot in &studio.session.query("Shot").all().unwrap() {
        shot.custom_attributes().unwrap().items().unwrap();
        shot.metadata().unwrap().items().unwrap();
    }
    assert!(trace.request_count() <= 3, "{:#?}", trace.requests());
}

#[test]
fn a_trace_says_why_something_was_loaded_for_one_entity_only() {
    let studio = Studio::new();
    let session = builder(&studio.server).sibling_rows(1).connect().unwrap();
    let shots = session.query("select id from Shot limit 3").all().unwrap();
    let trace = session.trace();
    for shot in &shots {
        shot.collection("children").unwrap();
    }
    let _single = session.fetching(FetchPolicy::Single);
    shots[0].value("name").unwrap();
    let reasons: Vec<_> = trace
        .requests()
        .iter()
        .map(|request| (request.entities, request.alone.unwrap_or_default()))
        .collect();
    let unknown = "it is not known yet how large such a collection is";
    let large = "such collections are larger than the limit of rows for siblings";
    let single = "the fetch policy is to load for single entities";
    assert_eq!(reasons, [(1, unknown), (1, large), (1, large), (1, single)]);
}

#[test]
fn what_was_changed_here_is_not_loaded_over() {
    let studio = Studio::new();
    let session = &studio.session;
    let shots = session.query("select id from Shot limit 5").all().unwrap();
    let known: Vec<Entity> = Vec::new();
    shots[1].set("children", &known).unwrap();
    shots[0].collection("children").unwrap();
    shots[2].collection("children").unwrap();
    assert!(shots[1].collection("children").unwrap().is_empty());
    let loaded = |shot: &Entity| shot.attribute("children").unwrap().is_set();
    assert!(shots.iter().all(loaded));
    session.rollback();
}

#[test]
fn a_limit_of_no_rows_loads_for_single_entities() {
    let studio = Studio::new();
    let session = builder(&studio.server).sibling_rows(0).connect().unwrap();
    let shots = session.query("select id from Shot limit 4").all().unwrap();
    let trace = session.trace();
    for shot in &shots {
        shot.metadata().unwrap();
    }
    assert_eq!(trace.request_count(), shots.len());
}
