//! What people did, for those who ask later: entities of the types `Event` and `Feed`.
//!
//! Published programs name some of the actions that a real server notes: `asset.published`, `change.status.task` and
//! `change.status.shot`, `update.custom_attribute.KEY`, and `db.append.task:user` with a feed of who is assigned. The
//! others here are named alike.

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

/// Something that somebody did.
#[derive(Debug)]
pub(crate) struct ActivityEntry {
    action: String,
    /// How the row changed: `insert`, `update` or `delete`.
    insert: &'static str,
    parent_type: String,
    parent_id: Value,
    project_id: Value,
    data: Json,
    /// Whom or what else it concerns, and in what way.
    feed: Option<(Value, &'static str)>,
}

impl Batch<'_> {
    /// What the batch did, as it is to be noted. What the server does by itself is not.
    pub(crate) fn activity(&self) -> Vec<ActivityEntry> {
        if self.user.is_null() || self.activity_types().is_none() {
            return Vec::new();
        }
        let prior = PriorState::new(self.store(), self.transaction.undo());
        let rows = prior.rows().collect::<Vec<_>>();
        let latest = rows.iter().skip(rows.len().saturating_sub(KEPT));
        latest.flat_map(|row| self.entries(&prior, *row)).collect()
    }

    /// Notes what the batch did, after everything that others did before.
    pub(crate) fn note_activity(&mut self, entries: Vec<ActivityEntry>) {
        let Some((events, feeds)) = self.activity_types().filter(|_| !entries.is_empty()) else {
            return;
        };
        for mut entry in entries {
            // It may have been deleted since.
            if self
                .store()
                .find_named("Project", &entry.project_id)
                .is_none()
            {
                entry.project_id = Value::Null;
            }
            self.note_entry(events, feeds, entry);
        }
        self.forget_old(events);
    }

    /// The types `Event` and `Feed`.
    fn activity_types(&self) -> Option<(TypeId, TypeId)> {
        let find = |name: &str| self.catalog.find(name).map(|info| info.id);
        find("Event").zip(find("Feed"))
    }

    fn note_entry(&mut self, events: TypeId, feeds: TypeId, entry: ActivityEntry) {
        let last = self.store().table(events).last();
        let id = match last.and_then(|last| last.get(self.slot(events, "id")?)) {
            Some(Value::Int(id)) => Value::Int(id + 1),
            _ => Value::Int(1),
        };
        let now = Value::now();
        let data = entry.data.to_string();
        self.note_row(
            events,
            [
                ("id", id.clone()),
                ("action", Value::text(&entry.action)),
                ("insert", Value::text(entry.insert)),
                ("created_at", now.clone()),
                ("user_id", self.user.clone()),
                ("project_id", entry.project_id),
                ("parent_type", Value::text(&entry.parent_type)),
                ("parent_id", entry.parent_id),
                ("data", Value::Text(data.into())),
            ],
        );
        if let Some((owner, relation)) = entry.feed {
            self.note_row(
                feeds,
                [
                    ("id", Value::fresh_id()),
                    ("social_id", id),
                    ("owner_id", owner),
                    ("relation", Value::text(relation)),
                    ("distance", Value::Int(0)),
                    ("cluster_id", Value::fresh_id()),
                    ("created_at", now),
                ],
            );
        }
    }

    fn note_row<const N: usize>(&mut self, type_id: TypeId, values: [(&str, Value); N]) {
        let mut row = vec![Value::Null; self.catalog.get(type_id).slots.len()];
        for (name, value) in values {
            let place = self.slot(type_id, name);
            if let Some(place) = place.and_then(|slot| row.get_mut(slot)) {
                *place = value;
            }
        }
        self.transaction.insert(type_id, row);
    }

    fn slot(&self, type_id: TypeId, name: &str) -> Option<Slot> {
        self.catalog.slot(type_id, name)
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

    /// What was done to a row.
    fn entries(&self, prior: &PriorState<'_>, row: RowRef) -> Vec<ActivityEntry> {
        let name = self.type_name(row);
        let Some(history) = prior.history(row) else {
            return Vec::new();
        };
        if PASSED_OVER.contains(&name) {
            return Vec::new();
        }
        let mut entries = Vec::new();
        match (history.is_new, history.last.is_some()) {
            (true, true) => return entries,
            (true, false) => entries.push(self.creation(prior, row)),
            (false, true) => {
                let action = format!("db.remove.{}", name.to_lowercase());
                entries.push(self.entry(prior, row, action, "delete", self.values(prior, row)));
            }
            (false, false) => entries.extend(self.changes(prior, row, history)),
        }
        entries.extend(self.custom_changes(prior, row, history));
        entries
    }

    fn creation(&self, prior: &PriorState<'_>, row: RowRef) -> ActivityEntry {
        let id = prior.named(row, "id").to_json();
        let data = json!({"id": id, "name": prior.named(row, "name").to_json()});
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
            "task".clone_into(&mut entry.parent_type);
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
        let of = |action: String, data| self.entry(prior, row, action, "update", data);
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
            (old != new).then(|| self.entry(prior, row, action, "update", data))
        });
        changed.collect()
    }

    fn entry(
        &self,
        prior: &PriorState<'_>,
        row: RowRef,
        action: String,
        insert: &'static str,
        data: Json,
    ) -> ActivityEntry {
        let parent_type = match self.type_name(row) {
            "Project" => "show".to_owned(),
            "AssetVersion" => "asset_version".to_owned(),
            _ if self.is_a(row, "TypedContext") => "task".to_owned(),
            name => name.to_lowercase(),
        };
        let id = prior.key(row).parts().first().cloned();
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
