//! Writing the values of custom attributes, and the rules of their configurations.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::decode::missing;
use super::{Batch, Written};
use crate::catalog::TypeInfo;
use crate::read::Handle;
use crate::refusal::Refusal;
use crate::store::{Key, RowRef};
use crate::value::Value;

impl Batch<'_> {
    /// Values exist for every configuration that applies; only the untyped ones of older servers are created.
    pub(super) fn create_custom(
        &mut self,
        info: &TypeInfo,
        data: &Map<String, Json>,
    ) -> Result<Written, Refusal> {
        if info.name != "CustomAttributeValue" {
            return Err(Refusal::validation(format!(
                "{} exists for every configuration that applies: update it instead",
                info.name
            )));
        }
        let part = |name: &str| data.get(name).cloned().unwrap_or(Json::Null);
        let key = json!([part("configuration_id"), part("entity_id")]);
        let key = super::decode::entity_key(info, Some(&key))?;
        self.update_custom(info, &key, data)
    }

    /// Sets the value of a custom attribute.
    pub(super) fn update_custom(
        &mut self,
        info: &TypeInfo,
        key: &Key,
        data: &Map<String, Json>,
    ) -> Result<Written, Refusal> {
        let catalog = Arc::clone(&self.catalog);
        let handle = self
            .view()
            .find(info.id, key)
            .ok_or_else(|| missing(info, key))?;
        let Handle::Custom {
            entity,
            configuration,
            ..
        } = handle
        else {
            return Err(missing(info, key));
        };
        self.refuse_writing(entity)?;
        let row = self.configuration(configuration)?;
        self.refuse_unwritable(row)?;
        for (name, json) in data {
            match name.as_str() {
                "value" => {
                    let value = self.custom_value(row, json)?;
                    self.transaction
                        .set_custom(entity, configuration, Some(value));
                }
                "__entity_type__" | "key" | "configuration_id" | "entity_id" | "configuration" => {}
                _ => return Err(Refusal::unknown_attribute(&info.name, name)),
            }
        }
        let names = super::create::names(info, data, &catalog);
        Ok(Written {
            handle,
            key: key.clone(),
            type_id: info.id,
            names,
            is_new: false,
        })
    }

    /// Forgets the value, which leaves the default.
    pub(super) fn delete_custom(&mut self, info: &TypeInfo, key: &Key) -> Result<(), Refusal> {
        let found = self.view().find(info.id, key);
        let Some(Handle::Custom {
            entity,
            configuration,
            ..
        }) = found
        else {
            return Err(missing(info, key));
        };
        self.refuse_writing(entity)?;
        self.refuse_unwritable(self.configuration(configuration)?)?;
        self.transaction.set_custom(entity, configuration, None);
        Ok(())
    }

    fn configuration(&self, row: u32) -> Result<RowRef, Refusal> {
        let info = self
            .catalog
            .find("CustomAttributeConfiguration")
            .ok_or_else(|| Refusal::unknown_type("CustomAttributeConfiguration"))?;
        Ok(RowRef {
            type_id: info.id,
            row,
        })
    }

    fn refuse_unwritable(&self, configuration: RowRef) -> Result<(), Refusal> {
        let id = self.store().id(configuration);
        if self.catalog.find("WriteSecurityRole").is_some()
            && self
                .store()
                .rows_with("WriteSecurityRole", "configuration_id", id)
                .is_empty()
        {
            let key = self.store().named(configuration, "key").to_text();
            return Err(Refusal::new(
                crate::refusal::RefusalKind::Permission,
                format!("no security role may change the custom attribute {key}"),
            ));
        }
        Ok(())
    }

    /// Reads a value as the type of the configuration wants it.
    fn custom_value(&self, configuration: RowRef, json: &Json) -> Result<Value, Refusal> {
        let store = self.store();
        let type_row =
            store.find_named("CustomAttributeType", store.named(configuration, "type_id"));
        let kind = type_row
            .map(|row| store.named(row, "name").to_text())
            .unwrap_or_default();
        let value = Value::variable(json);
        let config: Json = serde_json::from_str(&store.named(configuration, "config").to_text())
            .unwrap_or(Json::Null);
        let fits = match (kind.as_str(), &value) {
            (_, Value::Null) => true,
            ("number", Value::Real(_)) => config["isdecimal"] != json!(false),
            ("number", value) => matches!(value, Value::Int(_)),
            ("boolean", value) => matches!(value, Value::Bool(_)),
            ("text", value) => matches!(value, Value::Text(_) | Value::Id(_)),
            ("date", value) => matches!(value, Value::DateTime(_) | Value::Date(_)),
            ("enumerator" | "dynamic enumerator", Value::Json(_)) => is_list_of_text(json),
            ("enumerator" | "dynamic enumerator", value) => {
                matches!(value, Value::Text(_) | Value::Id(_))
            }
            _ => true,
        };
        if !fits {
            let key = store.named(configuration, "key").to_text();
            return Err(Refusal::validation(format!(
                "Custom attribute value for \"{key}\" must be of type {kind}."
            )));
        }
        // Enumerators always hold a list.
        if kind.ends_with("enumerator") && json.is_string() {
            return Ok(Value::variable(&json!([json])));
        }
        Ok(value)
    }

    /// What a new or changed configuration has to keep.
    pub(super) fn check_configuration(&self, row: RowRef) -> Result<(), Refusal> {
        let store = self.store();
        let entity_type = store.named(row, "entity_type").to_text();
        let known = [
            "task",
            "show",
            "assetversion",
            "user",
            "list",
            "asset",
            "listobject",
        ];
        let is_hierarchical = store.named(row, "is_hierarchical").is_true();
        if self.type_name(row) != "CustomAttributeConfiguration" {
            return Ok(());
        }
        if !known.contains(&entity_type.as_str()) {
            return Err(Refusal::validation(format!(
                "entity_type of a custom attribute must be one of {}",
                known.join(", ")
            )));
        }
        if entity_type == "task" && !is_hierarchical && store.named(row, "object_type_id").is_null()
        {
            return Err(Refusal::validation(
                "a custom attribute with entity_type task needs object_type_id",
            ));
        }
        if entity_type == "user" && !store.named(row, "project_id").is_null() {
            return Err(Refusal::validation(
                "custom attributes of users are global: project_id must not be set",
            ));
        }
        let config = store.named(row, "config").to_text();
        if serde_json::from_str::<Json>(&config).is_err() {
            return Err(Refusal::validation(
                "config of a custom attribute must be JSON text",
            ));
        }
        Ok(())
    }

    /// A changed default is for new entities: those that are there keep the old one as their value.
    pub(super) fn default_changed(&mut self, configuration: RowRef, old: &Value) {
        let mut keep = Vec::new();
        {
            let view = self.view();
            let families = [
                "Context",
                "Asset",
                "AssetVersion",
                "User",
                "List",
                "ListObject",
            ];
            for info in families.iter().filter_map(|name| self.catalog.find(name)) {
                for entity in self.store().rows(info.id) {
                    let applies = view
                        .entity_class(entity)
                        .is_some_and(|class| view.applies(configuration, entity, class));
                    if applies
                        && self
                            .store()
                            .custom()
                            .get(entity, configuration.row)
                            .is_none()
                    {
                        keep.push(entity);
                    }
                }
            }
        }
        for entity in keep {
            self.transaction
                .set_custom(entity, configuration.row, Some(old.clone()));
        }
    }
}

fn is_list_of_text(json: &Json) -> bool {
    json.as_array()
        .is_some_and(|list| list.iter().all(Json::is_string))
}
