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

    let asked = records.epoch();
    let (_, _, stale) = rows(
        &schema,
        "Status",
        &answer(&json!([{"__entity_type__": "Status", "id": "s", "name": "a", "sort": 1}])),
    );
    let mut log = OperationLog::new();
    log.update(&record, name, "new".into());
    let batch = ftrack_entity::Batch::plan(log.operations());
    batch.apply(&mut log, &records, ftrack_entity::Staged::default());
    let _arrival = records.merge(stale, asked);

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
    let arrival = records.merge(staged, 0);
    let kept = records.get(&identities[7]).unwrap();
    assert_eq!(
        value(&records, &identities[4_000], "name").as_str(),
        Some("model")
    );
    drop(arrival);
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
