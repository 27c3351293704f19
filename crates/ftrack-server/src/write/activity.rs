//! What people did, for those who ask later: entities of the types `Event` and `Feed`.
//!
//! Published programs name some of the actions that a real server notes: `asset.published`, `change.status.task` and
//! `change.status.shot`, `update.custom_attribute.KEY`, and `db.append.task:user` with a feed of who is assigned. The
//! others here are named alike.

use serde_json::{Map, Value as Json, json};

use super::Batch;
use crate::catalog::{Slot, TypeId};
use crate::store::{History, Past, RowRef};
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
struct Deed {
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
    /// Notes what the batch did. What the server does by itself is nobody's deed.
    pub(crate) fn note_activity(&mut self) {
        let find = |name: &str| self.catalog.find(name).map(|info| info.id);
        let (Some(events), Some(feeds)) = (find("Event"), find("Feed")) else {
            return;
        };
        if self.user.is_null() {
            return;
        }
        let past = Past::new(self.store(), self.transaction.undo());
        let rows = past.rows().collect::<Vec<_>>();
        let latest = rows.iter().skip(rows.len().saturating_sub(KEPT));
        let deeds: Vec<Deed> = latest.flat_map(|row| self.deeds(&past, *row)).collect();
        for deed in deeds {
            self.note_deed(events, feeds, deed);
        }
        self.forget_old(events);
    }

    fn note_deed(&mut self, events: TypeId, feeds: TypeId, deed: Deed) {
        let last = self.store().table(events).last();
        let id = match last.and_then(|last| last.get(self.slot(events, "id")?)) {
            Some(Value::Int(id)) => Value::Int(id + 1),
            _ => Value::Int(1),
        };
        let now = Value::now();
        let data = deed.data.to_string();
        self.note_row(
            events,
            [
                ("id", id.clone()),
                ("action", Value::text(&deed.action)),
                ("insert", Value::text(deed.insert)),
                ("created_at", now.clone()),
                ("user_id", self.user.clone()),
                ("project_id", deed.project_id),
                ("parent_type", Value::text(&deed.parent_type)),
                ("parent_id", deed.parent_id),
                ("data", Value::Text(data.into())),
            ],
        );
        if let Some((owner, relation)) = deed.feed {
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
    fn deeds(&self, past: &Past<'_>, row: RowRef) -> Vec<Deed> {
        let name = self.type_name(row);
        let Some(history) = past.history(row) else {
            return Vec::new();
        };
        if PASSED_OVER.contains(&name) {
            return Vec::new();
        }
        let mut deeds = Vec::new();
        match (history.is_new, history.last.is_some()) {
            (true, true) => return deeds,
            (true, false) => deeds.push(self.creation(past, row)),
            (false, true) => {
                let action = format!("db.remove.{}", name.to_lowercase());
                deeds.push(self.deed(past, row, action, "delete", self.values(past, row)));
            }
            (false, false) => deeds.extend(self.changes(past, row, history)),
        }
        deeds.extend(self.custom_changes(past, row, history));
        deeds
    }

    fn creation(&self, past: &Past<'_>, row: RowRef) -> Deed {
        let id = past.named(row, "id").to_json();
        let data = json!({"id": id, "name": past.named(row, "name").to_json()});
        let name = self.type_name(row);
        let is_assignment = past.named(row, "type").as_text().as_deref() == Some("assignment");
        let (action, feed) = match name {
            "AssetVersion" => {
                let asset = past.named(row, "asset_id").clone();
                ("asset.published".to_owned(), Some((asset, "parent")))
            }
            "Appointment" if is_assignment => {
                let user = past.named(row, "resource_id").clone();
                ("db.append.task:user".to_owned(), Some((user, "assigned")))
            }
            _ => (format!("db.append.{}", name.to_lowercase()), None),
        };
        let mut deed = self.deed(past, row, action, "insert", data);
        if name == "Appointment" {
            // It is something that was done to the task.
            deed.parent_id = past.named(row, "context_id").clone();
            "task".clone_into(&mut deed.parent_type);
        }
        deed.feed = feed;
        deed
    }

    /// The change of a status is a deed of its own; all others of a row together are one.
    fn changes(&self, past: &Past<'_>, row: RowRef, history: &History<'_>) -> Vec<Deed> {
        let info = self.catalog.get(row.type_id);
        let name = info.name.to_lowercase();
        let (mut status, mut others) = (None, Map::new());
        for (slot, old) in &history.old {
            let new = past.value(row, *slot);
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
        let of = |action: String, data| self.deed(past, row, action, "update", data);
        let status = status.map(|data| of(format!("change.status.{name}"), data));
        let others = (!others.is_empty()).then(|| of(format!("db.update.{name}"), others.into()));
        status.into_iter().chain(others).collect()
    }

    fn custom_changes(&self, past: &Past<'_>, row: RowRef, history: &History<'_>) -> Vec<Deed> {
        let info = self.catalog.find("CustomAttributeConfiguration");
        let (Some(info), None) = (info, history.last) else {
            return Vec::new();
        };
        let changed = history.custom.iter().filter_map(|(configuration, old)| {
            let named = RowRef {
                type_id: info.id,
                row: *configuration,
            };
            let default = past.named(named, "default");
            let new = self.store().custom().get(row, *configuration);
            let (old, new) = (old.unwrap_or(default), new.unwrap_or(default));
            let key = past.named(named, "key").to_text();
            let data = json!({&key: {"old": old.to_json(), "new": new.to_json()}});
            let action = format!("update.custom_attribute.{key}");
            (old != new).then(|| self.deed(past, row, action, "update", data))
        });
        changed.collect()
    }

    fn deed(
        &self,
        past: &Past<'_>,
        row: RowRef,
        action: String,
        insert: &'static str,
        data: Json,
    ) -> Deed {
        let parent_type = match self.type_name(row) {
            "Project" => "show".to_owned(),
            "AssetVersion" => "asset_version".to_owned(),
            _ if self.is_a(row, "TypedContext") => "task".to_owned(),
            name => name.to_lowercase(),
        };
        let id = past.key(row).parts().first().cloned();
        let is_there = self.store().contains(row);
        let project_id = match past.named(row, "project_id") {
            // A project that is gone can be named by nobody.
            project if !is_there => self
                .store()
                .find_named("Project", project)
                .map(|_| project.clone()),
            _ => Some(self.view().owning_project(row)),
        };
        Deed {
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
    fn values(&self, past: &Past<'_>, row: RowRef) -> Json {
        let info = self.catalog.get(row.type_id);
        let values = (0..info.slots.len()).filter_map(|slot| {
            let name = self.catalog.name(info.slot_attribute(slot)?.name);
            let value = past.value(row, slot);
            (!value.is_null()).then(|| (name.to_owned(), value.to_json()))
        });
        Json::Object(values.collect())
    }
}
