//! What people did, for those who ask later: entities of the types `Event` and `Feed`.
//!
//! Published programs name some of the actions that a real server notes: `asset.published`, `change.status.task` and
//! `change.status.shot`, `update.custom_attribute.KEY`, and `db.append.task:user` with a feed of who is assigned. The
//! others here are named alike.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::Batch;
use crate::catalog::{Slot, TypeId};
use crate::store::{History, PriorState, RowRef};
use crate::value::Value;

/// How many events are kept; the oldest go first.
const KEPT: usize = 10_000;

/// Types whose rows follow from others, or are of no interest later.
const PASSED_OVER: [&str; 10] = [
    "Event",
    "Feed",
    "TypedContextStatusChange",
    "AssetVersionStatusChange",
    "Recipient",
    "Job",
    "JobComponent",
    "ReadSecurityRole",
    "WriteSecurityRole",
    "UserApplicationState",
];

/// The attributes of an `Event` that are filled.
const EVENT: [&str; 9] = [
    "id",
    "action",
    "insert",
    "created_at",
    "user_id",
    "project_id",
    "parent_type",
    "parent_id",
    "data",
];

/// The attributes of a `Feed` that are filled.
const FEED: [&str; 7] = [
    "id",
    "social_id",
    "owner_id",
    "relation",
    "distance",
    "cluster_id",
    "created_at",
];

/// Something that somebody did.
#[derive(Debug)]
pub(crate) struct ActivityEntry {
    action: String,
    /// How the row changed: `insert`, `update` or `delete`.
    insert: &'static str,
    parent_type: Cow<'static, str>,
    parent_id: Value,
    project_id: Value,
    /// JSON text.
    data: String,
    /// Whom or what else it concerns, and in what way.
    feed: Option<(Value, &'static str)>,
}

/// The types that activity is kept as.
#[derive(Debug)]
struct ActivityTables {
    events: FilledSlots<{ EVENT.len() }>,
    feeds: FilledSlots<{ FEED.len() }>,
}

/// A type, and the slots that are filled, in the order of the names of their attributes above.
#[derive(Debug)]
struct FilledSlots<const N: usize> {
    type_id: TypeId,
    slots: [Option<Slot>; N],
}

impl Batch<'_> {
    /// What the batch did, as it is to be noted. What the server does by itself is not.
    pub(crate) fn activity(&self) -> Vec<ActivityEntry> {
        if self.user.is_null() || self.activity_tables().is_none() {
            return Vec::new();
        }
        let prior = PriorState::new(self.store(), self.transaction.undo());
        let rows = prior.rows().collect::<Vec<_>>();
        let latest = rows.iter().skip(rows.len().saturating_sub(KEPT));
        let mut entries = Vec::with_capacity(latest.len());
        for row in latest {
            self.add_entries(&prior, *row, &mut entries);
        }
        entries
    }

    /// Notes what the batch did, after everything that others did before.
    pub(crate) fn note_activity(&mut self, entries: Vec<ActivityEntry>) {
        let Some(tables) = self.activity_tables().filter(|_| !entries.is_empty()) else {
            return;
        };
        // Most entries are about one project.
        let mut is_there = (Value::Null, false);
        for mut entry in entries {
            if is_there.0 != entry.project_id {
                let found = self.store().find_named("Project", &entry.project_id);
                is_there = (entry.project_id.clone(), found.is_some());
            }
            // It may have been deleted since.
            if !is_there.1 {
                entry.project_id = Value::Null;
            }
            self.note_entry(&tables, entry);
        }
        self.forget_old(tables.events.type_id);
    }

    fn activity_tables(&self) -> Option<ActivityTables> {
        Some(ActivityTables {
            events: self.filled_slots("Event", EVENT)?,
            feeds: self.filled_slots("Feed", FEED)?,
        })
    }

    fn filled_slots<const N: usize>(
        &self,
        name: &str,
        attributes: [&str; N],
    ) -> Option<FilledSlots<N>> {
        let type_id = self.catalog.find(name)?.id;
        let slots = attributes.map(|attribute| self.catalog.slot(type_id, attribute));
        Some(FilledSlots { type_id, slots })
    }

