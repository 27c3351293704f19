//! Rows of the log that a server keeps: entities of the type `Event`.

use ftrack_event::Event;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::log::change::{Change, Deed, checksum, composite};
use crate::log::vocabulary::{Vocabulary, folded};

/// The topic of what a server tells of changes.
pub(crate) const UPDATE: &str = "ftrack.update";

/// A row as it is asked for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) action: Option<String>,
    /// How the entity changed: `insert`, `update` or `delete`.
    #[serde(default)]
    pub(crate) insert: Option<String>,
    #[serde(default)]
    pub(crate) parent_type: Option<String>,
    #[serde(default)]
    pub(crate) parent_id: Option<String>,
    #[serde(default)]
    pub(crate) project_id: Option<String>,
    /// When it was done, by the clock of the server.
    #[serde(default)]
    pub(crate) created_at: Option<Json>,
    /// JSON as text.
    #[serde(default)]
    pub(crate) data: Option<String>,
    #[serde(default)]
    pub(crate) user_id: Option<String>,
    #[serde(default)]
    pub(crate) user: Option<User>,
}

impl Row {
    /// When it was done, by the clock of the server.
    pub(crate) fn time(&self) -> Option<String> {
        self.created_at.as_ref().and_then(moment)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    #[serde(default)]
    pub(crate) username: Option<String>,
}

/// What a row says, in the words of events.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) id: i64,
    pub(crate) change: Change,
    pub(crate) event: Event,
    /// When it was done, by the clock of the server.
    pub(crate) time: Option<String>,
}

impl Remembered {
    pub(crate) fn new(row: &Row, vocabulary: &Vocabulary) -> Self {
        let data: Json = row
            .data
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let table = row.parent_type.as_deref().unwrap_or_default();
        let (entity, deed) = subject(row, &data);
        let entity = if vocabulary.is_composite(table) {
            composite(&entity, table)
        } else {
            entity
        };
        let changes = changes(&data, deed, table, vocabulary);
        let values = changes
            .iter()
            .map(|(column, change)| (column.clone(), checksum(&change["new"])))
            .collect();
        let time = row.time();
        let change = Change {
            entity,
            deed,
            values,
        };
        let mut event = event(row, &data, &change, &changes, time.as_deref());
        let named = row
            .action
            .as_deref()
            .and_then(|action| vocabulary.entity_type(action));
        if let Some(named) = named {
            event.data["entities"][0]["entity_type"] = named.into();
        }
        Self {
            id: row.id,
            change,
            event,
            time,
        }
    }
}

/// Which entity a row is about. What was assigned to a task is an entity of its own, where the row names it.
fn subject(row: &Row, data: &Json) -> (String, Deed) {
    let parent = row.parent_id.clone().unwrap_or_default();
    let action = row.action.as_deref().unwrap_or_default();
    let deed = match row.insert.as_deref() {
        Some("insert") => Deed::Add,
        Some("delete") => Deed::Remove,
        Some("update") => Deed::Update,
        _ => Deed::Other,
    };
    if !action.contains(':') {
        return (parent, deed);
    }
    match (data["id"].as_str(), deed) {
        (Some(own), _) => (own.to_owned(), deed),
        (None, Deed::Add) => (parent, Deed::Assign),
        (None, Deed::Remove) => (parent, Deed::Unassign),
        (None, deed) => (parent, deed),
    }
}

/// What a row of an update tells of values: `{attribute: {"old": …, "new": …}}`.
fn changes(data: &Json, deed: Deed, table: &str, vocabulary: &Vocabulary) -> Map<String, Json> {
    let (Json::Object(data), Deed::Update) = (data, deed) else {
        return Map::new();
    };
    data.iter()
        .filter(|(_, change)| change.get("new").is_some())
        .map(|(attribute, change)| {
            let column = vocabulary.column(table, attribute).to_owned();
            let change = json!({"old": untagged(&change["old"]), "new": untagged(&change["new"])});
            (column, change)
        })
        .collect()
}

