use ftrack_entity::{Identity, IdentityMap, OperationLog, Retention, Value};
use serde_json::json;

use crate::{answer, load, rows, schema, value};

#[test]
fn local_changes_survive_what_the_server_sends() {
    let schema = schema();
    let records = IdentityMap::new();
    let status = load(
        &schema,
        &records,
        "Status",
        &json!([{"__entity_type__": "Status", "id": "s", "name": "a"}]),
    )
    .remove(0);
    let record = records.get(&status).unwrap();
    let name = record.entity_type().position("name").unwrap();
    OperationLog::new().update(&record, name, "mine".into());
    load(
        &schema,
        &records,
        "Status",
        &json!([{"__entity_type__": "Status", "id": "s", "name": "b", "sort": 3}]),
    );

    assert_eq!(record.value(name).as_str(), Some("mine"));
    assert_eq!(record.remote_value(name).as_str(), Some("b"));
    assert_eq!(record.local_value(name).as_str(), Some("mine"));
    assert_eq!(value(&records, &status, "sort").as_i64(), Some(3));
    record.clear_local();
    assert_eq!(record.value(name).as_str(), Some("b"));
}

#[test]
fn an_answer_that_was_asked_for_before_a_commit_only_fills_gaps() {
    let schema = schema();
    let records = IdentityMap::new();
    let status = load(
        &schema,
        &records,
        "Status",
        &json!([{"__entity_type__": "Status", "id": "s", "name": "a"}]),
    )
    .remove(0);
    let record = records.get(&status).unwrap();
    let name = record.entity_type().position("name").unwrap();

    let asked = records.begin_request();
    let (_, _, stale) = rows(
        &schema,
        "Status",
        &answer(&json!([{"__entity_type__": "Status", "id": "s", "name": "a", "sort": 1}])),
    );
    let mut log = OperationLog::new();
    log.update(&record, name, "new".into());
    let batch = ftrack_entity::Batch::plan(log.operations());
    batch.apply(&mut log, &records, ftrack_entity::Staged::default());
    let _held = records.merge(stale, &asked);

    assert_eq!(record.value(name).as_str(), Some("new"));
    assert_eq!(value(&records, &status, "sort").as_i64(), Some(1));
}

#[test]
fn records_of_one_type_in_one_answer_are_siblings() {
    let schema = schema();
    let records = IdentityMap::new();
    let tasks = load(
        &schema,
        &records,
        "Task",
        &json!([
            {"__entity_type__": "Task", "id": "a", "status": {"__entity_type__": "Status", "id": "s"}},
            {"__entity_type__": "Task", "id": "b", "status": {"__entity_type__": "Status", "id": "t"}},
        ]),
    );
    let siblings = |identity: &Identity| {
        records
            .get(identity)
            .unwrap()
            .siblings()
            .unwrap()
            .records()
            .len()
    };
    assert_eq!(siblings(&tasks[0]), 2);
    assert_eq!(siblings(&Identity::new("Status", "t")), 2);

    // The map is their only owner.
    let first = records.get(&tasks[0]).unwrap();
    records.clear();
    assert_eq!(first.siblings().unwrap().records().len(), 1);
}

#[test]
fn what_is_forgotten_is_not_set_again() {
    let schema = schema();
    let records = IdentityMap::new();
    let data = json!([{"__entity_type__": "Status", "id": "s", "name": "a"}]);
    let status = load(&schema, &records, "Status", &data).remove(0);
    let record = records.get(&status).unwrap();
    record.forget(record.entity_type().position("name").unwrap());
    assert_eq!(value(&records, &status, "name"), Value::NotSet);
}

