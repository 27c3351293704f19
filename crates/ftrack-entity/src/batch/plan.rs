//! From operations to requests.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Action, Payload};
use crate::operation::{Operation, Recorded};
use crate::record::Record;
use crate::schema::AttributePosition;
use crate::value::Value;

/// The requests for `operations`, without those that cancel out.
///
/// The rules are those of the official client, so that a server is told the same story by both.
pub(super) fn payloads(operations: &[Recorded]) -> Vec<Payload> {
    let lifetimes = lifetimes(operations);
    let superseded = superseded_updates(operations);
    let mut payloads: Vec<Payload> = Vec::new();
    for (index, (recorded, superseded)) in operations.iter().zip(superseded).enumerate() {
        let operation = &recorded.operation;
        let lifetime = lifetimes.get(&address(operation.record()));
        if superseded || lifetime.is_some_and(|lifetime| lifetime.leaves_out(index)) {
            continue;
        }
        let payload = match operation {
            Operation::Create { record, data } => {
                let is_set = |(_, value): &&(AttributePosition, Value)| !value.is_not_set();
                let data = data.iter().filter(is_set).cloned().collect();
                let is_there = lifetime.is_some_and(|lifetime| lifetime.was_there);
                Payload {
                    action: if is_there {
                        Action::Update
                    } else {
                        Action::Create
                    },
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

fn set(data: &mut Vec<(AttributePosition, Value)>, attribute: AttributePosition, value: &Value) {
    match data.iter_mut().find(|(known, _)| *known == attribute) {
        Some(entry) => entry.1 = value.clone(),
        None => data.push((attribute, value.clone())),
    }
}

/// What becomes of an entity that is both created and deleted within the batch.
#[derive(Debug, Clone, Copy)]
struct Lifetime {
    /// Whether the server had it before: the first thing that happened was its deletion.
    was_there: bool,
    /// Whether it is there in the end.
    is_there: bool,
    /// The last creation or deletion: what came before it does not matter any more.
    last: usize,
}

impl Lifetime {
    /// Whether the server need not hear of the operation at `index`: those of an entity that comes and goes, and what
    /// was done to one before it was made anew. One that is deleted and made anew was only changed.
    fn leaves_out(self, index: usize) -> bool {
        index < self.last || !self.was_there && !self.is_there
    }
}

fn lifetimes(operations: &[Recorded]) -> FxHashMap<usize, Lifetime> {
    let is_delete = |operation: &Operation| matches!(operation, Operation::Delete { .. });
    let mut lifetimes = FxHashMap::default();
    if !operations
        .iter()
        .any(|recorded| is_delete(&recorded.operation))
    {
        return lifetimes;
    }
    let mut both = FxHashSet::default();
    for (index, recorded) in operations.iter().enumerate() {
        let operation = &recorded.operation;
        if matches!(operation, Operation::Update { .. }) {
            continue;
        }
        let record = address(operation.record());
        let lifetime = lifetimes.entry(record).or_insert(Lifetime {
            was_there: is_delete(operation),
            is_there: !is_delete(operation),
            last: index,
        });
        if lifetime.is_there == is_delete(operation) {
            both.insert(record);
        }
        lifetime.is_there = !is_delete(operation);
        lifetime.last = index;
    }
    lifetimes.retain(|record, _| both.contains(record));
    lifetimes
}

/// Which operations are updates of an attribute that a later update changes again: only the last is sent. What a
/// create was given stays as it is.
fn superseded_updates(operations: &[Recorded]) -> Vec<bool> {
    let mut later: FxHashSet<(usize, AttributePosition)> = FxHashSet::default();
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
