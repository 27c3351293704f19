//! What the server sets and derives by itself, type by type.

use std::sync::Arc;

use serde_json::json;

use super::Batch;
use super::create::Draft;
use crate::catalog::{Slot, TypeInfo};
use crate::request_error::RequestError;
use crate::schema::ScalarType;
use crate::store::RowRef;
use crate::value::Value;

/// The type of users that log in with a password.
const DEFAULT_USER_TYPE: &str = "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8";

/// Attributes that hold the moment of creation.
const CREATION_TIMES: [&str; 3] = ["created_at", "date", "thread_activity"];

/// Attributes that hold the person who created the entity.
const CREATORS: [(&str, &str); 7] = [
    ("", "created_by_id"),
    ("Note", "user_id"),
    ("AssetVersion", "user_id"),
    ("Timer", "user_id"),
    ("Timelog", "user_id"),
    ("Job", "user_id"),
    ("List", "user_id"),
];

impl Batch<'_> {
    /// Fills what the client left to the server.
    pub(super) fn automatic(&self, info: &TypeInfo, draft: &mut Draft<'_>) {
        let slot = |name: &str| self.catalog.slot(info.id, name);
        let mut fill = |name: &str, value: &dyn Fn() -> Value| {
            if let Some(slot) = slot(name)
                && draft.get(slot).is_null()
                && !draft.is_given(slot)
            {
                draft.set(slot, value());
            }
        };
        for name in CREATION_TIMES {
            fill(name, &Value::now);
        }
        let is_list = info.name.ends_with("List");
        for (entity_type, name) in CREATORS {
            let is_meant = entity_type.is_empty()
                || entity_type == info.name
                || (entity_type == "List" && is_list);
            if is_meant {
                fill(name, &|| self.user.clone());
            }
        }
        match info.name.as_str() {
            "User" => {
                fill("user_type_id", &|| self.default_user_type());
                fill("username", &Value::fresh_id);
            }
            "Timer" | "Timelog" => fill("start", &Value::now),
            "ReviewSession" => {
                fill("start_date", &Value::now);
                fill("end_date", &Value::now);
            }
            "Project" => fill("status", &|| Value::text("active")),
            "Status" => fill("is_active", &|| Value::Bool(true)),
            "CustomAttributeConfiguration" | "CustomAttributeLinkConfiguration" => {
                fill("config", &|| Value::text("{}"));
            }
            _ => {}
        }
        if info.name == "CustomAttributeConfiguration"
            && let (Some(default), Some(type_id)) = (slot("default"), slot("type_id"))
            // The official Python client sends the empty text of the schema, of whatever kind the attribute is.
            && (!draft.is_given(default) || *draft.get(default) == Value::variable(&json!("")))
        {
            let value = self.default_of_kind(draft.get(type_id));
            draft.set(default, value);
        }
        fill_plain(info, draft);
    }

    fn default_user_type(&self) -> Value {
        let id = Value::text(DEFAULT_USER_TYPE);
        if self.store().find_named("UserType", &id).is_some() {
            id
        } else {
            Value::Null
        }
    }

    /// What follows from a new row, which others may have named before.
    pub(super) fn created(&mut self, row: RowRef, may_be_named: bool) -> Result<(), RequestError> {
        self.restored(row)?;
        if may_be_named {
            self.adopt_earlier(row);
        }
        Ok(())
    }

    /// What follows from a row that is put back, but its project, which is derived when all are there.
    pub(super) fn restored(&mut self, row: RowRef) -> Result<(), RequestError> {
        if self.is_a(row, "CustomConfigurationBase") {
            self.check_configuration(row)?;
        }
        if self.is_a(row, "CustomAttributeLink") {
            self.name_ends(row);
        }
        Ok(())
    }

    /// What follows from a changed value.
    pub(super) fn changed(
        &mut self,
        row: RowRef,
        slot: Slot,
        old: &Value,
    ) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.get(row.type_id);
        let Some(attribute) = info.slot_attribute(slot) else {
            return Ok(());
        };
        let name = catalog.name(attribute.name);
        match name {
            "status_id" => self.status_changed(row, old)?,
            "parent_id" if self.is_a(row, "TypedContext") => self.adopt(row),
            "in_reply_to_id" => self.reply_attached(row),
            "status" if info.name == "Job" => self.job_changed(row),
            _ => {}
        }
        if self.is_a(row, "CustomConfigurationBase") {
            if !old.is_null() && name == "type_id" {
                return Err(RequestError::validation(
                    "the type of a custom attribute cannot be changed",
                ));
            }
            if old.is_null() && name == "project_id" {
                return Err(RequestError::validation(
                    "a global custom attribute cannot be made one of a project",
                ));
            }
            if name == "default" {
                self.default_changed(row, old);
            }
            self.check_configuration(row)?;
        }
        Ok(())
    }

    fn status_changed(&mut self, row: RowRef, old: &Value) -> Result<(), RequestError> {
        let (kind, parent_type) = if self.is_a(row, "TypedContext") {
            ("TypedContextStatusChange", "task")
        } else if self.is_a(row, "AssetVersion") {
            ("AssetVersionStatusChange", "asset_version")
        } else {
            return Ok(());
        };
        let catalog = Arc::clone(&self.catalog);
        let Some(info) = catalog.find(kind) else {
            return Ok(());
        };
        let values = [
            ("date", Value::now()),
            ("user_id", self.user.clone()),
            ("parent_id", self.store().id(row).clone()),
            ("parent_type", Value::text(parent_type)),
            ("from_status_id", old.clone()),
            ("status_id", self.store().named(row, "status_id").clone()),
        ];
        self.insert(info.id, &values)?;
        Ok(())
    }

    /// A reply stands where the note stands that it replies to.
    pub(super) fn reply_attached(&mut self, row: RowRef) {
        let note = self
            .store()
            .find_named("Note", self.store().named(row, "in_reply_to_id"));
        let Some(note) = note else { return };
        for name in ["parent_id", "parent_type"] {
            if self.store().named(row, name).is_null() {
                let value = self.store().named(note, name).clone();
                self.transaction.set_named(row, name, value);
            }
        }
        self.transaction
            .set_named(note, "thread_activity", Value::now());
    }

    fn job_changed(&mut self, row: RowRef) {
        let status = self.store().named(row, "status").to_text();
        if status == "done" || status == "failed" {
            self.transaction.set_named(row, "finished_at", Value::now());
        }
    }
}

/// Flags default to off and required numbers to zero.
fn fill_plain(info: &TypeInfo, draft: &mut Draft<'_>) {
    for (slot, position) in info.slots.iter().enumerate() {
        if !draft.get(slot).is_null() {
            continue;
        }
        let is_required = info.required.contains(position);
        match info.slot_scalar(slot) {
            ScalarType::Boolean => draft.set(slot, Value::Bool(false)),
            ScalarType::Integer | ScalarType::Number if is_required && !info.is_key(slot) => {
                draft.set(slot, Value::Int(0));
            }
            _ => {}
        }
    }
}
