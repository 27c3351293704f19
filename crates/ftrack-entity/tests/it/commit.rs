use std::sync::Arc;

use ftrack_entity::{
    Batch, EntityState, Identity, IdentityMap, Operation, OperationLog, Record, Reply, Schema,
    Staged, Value, decode_batch,
};
use serde_json::json;

use crate::schema;

/// A log over a small set of records.
struct Work {
    schema: Schema,
    records: IdentityMap,
    log: OperationLog,
}

impl Work {
    fn new() -> Self {
        Self {
            schema: schema(),
            records: IdentityMap::new(),
            log: OperationLog::new(),
        }
    }

    fn record(&self, entity_type: &str, key: &str) -> Arc<Record> {
        let entity_type = self.schema.entity_type(entity_type).unwrap();
        self.records
            .get_or_insert(&Identity::new(entity_type.name(), key), entity_type)
    }

    fn create(&mut self, key: &str, values: &[(&str, Value)]) -> Arc<Record> {
        let record = self.record("Task", key);
        let position = |name: &str| record.entity_type().position(name).unwrap();
        let data: Vec<_> = values
            .iter()
            .map(|(name, value)| (position(name), value.clone()))
            .collect();
        let sequence = self.log.push(Operation::Create {
            record: Arc::clone(&record),
            data: data.clone(),
        });
        for (position, value) in data {
            record.set_local(position, value, sequence);
        }
        record
    }

    fn set(&mut self, record: &Arc<Record>, name: &str, value: impl Into<Value>) {
        let position = record.entity_type().position(name).unwrap();
        self.log.update(record, position, value.into());
    }

    fn delete(&mut self, record: &Arc<Record>) {
        self.log.push(Operation::Delete {
            record: Arc::clone(record),
        });
    }

    fn batch(&self) -> Batch {
        Batch::plan(self.log.operations())
    }

    fn sent(&self) -> serde_json::Value {
        serde_json::from_slice(&self.batch().encode(&self.schema)).unwrap()
    }
}

#[test]
fn updates_fold_as_the_official_client_folds_them() {
    let mut work = Work::new();
    let first = work.create("a", &[]);
    work.set(&first, "bid", 1);
    let second = work.create("b", &[]);
    work.set(&first, "bid", 2);
    work.set(&first, "name", "model");
    assert_eq!(
        work.sent(),
        json!([
            {"action": "create", "entity_type": "Task", "entity_key": ["a"],
                "entity_data": {"__entity_type__": "Task", "id": "a"}},
            {"action": "create", "entity_type": "Task", "entity_key": ["b"],
                "entity_data": {"__entity_type__": "Task", "id": "b"}},
            {"action": "update", "entity_type": "Task", "entity_key": ["a"],
                "entity_data": {"__entity_type__": "Task", "bid": 2, "name": "model"}},
        ])
    );
    assert_eq!(
        work.log.state(second.identity()),
        Some(EntityState::Created)
    );
}

#[test]
fn an_update_right_after_its_create_is_part_of_it() {
    let mut work = Work::new();
    let task = work.create("a", &[("name", "model".into())]);
    work.set(&task, "status", Identity::new("Status", "s"));
    work.set(
        &task,
        "created_at",
        "2022-10-10T10:12:09"
            .parse::<ftrack_entity::Timestamp>()
            .unwrap(),
    );
    work.set(&task, "children", vec![Identity::new("Task", "c")]);
    work.set(
        &task,
        "metadata",
        vec![Identity::new(
            "Metadata",
            ftrack_entity::Key::composite(["a", "fps"]),
        )],
    );
    assert_eq!(
        work.sent(),
        json!([{
            "action": "create", "entity_type": "Task", "entity_key": ["a"],
            "entity_data": {
                "__entity_type__": "Task", "id": "a", "name": "model",
                "status": {"__entity_type__": "Status", "id": "s"},
                "created_at": {"__type__": "datetime", "value": "2022-10-10T10:12:09+00:00"},
                "children": [{"__entity_type__": "Task", "id": "c"}],
                "metadata": [{"__entity_type__": "Metadata", "parent_id": "a", "key": "fps"}],
            },
        }])
    );
}

#[test]
fn what_is_created_and_deleted_is_not_sent() {
    let mut work = Work::new();
    let task = work.create("a", &[("name", "model".into())]);
    let kept = work.record("Task", "k");
    work.delete(&task);
    assert!(work.batch().is_empty());
    work.delete(&kept);
    assert_eq!(
        work.sent(),
        json!([{"action": "delete", "entity_type": "Task", "entity_key": ["k"]}])
    );
}

