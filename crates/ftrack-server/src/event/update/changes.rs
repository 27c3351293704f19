//! What happened to one entity, in the shape that clients know.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::lineage::lineage;
use super::vocabulary::Vocabulary;
use crate::rights::Rights;
use crate::store::{History, Key, PriorState, RowRef};
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
    #[serde(skip)]
    row: RowRef,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Add,
    Update,
    Remove,
    /// It stands below something else now.
    Move,
    /// Its media can be played now.
    Encoded,
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
    new: ReportedValue<'a>,
    old: ReportedValue<'a>,
}

/// A value as it is told.
#[derive(Debug, PartialEq)]
enum ReportedValue<'a> {
    Plain(&'a Value),
    /// That of a custom attribute, which is told as text.
    Custom(&'a Value),
}

impl Serialize for ReportedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => plain(value, serializer),
            Self::Custom(value) => match custom_text(value) {
                Some(text) => serializer.serialize_str(&text),
                None => serializer.serialize_unit(),
            },
        }
    }
}

impl<'a> EntityChange<'a> {
    /// What happened to a row; nothing where it is as it was, or unknown to clients.
    pub(super) fn new(
        vocabulary: &'a Vocabulary,
        prior: &PriorState<'a>,
        row: RowRef,
    ) -> Option<Self> {
        let entity_type = vocabulary.table(row.type_id)?;
        let history = prior.history(row)?;
        let action = match (history.is_new, history.last) {
            (true, Some(_)) => return None,
            (true, None) => Action::Add,
            (false, Some(_)) => Action::Remove,
            (false, None) if is_moved(prior, row, history) => Action::Move,
            (false, None) => Action::Update,
        };
        let mut changes = stored_changes(vocabulary, prior, row, history, action);
        changes.extend(custom_changes(prior, row, history, action));
        changes.sort_by(|(one, _), (two, _)| one.cmp(two));
        // A custom attribute may be called like an attribute; a name can be told once.
        changes.dedup_by(|(one, _), (two, _)| one == two);
        if changes.is_empty() && action == Action::Update {
            return None;
        }
        let line = lineage(prior, row);
        let parents = parents(vocabulary, prior, &line);
        Some(Self {
            type_name: &prior.store().catalog().get(row.type_id).name,
            entity_type,
            entity_id: id_text(&prior.key(row)),
            object_type_id: prior.named(row, "object_type_id").to_json(),
            action,
            parent_id: parents.first().and_then(|own| own.parent_id.clone()),
            parents,
            keys: changes.iter().map(|(name, _)| name.clone()).collect(),
            changes,
            row,
        })
    }

    /// Whether somebody may know of the entity.
    pub(super) fn is_known_to(&self, rights: &Rights, prior: &PriorState<'_>) -> bool {
        rights.sees(prior, self.row)
    }

    /// The ids of the entity and of what it stands below.
    pub(super) fn parent_ids(&self) -> impl Iterator<Item = String> + '_ {
        self.parents.iter().map(|parent| parent.entity_id.clone())
    }

    /// Tells that the media of a version can be played.
    pub(super) fn encoded(
        vocabulary: &'a Vocabulary,
        prior: &PriorState<'a>,
        row: RowRef,
    ) -> Option<Self> {
        let line = lineage(prior, row);
        let parents = parents(vocabulary, prior, &line);
        Some(Self {
            type_name: &prior.store().catalog().get(row.type_id).name,
            entity_type: vocabulary.table(row.type_id)?,
            entity_id: id_text(&prior.key(row)),
            object_type_id: Json::Null,
            action: Action::Encoded,
            parent_id: parents.first().and_then(|own| own.parent_id.clone()),
            parents,
            keys: Vec::new(),
            changes: Vec::new(),
            row,
        })
    }
}

/// Whether a context stands below something else than before.
fn is_moved(prior: &PriorState<'_>, row: RowRef, history: &History<'_>) -> bool {
    let catalog = prior.store().catalog();
    let contexts = catalog.find("Context");
    let is_context = contexts.is_some_and(|contexts| catalog.is_member(row.type_id, contexts.id));
    let slot = catalog.slot(row.type_id, "parent_id");
    is_context
        && slot.is_some_and(|slot| {
            let before = history.old.get(&slot);
            before.is_some_and(|before| *before != prior.value(row, slot))
        })
}

fn parents<'a>(
    vocabulary: &'a Vocabulary,
    prior: &PriorState<'a>,
    line: &[RowRef],
) -> Vec<Ancestor<'a>> {
    let catalog = prior.store().catalog();
    let line: Vec<(RowRef, String)> = line
        .iter()
        .map(|row| (*row, id_text(&prior.key(*row))))
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
    prior: &PriorState<'a>,
    row: RowRef,
    history: &History<'a>,
    action: Action,
) -> Vec<(Cow<'a, str>, Change<'a>)> {
    let slots = prior.store().catalog().get(row.type_id).slots.len();
    (0..slots)
        .filter_map(|slot| {
            let now = prior.value(row, slot);
            let before = history.old.get(&slot).copied().unwrap_or(now);
            let (old, new) = sides(before, now, action);
            // What is new or gone is told whole, empty values too.
            let is_told = old != new || matches!(action, Action::Add | Action::Remove);
            let change = is_told.then_some(Change {
                new: ReportedValue::Plain(new),
                old: ReportedValue::Plain(old),
            })?;
            Some((vocabulary.attribute(row.type_id, slot)?.into(), change))
        })
        .collect()
}

/// Custom attributes are told as if they were attributes of their entity.
fn custom_changes<'a>(
    prior: &PriorState<'a>,
    row: RowRef,
    history: &History<'a>,
    action: Action,
) -> Vec<(Cow<'a, str>, Change<'a>)> {
    let store = prior.store();
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
            let default = prior.named(named, "default");
            let now = store.custom().get(row, *configuration);
            let (old, new) = sides(before.unwrap_or(default), now.unwrap_or(default), action);
            let change = (old != new).then_some(Change {
                new: ReportedValue::Custom(new),
                old: ReportedValue::Custom(old),
            })?;
            Some((prior.named(named, "key").to_text().into(), change))
        })
        .collect()
}

/// Both sides of a change.
fn sides<'a>(before: &'a Value, now: &'a Value, action: Action) -> (&'a Value, &'a Value) {
    match action {
        Action::Add => (&Value::Null, now),
        Action::Remove => (before, &Value::Null),
        Action::Update | Action::Move | Action::Encoded => (before, now),
    }
}

/// The value of a custom attribute as text: `1` and `0`, numbers with decimals, lists with commas.
fn custom_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => i32::from(*value).to_string(),
        Value::Int(number) => format!("{number}.0"),
        Value::Real(_) => format!("{:?}", value.as_number().unwrap_or_default()),
        Value::DateTime(_) | Value::Date(_) => {
            let json = value.to_json();
            json["value"].as_str().unwrap_or_default().to_owned()
        }
        Value::Text(_) | Value::Id(_) => value.to_text(),
        Value::Json(_) => match value.to_json() {
            Json::Array(list) => {
                let words = list.iter().map(|item| match item {
                    Json::String(text) => text.clone(),
                    other => other.to_string(),
                });
                words.collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        },
    })
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
