//! What happened to one entity, in the shape that clients know.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::lineage::lineage;
use super::vocabulary::Vocabulary;
use crate::read::Reader;
use crate::store::{History, Key, Past, RowRef};
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
    keys: Vec<Cow<'a, str>>,
    #[serde(serialize_with = "as_map")]
    changes: Vec<(Cow<'a, str>, Change<'a>)>,
    /// The project that the entity belongs to, and who made that.
    #[serde(skip)]
    project: Option<(&'a Value, &'a Value)>,
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

/// Values are written as they are: a batch can have very many.
#[derive(Debug, Serialize)]
struct Change<'a> {
    #[serde(serialize_with = "plain")]
    new: &'a Value,
    #[serde(serialize_with = "plain")]
    old: &'a Value,
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
        changes.sort_by(|(one, _), (two, _)| one.cmp(two));
        // A custom attribute may be called like an attribute; a name can be told once.
        changes.dedup_by(|(one, _), (two, _)| one == two);
        if changes.is_empty() && action == Action::Update {
            return None;
        }
        let line = lineage(past, row);
        let parents = parents(vocabulary, past, &line);
        Some(Self {
            type_name: &past.store().catalog().get(row.type_id).name,
            entity_type,
            entity_id: id_text(&past.key(row)),
            object_type_id: past.named(row, "object_type_id").to_json(),
            action,
            parent_id: parents.first().and_then(|own| own.parent_id.clone()),
            parents,
            keys: changes.iter().map(|(name, _)| name.clone()).collect(),
            changes,
            project: project(past, &line),
        })
    }

    /// Whether a reader may know of the entity.
    pub(super) fn is_known_to(&self, reader: &Reader) -> bool {
        self.project
            .is_none_or(|(project, maker)| reader.admits(project, maker))
    }

    /// The ids of what the entity stands below.
    pub(super) fn parent_ids(&self) -> impl Iterator<Item = String> + '_ {
        let above = self.parents.iter().skip(1);
        above.map(|parent| parent.entity_id.clone())
    }
}

/// The project at the end of a line, if it ends in one, and who made it.
fn project<'a>(past: &Past<'a>, line: &[RowRef]) -> Option<(&'a Value, &'a Value)> {
    let top = *line.last()?;
    let is_project = past.store().catalog().get(top.type_id).name == "Project";
    is_project.then(|| (past.named(top, "id"), past.named(top, "created_by_id")))
}

fn parents<'a>(vocabulary: &'a Vocabulary, past: &Past<'a>, line: &[RowRef]) -> Vec<Ancestor<'a>> {
    let catalog = past.store().catalog();
    let line: Vec<(RowRef, String)> = line
        .iter()
        .map(|row| (*row, id_text(&past.key(*row))))
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

fn stored_changes<'a>(
    vocabulary: &'a Vocabulary,
    past: &Past<'a>,
    row: RowRef,
    history: &History<'a>,
    action: Action,
) -> Vec<(Cow<'a, str>, Change<'a>)> {
    let slots = past.store().catalog().get(row.type_id).slots.len();
    (0..slots)
        .filter_map(|slot| {
            let now = past.value(row, slot);
            let before = history.old.get(&slot).copied().unwrap_or(now);
            let change = change(before, now, action)?;
            Some((vocabulary.attribute(row.type_id, slot)?.into(), change))
        })
        .collect()
}

/// Custom attributes are told as if they were attributes of their entity.
fn custom_changes<'a>(
    past: &Past<'a>,
    row: RowRef,
    history: &History<'a>,
    action: Action,
) -> Vec<(Cow<'a, str>, Change<'a>)> {
    let store = past.store();
    let Some(configurations) = store.catalog().find("CustomAttributeConfiguration") else {
        return Vec::new();
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
            Some((past.named(named, "key").to_text().into(), change))
        })
        .collect()
}

/// Both sides of a change, where there is one.
fn change<'a>(before: &'a Value, now: &'a Value, action: Action) -> Option<Change<'a>> {
    let (old, new) = match action {
        Action::Add => (&Value::Null, now),
        Action::Remove => (before, &Value::Null),
        Action::Update => (before, now),
    };
    (old != new).then_some(Change { new, old })
}

fn as_map<S: Serializer>(
    changes: &[(Cow<'_, str>, Change<'_>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(changes.iter().map(|(name, change)| (name, change)))
}

/// Events know no tagged values; moments and days are texts.
fn plain<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Null => serializer.serialize_unit(),
        Value::Bool(value) => serializer.serialize_bool(*value),
        Value::Int(number) => serializer.serialize_i64(*number),
        Value::Text(text) => serializer.serialize_str(text),
        Value::DateTime(_) | Value::Date(_) => value.to_json().get("value").serialize(serializer),
        Value::Id(_) | Value::Real(_) | Value::Json(_) => value.to_json().serialize(serializer),
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