#[test]
fn with_held_retention_records_live_as_long_as_somebody_holds_them() {
    let schema = schema();
    let records = IdentityMap::with_retention(Retention::Held);
    let tasks: Vec<_> = (0..5_000)
        .map(|number| json!({"__entity_type__": "Task", "id": format!("t-{number}"), "name": "model"}))
        .collect();
    let (identities, _, staged) = rows(&schema, "Task", &answer(&tasks.into()));
    let held = records.merge(staged, &records.begin_request());
    let kept = records.get(&identities[7]).unwrap();
    assert_eq!(
        value(&records, &identities[4_000], "name").as_str(),
        Some("model")
    );
    drop(held);
    assert!(records.get(&identities[4_000]).is_none());
    assert!(records.get(&identities[7]).is_some());

    // Entries of records that are gone are swept as others come.
    for round in 0..20 {
        let one = json!([{"__entity_type__": "Status", "id": format!("s-{round}")}]);
        load(&schema, &records, "Status", &one);
    }
    for round in 0..6_000 {
        let status = schema.entity_type("Status").unwrap();
        drop(records.get_or_insert(&Identity::new("Status", format!("x-{round}")), status));
    }
    assert!(records.len() < 2_500, "{}", records.len());
    assert_eq!(
        records.get(kept.identity()).unwrap().identity(),
        &identities[7]
    );
}

#[test]
fn with_held_retention_uncommitted_changes_are_never_forgotten() {
    let schema = schema();
    let records = IdentityMap::with_retention(Retention::Held);
    let status = Identity::new("Status", "s");
    let mut log = OperationLog::new();
    let record = records.get_or_insert(&status, schema.entity_type("Status").unwrap());
    let name = record.entity_type().position("name").unwrap();
    log.update(&record, name, "mine".into());
    drop(record);
    assert_eq!(value(&records, &status, "name").as_str(), Some("mine"));
    log.take();
    assert!(records.get(&status).is_none());
}

/// A map that knows the task `t` below `p`, with the status `s`, and commits its deletion.
fn deleted(schema: &ftrack_entity::Schema) -> (IdentityMap, OperationLog, Identity) {
    let records = IdentityMap::new();
    let data = json!([{"__entity_type__": "Task", "id": "t", "name": "model"}]);
    let task = load(schema, &records, "Task", &data).remove(0);
    (records, OperationLog::new(), task)
}

fn commit(records: &IdentityMap, log: &mut OperationLog) {
    let batch = ftrack_entity::Batch::plan(log.operations());
    batch.apply(log, records, ftrack_entity::Staged::default());
}

fn delete(records: &IdentityMap, log: &mut OperationLog, identity: &Identity) {
    let record = records.get(identity).unwrap();
    log.push(ftrack_entity::Operation::Delete { record });
    commit(records, log);
}

#[test]
fn what_was_deleted_stays_deleted_when_an_older_answer_comes() {
    let schema = schema();
    let (records, mut log, task) = deleted(&schema);
    let before = records.begin_request();
    let old_answer = json!([
        {"__entity_type__": "Task", "id": "t", "name": "model"},
        {"__entity_type__": "Task", "id": "other",
            "parent": {"__entity_type__": "Task", "id": "t"},
            "children": [{"__entity_type__": "Task", "id": "t"}, {"__entity_type__": "Task", "id": "u"}]},
    ]);
    delete(&records, &mut log, &task);

    let (rows, _, stale) = rows(&schema, "Task", &answer(&old_answer));
    let held = records.merge(stale, &before);
    assert!(records.get(&task).is_none());
    let lost: Vec<bool> = rows.iter().map(|row| before.has_lost(row)).collect();
    assert_eq!(lost, [true, false]);
    assert_eq!(held.records().len(), 2);
    let other = Identity::new("Task", "other");
    assert_eq!(value(&records, &other, "parent"), Value::NotSet);
    let children = Value::from(vec![Identity::new("Task", "u")]);
    assert_eq!(value(&records, &other, "children"), children);

    // What is asked now, the server answers after the deletion: it knows better.
    load(&schema, &records, "Task", &old_answer);
    assert!(records.get(&task).is_some());
}

#[test]
fn what_was_deleted_and_created_anew_is_there_again() {
    let schema = schema();
    let (records, mut log, task) = deleted(&schema);
    let before = records.begin_request();
    delete(&records, &mut log, &task);
    let record = records.get_or_insert(&task, schema.entity_type("Task").unwrap());
    log.push(ftrack_entity::Operation::Create {
        record,
        data: Vec::new(),
    });
    commit(&records, &mut log);
    assert!(!before.has_lost(&task));
    let data = json!([{"__entity_type__": "Task", "id": "t", "bid": 3}]);
    let (_, _, stale) = rows(&schema, "Task", &answer(&data));
    let _held = records.merge(stale, &before);
    assert_eq!(value(&records, &task, "bid").as_i64(), Some(3));
}