#[test]
fn a_value_that_was_taken_back_is_not_sent() {
    let mut work = Work::new();
    let task = work.record("Task", "a");
    work.set(&task, "bid", 1);
    work.set(&task, "bid", Value::NotSet);
    assert!(work.batch().is_empty());
    assert_eq!(work.log.state(task.identity()), Some(EntityState::Modified));
}

#[test]
fn states_follow_the_operations() {
    let mut work = Work::new();
    let task = work.record("Task", "a");
    assert_eq!(work.log.state(task.identity()), None);
    work.set(&task, "bid", 1);
    assert_eq!(work.log.state(task.identity()), Some(EntityState::Modified));
    work.delete(&task);
    work.set(&task, "bid", 2);
    assert_eq!(work.log.state(task.identity()), Some(EntityState::Deleted));
    assert_eq!(work.log.records_in(EntityState::Deleted).len(), 1);
}

#[test]
fn a_commit_clears_what_it_sent_and_keeps_what_came_later() {
    let mut work = Work::new();
    let task = work.create("a", &[("name", "model".into())]);
    let batch = work.batch();
    work.set(&task, "name", "rig");
    let body = br#"[{"action": "create", "data": {"__entity_type__": "Task", "id": "a", "name": "model", "bid": 0}}]"#;
    let reply = decode_batch(body, &work.schema, &batch.expected()).unwrap();
    let Reply::Accepted { staged, .. } = reply else {
        panic!("{reply:?}")
    };
    batch.apply(&mut work.log, &work.records, staged);

    let position = |name| task.entity_type().position(name).unwrap();
    assert_eq!(task.remote_value(position("name")).as_str(), Some("model"));
    assert_eq!(task.value(position("name")).as_str(), Some("rig"));
    assert_eq!(task.value(position("bid")).as_i64(), Some(0));
    assert_eq!(work.log.state(task.identity()), Some(EntityState::Modified));
    assert_eq!(
        work.sent()[0]["entity_data"],
        json!({"__entity_type__": "Task", "name": "rig"})
    );
}

#[test]
fn a_value_that_the_server_did_not_repeat_is_known_all_the_same() {
    let mut work = Work::new();
    let task = work.record("Task", "a");
    work.set(&task, "bid", 4);
    let batch = work.batch();
    batch.apply(&mut work.log, &work.records, Staged::default());
    assert_eq!(
        task.remote_value(task.entity_type().position("bid").unwrap())
            .as_i64(),
        Some(4)
    );
    assert!(work.log.is_empty());
}

#[test]
fn a_deleted_entity_leaves_the_map_once_that_is_committed() {
    let mut work = Work::new();
    let task = work.record("Task", "a");
    work.delete(&task);
    assert!(work.records.get(task.identity()).is_some());
    let batch = work.batch();
    batch.apply(&mut work.log, &work.records, Staged::default());
    assert!(work.records.get(task.identity()).is_none());
}

#[test]
fn what_is_deleted_and_created_anew_is_told_as_it_is_in_the_end() {
    // On the server before: deleted and made anew is a change.
    let mut work = Work::new();
    let known = work.record("Task", "a");
    work.set(&known, "bid", 1);
    work.delete(&known);
    let anew = work.create("a", &[("name", "model".into())]);
    work.set(&anew, "bid", 2);
    let data = json!({"__entity_type__": "Task", "name": "model", "bid": 2});
    let update = json!([
        {"action": "update", "entity_type": "Task", "entity_key": ["a"], "entity_data": data}
    ]);
    assert_eq!(work.sent(), update);
    assert_eq!(work.log.state(known.identity()), Some(EntityState::Created));
    // Deleted again after all.
    work.delete(&anew);
    let delete = json!([{"action": "delete", "entity_type": "Task", "entity_key": ["a"]}]);
    assert_eq!(work.sent(), delete);

    // New here: only the last creation counts.
    let mut work = Work::new();
    let first = work.create("a", &[("name", "first".into())]);
    work.delete(&first);
    assert!(work.batch().is_empty());
    work.create("a", &[("name", "second".into())]);
    let sent = work.sent();
    assert_eq!(sent.as_array().unwrap().len(), 1);
    assert_eq!(sent[0]["action"], "create");
    assert_eq!(sent[0]["entity_data"]["name"], "second");
}
