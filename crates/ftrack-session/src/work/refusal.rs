//! What a server refused, in the names of the program.

use ftrack_entity::{Action, Batch, Identity, Payload, Record, Value};

use super::plan::{Planning, name};
use crate::error::{Error, ErrorKind};
use crate::session::Session;

impl Session {
    /// Says what was refused by the names of what was sent, so that the message helps without a look at the log.
    pub(super) fn describe(&self, error: Error, batch: &Batch) -> Error {
        let entities: Vec<String> = batch.payloads().iter().take(10).map(shown).collect();
        let error = error.with_detail("operations", entities);
        let Some(payload) = refused_payload(&error, batch) else {
            return error;
        };
        let error = error.with_detail("operation", shown(payload));
        let mut planning = Planning::new(self);
        planning.add(payload);
        let change = planning.plan().changes().first().map(ToString::to_string);
        let said = error.message().to_owned();
        let message = match (self.duplicate(&error, payload), change) {
            (Some(duplicate), _) => format!("{duplicate} ({said})"),
            (None, Some(change)) => format!("{said} (of: {change})"),
            (None, None) => return error,
        };
        error.with_message(message)
    }

    /// The sentence for an entity that is there already, as in `harbour already has a Shot "010"`.
    fn duplicate(&self, error: &Error, payload: &Payload) -> Option<String> {
        if !error.is(ErrorKind::NotUnique) {
            return None;
        }
        let record = &payload.record;
        let (entity_type, name) = (record.identity().entity_type(), name(record)?);
        let parent = self.parent_name(record);
        Some(match parent {
            Some(parent) => format!("{parent} already has a {entity_type} {name:?}"),
            None => format!("there is a {entity_type} {name:?} already"),
        })
    }

    /// The name of what the entity of `record` is in.
    fn parent_name(&self, record: &Record) -> Option<String> {
        let value = |attribute: &str| {
            let position = record.entity_type().position(attribute)?;
            Some(record.value(position))
        };
        let by_reference = ["parent", "project", "asset"]
            .into_iter()
            .find_map(|above| {
                let identity = value(above)?.as_reference().cloned()?;
                self.records().get(&identity)
            });
        let by_id = || {
            let id = ["parent_id", "context_id", "asset_id", "project_id"]
                .into_iter()
                .find_map(|above| value(above)?.as_str().map(str::to_owned))?;
            let is_above = |known: &Identity| known.key().to_string() == id;
            let mut records = self.records().records().into_iter();
            records.find(|known| is_above(known.identity()))
        };
        name(&*by_reference.or_else(by_id)?)
    }
}

/// What the server refused, where that can be told: the only payload, or the only one of which the server says a value
/// or the key.
fn refused_payload<'a>(error: &Error, batch: &'a Batch) -> Option<&'a Payload> {
    if let [only] = batch.payloads() {
        return Some(only);
    }
    let content = error.details().get("content")?.as_str()?;
    let has_key = |payload: &&Payload| {
        let key = payload.record.identity().key();
        key.parts()
            .iter()
            .all(|part| content.contains(&*part.to_text()))
    };
    let has_value = |payload: &&Payload| {
        let is_written = payload.action != Action::Delete;
        is_written
            && payload
                .data
                .iter()
                .any(|(_, value)| is_said(value, content))
    };
    let only = |found: Vec<&'a Payload>| match found[..] {
        [only] => Some(only),
        _ => None,
    };
    let payloads = batch.payloads().iter();
    only(payloads.clone().filter(has_value).collect())
        .or_else(|| only(payloads.filter(has_key).collect()))
}

/// Whether the server says the value, in quotes.
fn is_said(value: &Value, content: &str) -> bool {
    value
        .as_str()
        .is_some_and(|text| !text.is_empty() && content.contains(&format!("\"{text}\"")))
}

fn shown(payload: &Payload) -> String {
    format!("{} {}", payload.action.as_str(), payload.record.identity())
}