    fn note_entry(&mut self, tables: &ActivityTables, entry: ActivityEntry) {
        let last = self.store().table(tables.events.type_id).last();
        let [slot_of_id, ..] = tables.events.slots;
        let id = match last.and_then(|last| last.get(slot_of_id?)) {
            Some(Value::Int(id)) => Value::Int(id + 1),
            _ => Value::Int(1),
        };
        let now = Value::now();
        self.note_row(
            &tables.events,
            [
                id.clone(),
                Value::Text(entry.action.into()),
                Value::text(entry.insert),
                now.clone(),
                self.user.clone(),
                entry.project_id,
                Value::text(&entry.parent_type),
                entry.parent_id,
                Value::Text(entry.data.into()),
            ],
        );
        if let Some((owner, relation)) = entry.feed {
            self.note_row(
                &tables.feeds,
                [
                    Value::fresh_id(),
                    id,
                    owner,
                    Value::text(relation),
                    Value::Int(0),
                    Value::fresh_id(),
                    now,
                ],
            );
        }
    }

    fn note_row<const N: usize>(&mut self, filled: &FilledSlots<N>, values: [Value; N]) {
        let mut row = vec![Value::Null; self.catalog.get(filled.type_id).slots.len()];
        for (slot, value) in filled.slots.iter().zip(values) {
            if let Some(place) = slot.and_then(|slot| row.get_mut(slot)) {
                *place = value;
            }
        }
        self.transaction.insert(filled.type_id, row);
    }

    /// Removes the oldest events, many at a time.
    fn forget_old(&mut self, events: TypeId) {
        let table = self.store().table(events);
        if table.len() <= KEPT + KEPT / 4 {
            return;
        }
        let old: Vec<u32> = table.rows().take(table.len() - KEPT).collect();
        for row in old {
            let event = RowRef {
                type_id: events,
                row,
            };
            let id = self.store().id(event).clone();
            for feed in self.store().rows_with("Feed", "social_id", &id) {
                self.transaction.delete(feed);
            }
            self.transaction.delete(event);
        }
    }

    /// Adds what was done to a row.
    fn add_entries(&self, prior: &PriorState<'_>, row: RowRef, entries: &mut Vec<ActivityEntry>) {
        let name = self.type_name(row);
        let Some(history) = prior.history(row) else {
            return;
        };
        if PASSED_OVER.contains(&name) {
            return;
        }
        match (history.is_new, history.last.is_some()) {
            (true, true) => return,
            (true, false) => entries.push(self.creation(prior, row)),
            (false, true) => {
                let action = format!("db.remove.{}", name.to_lowercase());
                let data = self.values(prior, row).to_string();
                entries.push(self.entry(prior, row, action, "delete", data));
            }
            (false, false) => entries.extend(self.changes(prior, row, history)),
        }
        entries.extend(self.custom_changes(prior, row, history));
    }

    fn creation(&self, prior: &PriorState<'_>, row: RowRef) -> ActivityEntry {
        let data = creation_data(prior.named(row, "id"), prior.named(row, "name"));
        let name = self.type_name(row);
        let is_assignment = prior.named(row, "type").as_text().as_deref() == Some("assignment");
        let (action, feed) = match name {
            "AssetVersion" => {
                let asset = prior.named(row, "asset_id").clone();
                ("asset.published".to_owned(), Some((asset, "parent")))
            }
            "Appointment" if is_assignment => {
                let user = prior.named(row, "resource_id").clone();
                ("db.append.task:user".to_owned(), Some((user, "assigned")))
            }
            _ => (format!("db.append.{}", name.to_lowercase()), None),
        };
        let mut entry = self.entry(prior, row, action, "insert", data);
        if name == "Appointment" {
            // It is something that was done to the task.
            entry.parent_id = prior.named(row, "context_id").clone();
            entry.parent_type = "task".into();
        }
        entry.feed = feed;
        entry
    }

