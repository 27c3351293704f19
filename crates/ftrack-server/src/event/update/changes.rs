//! What happened to one entity, in the shape that clients know.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::lineage::lineage;
use super::past::{History, Past};
use super::vocabulary::Vocabulary;
use crate::store::{Key, RowRef};
use crate::value::Value;

/// A changed entity.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntityChange<'a> {
    #[serde(rename = "entity_type")]
    type_name: &'a str,
    entity_type: &'a str,
    entity_id: String,
    object_type_id: Json,
    action: Action,
    parent_id: Option<String>,
    /// The entity itself, and what it stands below.
    parents: Vec<Ancestor<'a>>,
    /// The names of what changed.
    keys: Vec<String>,
    changes: BTreeMap<String, Change>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Add,
    Update,
    Remove,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ancestor<'a> {
    entity_id: String,
    entity_type: &'a str,
    #[serde(rename = "entity_type")]
    type_name: &'a str,
    parent_id: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    new: Json,
    old: Json,
}

impl<'a> EntityChange<'a> {
    /// What happened to a row; nothing where it is as it was, or unknown to clients.
    pub(super) fn new(vocabulary: &'a Vocabulary, past: &Past<'a>, row: RowRef) -> Option<Self> {
        let entity_type = vocabulary.table(row.type_id)?;
        let history = past.history(row)?;
        let action = match (history.is_new, history.last) {
            (true, Some(_)) => return None,
            (true, None) => Action::Add,
            (false, Some(_)) => Action::Remove,
            (false, None) => Action::Update,
        };
        let mut changes = stored_changes(vocabulary, past, row, history, action);
        changes.extend(custom_changes(past, row, history, action));
        if changes.is_empty() && action == Action::Update {
            return None;
        }
        let parents = parents(vocabulary, past, row);
        Some(Self {
            type_name: &past.store().catalog().get(row.type_id).name,
            entity_type,
            entity_id: id_text(&past.key(row)),
            object_type_id: past.named(row, "object_type_id").to_json(),
            action,
            parent_id: parents.first().and_then(|own| own.parent_id.clone()),
            parents,
            keys: changes.keys().cloned().collect(),
            changes,
        })
    }

    /// The ids of what the entity stands below.
    pub(super) fn parent_ids(&self) -> impl Iterator<Item = String> + '_ {
        let above = self.parents.iter().skip(1);
        above.map(|parent| parent.entity_id.clone())
    }
}

fn parents<'a>(vocabulary: &'a Vocabulary, past: &Past<'a>, row: RowRef) -> Vec<Ancestor<'a>> {
    let catalog = past.store().catalog();
    let line: Vec<(RowRef, String)> = lineage(past, row)
        .into_iter()
        .map(|row| (row, id_text(&past.key(row))))
        .collect();
    let above = line.iter().skip(1).map(|(_, id)| Some(id));
    line.iter()
        .zip(above.chain(std::iter::once(None)))
        .map(|((row, id), above)| Ancestor {
            entity_id: id.clone(),
            entity_type: vocabulary.table(row.type_id).unwrap_or_default(),
            type_name: &catalog.get(row.type_id).name,
            parent_id: above.cloned(),
        })
        .collect()
}

fn stored_changes(
    vocabulary: &Vocabulary,
    past: &Past<'_>,
    row: RowRef,
    history: &History<'_>,
    action: Action,
) -> BTreeMap<String, Change> {
    let slots = past.store().catalog().get(row.type_id).slots.len();
    (0..slots)
        .filter_map(|slot| {
            let now = past.value(row, slot);
            let before = history.old.get(&slot).copied().unwrap_or(now);
            let change = change(before, now, action)?;
            Some((vocabulary.attribute(row.type_id, slot)?.to_owned(), change))
        })
        .collect()
}

/// Custom attributes are told as if they were attributes of their entity.
fn custom_changes(
    past: &Past<'_>,
    row: RowRef,
    history: &History<'_>,
    action: Action,
) -> BTreeMap<String, Change> {
    let store = past.store();
    let Some(configurations) = store.catalog().find("CustomAttributeConfiguration") else {
        return BTreeMap::new();
    };
    history
        .custom
        .iter()
        .filter_map(|(configuration, before)| {
            let named = RowRef {
                type_id: configurations.id,
                row: *configuration,
            };
            let default = past.named(named, "default");
            let now = store.custom().get(row, *configuration);
            let change = change(before.unwrap_or(default), now.unwrap_or(default), action)?;
            Some((past.named(named, "key").to_text(), change))
        })
        .collect()
}

/// Both sides of a change, where there is one.
fn change(before: &Value, now: &Value, action: Action) -> Option<Change> {
    let (before, now) = match action {
        Action::Add => (&Value::Null, now),
        Action::Remove => (before, &Value::Null),
        Action::Update => (before, now),
    };
    (before != now).then(|| Change {
        new: plain(now),
        old: plain(before),
    })
}

/// Events know no tagged values; moments and days are texts.
fn plain(value: &Value) -> Json {
    match (value, value.to_json()) {
        (Value::DateTime(_) | Value::Date(_), mut tagged) => {
            tagged.get_mut("value").map(Json::take).unwrap_or_default()
        }
        (_, json) => json,
    }
}

fn id_text(key: &Key) -> String {
    let text = |value: &Value| {
        let text = value.as_text();
        text.unwrap_or_else(|| value.to_json().to_string())
    };
    match key {
        Key::One(value) => text(value),
        Key::Many(parts) => parts.iter().map(text).collect::<Vec<_>>().join(","),
    }
}
