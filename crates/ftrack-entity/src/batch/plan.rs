//! From operations to requests.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Action, Payload};
use crate::{Operation, Record, Recorded, Value};

/// The requests for `operations`, without those that cancel out.
///
/// The rules are those of the official client, so that a server is told the same story by both.
pub(super) fn payloads(operations: &[Recorded]) -> Vec<Payload> {
    let lost = created_and_deleted(operations);
    let superseded = superseded_updates(operations);
    let mut payloads: Vec<Payload> = Vec::new();
    for (recorded, superseded) in operations.iter().zip(superseded) {
        let operation = &recorded.operation;
        if superseded || lost.contains(&address(operation.record())) {
            continue;
        }
        let payload = match operation {
            Operation::Create { record, data } => {
                let is_set = |(_, value): &&(u16, Value)| !value.is_not_set();
                let data = data.iter().filter(is_set).cloned().collect();
                Payload {
                    action: Action::Create,
                    record: Arc::clone(record),
                    data,
                }
            }
            Operation::Update {
                new: Value::NotSet, ..
            } => continue,
            Operation::Update {
                record,
                attribute,
                new,
                ..
            } => match payloads.last_mut() {
                Some(previous) if joins(previous, record) => {
                    set(&mut previous.data, *attribute, new);
                    continue;
                }
                _ => Payload {
                    action: Action::Update,
                    record: Arc::clone(record),
                    data: vec![(*attribute, new.clone())],
                },
            },
            Operation::Delete { record } => Payload {
                action: Action::Delete,
                record: Arc::clone(record),
                data: Vec::new(),
            },
        };
        payloads.push(payload);
    }
    payloads
}

/// There is one record per entity, so its address tells entities apart, and is quickly compared.
pub(super) fn address(record: &Arc<Record>) -> usize {
    Arc::as_ptr(record).addr()
}

/// An update that directly follows a create or update of the same entity becomes part of it.
fn joins(previous: &Payload, record: &Arc<Record>) -> bool {
    previous.action != Action::Delete && Arc::ptr_eq(&previous.record, record)
}

fn set(data: &mut Vec<(u16, Value)>, attribute: u16, value: &Value) {
    match data.iter_mut().find(|(known, _)| *known == attribute) {
        Some(entry) => entry.1 = value.clone(),
        None => data.push((attribute, value.clone())),
    }
}

/// Entities that come and go within the batch: the server need not hear of them.
fn created_and_deleted(operations: &[Recorded]) -> FxHashSet<usize> {
    let of = |wanted: fn(&Operation) -> bool| {
        let operations = operations.iter().map(|recorded| &recorded.operation);
        operations
            .filter(move |operation| wanted(operation))
            .map(|operation| address(operation.record()))
    };
    let mut deleted: FxHashSet<usize> =
        of(|operation| matches!(operation, Operation::Delete { .. })).collect();
    if !deleted.is_empty() {
        let created: FxHashSet<usize> =
            of(|operation| matches!(operation, Operation::Create { .. })).collect();
        deleted.retain(|record| created.contains(record));
    }
    deleted
}

/// Which operations are updates of an attribute that a later update changes again: only the last is sent. What a
/// create was given stays as it is.
fn superseded_updates(operations: &[Recorded]) -> Vec<bool> {
    let mut later: FxHashSet<(usize, u16)> = FxHashSet::default();
    later.reserve(operations.len());
    let mut superseded: Vec<bool> = operations
        .iter()
        .rev()
        .map(|recorded| match &recorded.operation {
            Operation::Update {
                record, attribute, ..
            } => !later.insert((address(record), *attribute)),
            _ => false,
        })
        .collect();
    superseded.reverse();
    superseded
}
