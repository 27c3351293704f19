//! From operations to requests.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Action, Payload};
use crate::{Identity, Operation, Recorded, Value};

/// The requests for `operations`, without those that cancel out.
///
/// The rules are those of the official client, so that a server is told the same story by both.
pub(super) fn payloads(operations: &[Recorded]) -> Vec<Payload> {
    let mut payloads: Vec<Payload> = operations
        .iter()
        .map(|recorded| payload(&recorded.operation))
        .collect();
    let lost = created_and_deleted(&payloads);
    payloads.retain(|payload| !lost.contains(payload.record.identity()));
    keep_last_updates(&mut payloads);
    for payload in &mut payloads {
        payload.data.retain(|(_, value)| !value.is_not_set());
    }
    payloads.retain(|payload| payload.action != Action::Update || !payload.data.is_empty());
    join_updates(payloads)
}

fn payload(operation: &Operation) -> Payload {
    let (action, data) = match operation {
        Operation::Create { data, .. } => (Action::Create, data.clone()),
        Operation::Update { attribute, new, .. } => {
            (Action::Update, vec![(*attribute, new.clone())])
        }
        Operation::Delete { .. } => (Action::Delete, Vec::new()),
    };
    Payload {
        action,
        record: operation.record().clone(),
        data,
    }
}

/// Entities that come and go within the batch: the server need not hear of them.
fn created_and_deleted(payloads: &[Payload]) -> FxHashSet<Identity> {
    let of = |action| {
        payloads
            .iter()
            .filter(move |payload| payload.action == action)
    };
    let created: FxHashSet<&Identity> = of(Action::Create)
        .map(|payload| payload.record.identity())
        .collect();
    of(Action::Delete)
        .map(|payload| payload.record.identity())
        .filter(|id| created.contains(id))
        .cloned()
        .collect()
}

/// Of several updates of one attribute only the last is sent. What a create was given stays as it is.
fn keep_last_updates(payloads: &mut [Payload]) {
    let mut seen: FxHashMap<Identity, FxHashSet<u16>> = FxHashMap::default();
    for payload in payloads
        .iter_mut()
        .rev()
        .filter(|payload| payload.action == Action::Update)
    {
        let later = seen.entry(payload.record.identity().clone()).or_default();
        for (attribute, value) in &mut payload.data {
            if !later.insert(*attribute) {
                *value = Value::NotSet;
            }
        }
    }
}

/// An update that directly follows a create or update of the same entity becomes part of it.
fn join_updates(payloads: Vec<Payload>) -> Vec<Payload> {
    let mut joined: Vec<Payload> = Vec::with_capacity(payloads.len());
    for payload in payloads {
        match joined.last_mut() {
            Some(previous)
                if payload.action == Action::Update
                    && previous.action != Action::Delete
                    && previous.record.identity() == payload.record.identity() =>
            {
                for (attribute, value) in payload.data {
                    match previous
                        .data
                        .iter_mut()
                        .find(|(known, _)| *known == attribute)
                    {
                        Some(entry) => entry.1 = value,
                        None => previous.data.push((attribute, value)),
                    }
                }
            }
            _ => joined.push(payload),
        }
    }
    joined
}