/// The event that told of it, as far as it can be known.
fn event(
    row: &Row,
    data: &Json,
    change: &Change,
    changes: &Map<String, Json>,
    time: Option<&str>,
) -> Event {
    let table = folded(row.parent_type.as_deref().unwrap_or_default());
    let action = match change.deed {
        Deed::Add => "add",
        Deed::Remove => "remove",
        Deed::Assign => "assigned",
        Deed::Unassign => "unassigned",
        Deed::Update | Deed::Other => "update",
    };
    let keys: Vec<&String> = changes.keys().collect();
    let project = row.project_id.as_deref().filter(|id| *id != change.entity);
    let mut parents = vec![json!({"entityId": change.entity, "entityType": table})];
    parents.extend(project.map(|id| json!({"entityId": id, "entityType": "show"})));
    let ids: Vec<Json> = parents
        .iter()
        .map(|parent| parent["entityId"].clone())
        .collect();
    let username = row.user.as_ref().and_then(|user| user.username.clone());
    let entity = json!({
        "entityType": table,
        "entityId": change.entity,
        "action": action,
        "keys": keys,
        "changes": changes,
        "parents": parents,
    });
    let mut event = Event::new(UPDATE)
        .with_id(format!("row-{}", row.id))
        .with_source("user", json!({"id": row.user_id, "username": username}))
        .with_data(json!({
            "entities": [entity],
            "parents": ids,
            "user": {"userid": row.user_id},
            "remembered": {"id": row.id, "action": row.action, "insert": row.insert, "data": data},
        }));
    event.sent = time.into();
    event
}

/// A moment as text, with or without its tag.
pub(crate) fn moment(value: &Json) -> Option<String> {
    match untagged(value) {
        Json::String(text) => Some(text),
        _ => None,
    }
}

/// Events have moments as text, without a tag.
fn untagged(value: &Json) -> Json {
    match value.get("__type__").and(value.get("value")) {
        Some(inner) => inner.clone(),
        None => value.clone(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row that says that `attribute` of `entity` is `new` now.
    pub(crate) fn update(id: i64, entity: &str, attribute: &str, new: &str) -> Row {
        let row = json!({
            "id": id, "action": "db.update.task", "insert": "update", "parent_type": "task", "parent_id": entity,
            "created_at": {"__type__": "datetime", "value": "2026-11-30T09:00:00"}, "user_id": "u",
            "data": json!({attribute: {"old": null, "new": new}}).to_string(),
        });
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_row_becomes_the_event_that_told_of_it() {
        let row = json!({
            "id": 7, "action": "change.status.task", "insert": "update", "parent_type": "asset_version",
            "parent_id": "v", "project_id": "p", "created_at": {"__type__": "datetime", "value": "2026-11-30T09:00:00"},
            "data": "{\"status_id\": {\"old\": \"a\", \"new\": \"b\"}}",
            "user_id": "u", "user": {"username": "ada"},
        });
        let row = serde_json::from_value(row).unwrap();
        let remembered = Remembered::new(&row, &Vocabulary::default());
        let event = &remembered.event;
        assert_eq!((event.topic.as_str(), event.id.as_str()), (UPDATE, "row-7"));
        assert_eq!(event.sent, "2026-11-30T09:00:00");
        assert_eq!(event.source["user"], json!({"id": "u", "username": "ada"}));
        let entity = &event.data["entities"][0];
        assert_eq!(entity["entityType"], "assetversion");
        assert_eq!(
            entity["changes"],
            json!({"status_id": {"old": "a", "new": "b"}})
        );
        assert_eq!(event.data["parents"], json!(["v", "p"]));
        let told = Change::from_entity(entity).unwrap();
        assert!(told.covers(&remembered.change));
    }

    #[test]
    fn an_assignment_is_about_what_was_assigned_where_that_is_known() {
        let row = |data: &str, insert: &str| -> Row {
            let row = json!({
                "id": 1, "action": "db.append.task:user", "insert": insert, "parent_type": "task", "parent_id": "t",
                "data": data,
            });
            serde_json::from_value(row).unwrap()
        };
        let change = |row: &Row| Remembered::new(row, &Vocabulary::default()).change;
        let known = change(&row("{\"id\": \"a\"}", "insert"));
        assert_eq!((known.entity.as_str(), known.deed), ("a", Deed::Add));
        let unknown = change(&row("{}", "insert"));
        assert_eq!((unknown.entity.as_str(), unknown.deed), ("t", Deed::Assign));
        let gone = change(&row("no JSON", "delete"));
        assert_eq!((gone.entity.as_str(), gone.deed), ("t", Deed::Unassign));
    }
}
