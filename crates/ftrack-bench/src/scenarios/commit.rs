//! Planning and encoding a commit: the floor is `serde_json::to_vec` of the same batch.

use std::sync::Arc;

use ftrack_entity::{Batch, Identity, IdentityMap, Key, Operation, OperationLog, Schema, Value};

use super::Outcome;
use crate::fixture;
use crate::scenario::Measured;

/// 1,000 creates, then 1,000 updates of them: the planned batch as JSON.
pub(super) fn encode() -> Outcome {
    let schema = Schema::from_json(&fixture::schemas())?;
    let planned = Batch::plan(recorded(&schema)?.operations());
    measure(&planned.encode(&schema), || planned.encode(&schema))
}

/// The same from the recorded operations on.
pub(super) fn plan_and_encode() -> Outcome {
    let schema = Schema::from_json(&fixture::schemas())?;
    let log = recorded(&schema)?;
    let body = Batch::plan(log.operations()).encode(&schema);
    measure(&body, || Batch::plan(log.operations()).encode(&schema))
}

fn measure(body: &[u8], ours: impl Fn() -> Vec<u8>) -> Outcome {
    let batch: serde_json::Value = serde_json::from_slice(body)?;
    Ok(Measured::new(
        || (),
        |()| ours(),
        |()| serde_json::to_vec(&batch),
    ))
}

fn recorded(schema: &Schema) -> Result<OperationLog, ftrack_entity::Error> {
    let task = schema.entity_type("Task")?;
    let position = |name: &str| task.position_of(name);
    let records = IdentityMap::new();
    let mut log = OperationLog::new();
    let mut created = Vec::new();
    for number in 0..1_000 {
        let identity = Identity::new(task.name(), Key::random());
        let record = records.get_or_insert(&identity, task);
        let data = vec![
            (position("name")?, Value::from(format!("task_{number:05}"))),
            (
                position("description")?,
                Value::from("What there is to do, in a sentence of some length."),
            ),
            (position("bid")?, Value::from(number)),
        ];
        log.push(Operation::Create {
            record: Arc::clone(&record),
            data,
        });
        log.update(
            &record,
            position("status")?,
            Value::from(Identity::new("Status", Key::random())),
        );
        log.update(
            &record,
            position("parent")?,
            Value::from(Identity::new("Shot", Key::random())),
        );
        created.push(record);
    }
    for record in &created {
        log.update(record, position("bid")?, Value::from(12.5));
        log.update(
            record,
            position("description")?,
            Value::from("Something else after all."),
        );
    }
    Ok(log)
}