    /// The change of a status is an entry of its own; all others of a row together are one.
    fn changes(
        &self,
        prior: &PriorState<'_>,
        row: RowRef,
        history: &History<'_>,
    ) -> Vec<ActivityEntry> {
        let info = self.catalog.get(row.type_id);
        let name = info.name.to_lowercase();
        let (mut status, mut others) = (None, Map::new());
        for (slot, old) in &history.old {
            let new = prior.value(row, *slot);
            let Some(attribute) = info.slot_attribute(*slot).filter(|_| new != *old) else {
                continue;
            };
            let change = json!({"old": old.to_json(), "new": new.to_json()});
            match self.catalog.name(attribute.name) {
                "status_id" => status = Some(json!({"status_id": change})),
                attribute => {
                    others.insert(attribute.to_owned(), change);
                }
            }
        }
        let of =
            |action: String, data: Json| self.entry(prior, row, action, "update", data.to_string());
        let status = status.map(|data| of(format!("change.status.{name}"), data));
        let others = (!others.is_empty()).then(|| of(format!("db.update.{name}"), others.into()));
        status.into_iter().chain(others).collect()
    }

    fn custom_changes(
        &self,
        prior: &PriorState<'_>,
        row: RowRef,
        history: &History<'_>,
    ) -> Vec<ActivityEntry> {
        let info = self.catalog.find("CustomAttributeConfiguration");
        let (Some(info), None) = (info, history.last) else {
            return Vec::new();
        };
        let changed = history.custom.iter().filter_map(|(configuration, old)| {
            let named = RowRef {
                type_id: info.id,
                row: *configuration,
            };
            let default = prior.named(named, "default");
            let new = self.store().custom().get(row, *configuration);
            let (old, new) = (old.unwrap_or(default), new.unwrap_or(default));
            let key = prior.named(named, "key").to_text();
            let data = json!({&key: {"old": old.to_json(), "new": new.to_json()}});
            let action = format!("update.custom_attribute.{key}");
            (old != new).then(|| self.entry(prior, row, action, "update", data.to_string()))
        });
        changed.collect()
    }

    fn entry(
        &self,
        prior: &PriorState<'_>,
        row: RowRef,
        action: String,
        insert: &'static str,
        data: String,
    ) -> ActivityEntry {
        let parent_type = match self.type_name(row) {
            "Project" => "show".into(),
            "AssetVersion" => "asset_version".into(),
            _ if self.is_a(row, "TypedContext") => "task".into(),
            name => name.to_lowercase().into(),
        };
        let first = self.catalog.get(row.type_id).primary_key.first();
        let id = first.map(|slot| prior.value(row, *slot).clone());
        let is_there = self.store().contains(row);
        let project_id = match prior.named(row, "project_id") {
            // A project that is gone can be named by nobody.
            project if !is_there => self
                .store()
                .find_named("Project", project)
                .map(|_| project.clone()),
            _ => Some(self.view().owning_project(row)),
        };
        ActivityEntry {
            action,
            insert,
            parent_type,
            parent_id: id.unwrap_or_default(),
            project_id: project_id.unwrap_or_default(),
            data,
            feed: None,
        }
    }

    /// Everything that a row says or said.
    fn values(&self, prior: &PriorState<'_>, row: RowRef) -> Json {
        let info = self.catalog.get(row.type_id);
        let values = (0..info.slots.len()).filter_map(|slot| {
            let name = self.catalog.name(info.slot_attribute(slot)?.name);
            let value = prior.value(row, slot);
            (!value.is_null()).then(|| (name.to_owned(), value.to_json()))
        });
        Json::Object(values.collect())
    }
}

/// What is said of a new row.
fn creation_data(id: &Value, name: &Value) -> String {
    let mut data = br#"{"id":"#.to_vec();
    id.write(&mut data);
    data.extend_from_slice(br#","name":"#);
    name.write(&mut data);
    data.push(b'}');
    // Values are written as text.
    String::from_utf8(data).unwrap_or_default()
}
