//! Writing the values of custom attributes, and the rules of their configurations.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::decode::missing;
use super::{Batch, Written};
use crate::catalog::TypeInfo;
use crate::read::{EXPLICIT, Handle};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::{Key, RowRef};
use crate::value::{Value, parse_moment};

impl Batch<'_> {
    /// Values exist for every configuration that applies; only the untyped ones of older servers are created.
    pub(super) fn create_custom(
        &mut self,
        info: &TypeInfo,
        data: &Map<String, Json>,
    ) -> Result<Written, RequestError> {
        if info.name != "CustomAttributeValue" {
            return Err(RequestError::validation(format!(
                "{} exists for every configuration that applies: update it instead",
                info.name
            )));
        }
        let part = |name: &str| data.get(name).cloned().unwrap_or(Json::Null);
        let key = json!([part("configuration_id"), part("entity_id")]);
        let key = super::decode::entity_key(info, Some(&key))?;
        let view = self.own_view();
        let held = view.find(info.id, &key);
        if held.is_some_and(|held| view.may_read(held)) {
            return Err(RequestError::new(
                RequestErrorKind::Duplicate,
                format!(
                    "there is a {} with key {} already",
                    info.name,
                    key.display()
                ),
            ));
        }
        let handle = view.applicable(info.id, &key);
        let mut data = data.clone();
        data.entry("value").or_insert(Json::Null);
        self.set_value(info, &key, handle, &data)
    }

    /// Sets the value of a custom attribute.
    pub(super) fn update_custom(
        &mut self,
        info: &TypeInfo,
        key: &Key,
        data: &Map<String, Json>,
    ) -> Result<Written, RequestError> {
        let handle = self.own_view().find(info.id, key);
        self.set_value(info, key, handle, data)
    }

    fn set_value(
        &mut self,
        info: &TypeInfo,
        key: &Key,
        handle: Option<Handle>,
        data: &Map<String, Json>,
    ) -> Result<Written, RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let view = self.own_view();
        let handle = handle
            .filter(|found| view.may_read(*found))
            .ok_or_else(|| not_held(info, key))?;
        let Handle::Custom {
            entity,
            configuration,
            ..
        } = handle
        else {
            return Err(not_held(info, key));
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
                _ => return Err(RequestError::unknown_attribute(&info.name, name)),
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
    pub(super) fn delete_custom(&mut self, info: &TypeInfo, key: &Key) -> Result<(), RequestError> {
        let view = self.own_view();
        let found = view
            .find(info.id, key)
            .filter(|found| view.may_read(*found));
        let Some(Handle::Custom {
            entity,
            configuration,
            ..
        }) = found
        else {
            return Err(not_held(info, key));
        };
        self.refuse_writing(entity)?;
        self.refuse_unwritable(self.configuration(configuration)?)?;
        self.transaction.set_custom(entity, configuration, None);
        Ok(())
    }

    fn configuration(&self, row: u32) -> Result<RowRef, RequestError> {
        let info = self
            .catalog
            .find("CustomAttributeConfiguration")
            .ok_or_else(|| RequestError::unknown_type("CustomAttributeConfiguration"))?;
        Ok(RowRef {
            type_id: info.id,
            row,
        })
    }

    fn refuse_unwritable(&self, configuration: RowRef) -> Result<(), RequestError> {
        let view = self.own_view();
        if !view.is_for_reader(configuration, "WriteSecurityRole") {
            let key = self.store().named(configuration, "key").to_text();
            return Err(RequestError::new(
                RequestErrorKind::Permission,
                format!("your security roles do not let you change the custom attribute {key}"),
            ));
        }
        Ok(())
    }

    /// Reads a value as the type of the configuration wants it.
    fn custom_value(&self, configuration: RowRef, json: &Json) -> Result<Value, RequestError> {
        let kind = self.view().custom_kind(configuration);
        let value = Value::variable(json);
        let store = self.store();
        let fits = match (kind.as_str(), &value) {
            ("expression", _) => {
                let key = store.named(configuration, "key").to_text();
                return Err(RequestError::validation(format!(
                    "the custom attribute {key:?} is an expression: it is computed and cannot be set"
                )));
            }
            (_, Value::Null) => true,
            // Whether decimals are shown is a matter of presentation.
            ("number", value) => matches!(value, Value::Int(_) | Value::Real(_)),
            ("boolean", value) => matches!(value, Value::Bool(_)),
            ("text", value) => matches!(value, Value::Text(_) | Value::Id(_)),
            ("url", value) => matches!(value, Value::Text(_) | Value::Id(_)) || json.is_object(),
            ("date", Value::Text(text)) => match date(text) {
                Some(date) => return Ok(date),
                None => false,
            },
            ("date", value) => matches!(value, Value::DateTime(_) | Value::Date(_)),
            ("enumerator" | "dynamic enumerator", _) => is_list_of_text(json),
            _ => true,
        };
        let key = || store.named(configuration, "key").to_text();
        if !fits {
            let found = python_type(json);
            let shown = json
                .as_str()
                .map_or_else(|| json.to_string(), str::to_owned);
            return Err(RequestError::validation(format!(
                "Custom attribute value for \"{}\" must be of type {kind}. Got \"{shown}\" of type <type '{found}'>",
                key()
            )));
        }
        if kind == "enumerator" {
            let config = store.named(configuration, "config").to_text();
            refuse_options(&key(), &config, json)?;
        }
        Ok(value)
    }

    /// The default of a configuration that was made without one, by the kind of its values.
    pub(super) fn default_of_kind(&self, type_id: &Value) -> Value {
        let store = self.store();
        let kind = store.find_named("CustomAttributeType", type_id);
        let kind = kind.map(|kind| store.named(kind, "name").to_text());
        match kind.as_deref() {
            Some("boolean") => Value::Bool(false),
            Some("number") => Value::Int(0),
            Some("enumerator" | "dynamic enumerator") => Value::variable(&json!([])),
            Some("url" | "date") => Value::Null,
            _ => Value::text(""),
        }
    }

    /// What a new or changed configuration has to keep.
    pub(super) fn check_configuration(&self, row: RowRef) -> Result<(), RequestError> {
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
            return Err(RequestError::validation(format!(
                "entity_type of a custom attribute must be one of {}",
                known.join(", ")
            )));
        }
        if entity_type == "task" && !is_hierarchical && store.named(row, "object_type_id").is_null()
        {
            return Err(RequestError::validation(
                "a custom attribute with entity_type task needs object_type_id",
            ));
        }
        if entity_type == "user" && !store.named(row, "project_id").is_null() {
            return Err(RequestError::validation(
                "custom attributes of users are global: project_id must not be set",
            ));
        }
        let config = store.named(row, "config").to_text();
        if serde_json::from_str::<Json>(&config).is_err() {
            return Err(RequestError::validation(
                "config of a custom attribute must be JSON text",
            ));
        }
        Ok(())
    }

    /// A changed default is for new entities: those that are there keep the old one as their value.
    ///
    /// Hierarchical attributes are null where nobody set them, and expressions are not values.
    pub(super) fn default_changed(&mut self, configuration: RowRef, old: &Value) {
        let store = self.store();
        let is_hierarchical = store.named(configuration, "is_hierarchical").is_true();
        if is_hierarchical || self.view().custom_kind(configuration) == "expression" {
            return;
        }
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

/// Refuses options that an enumerator does not list, and two where only one may be chosen.
fn refuse_options(key: &str, config: &str, value: &Json) -> Result<(), RequestError> {
    let config: Json = serde_json::from_str(config).unwrap_or_default();
    let chosen: Vec<&str> = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    if chosen.len() > 1 && config["multiSelect"] != json!(true) {
        return Err(RequestError::validation(format!(
            "the custom attribute {key:?} takes one option, not {}",
            chosen.len()
        )));
    }
    // The list of options is JSON text inside the JSON text of the configuration.
    let options = match &config["data"] {
        Json::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    let Some(options) = options.as_array() else {
        return Ok(());
    };
    let is_listed = |chosen: &&&str| options.iter().any(|option| option["value"] == ***chosen);
    match chosen.iter().find(|chosen| !is_listed(chosen)) {
        None => Ok(()),
        Some(unknown) => Err(RequestError::validation(format!(
            "the custom attribute {key:?} has no option {unknown:?}"
        ))),
    }
}

/// A day or a moment that was sent as plain text.
fn date(text: &str) -> Option<Value> {
    match chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => Some(Value::Date(day)),
        Err(_) => parse_moment(text).map(Value::DateTime),
    }
}

/// What a server calls the kind of a value in its messages.
fn python_type(json: &Json) -> &'static str {
    match json {
        Json::Null => "NoneType",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "float",
        Json::Number(_) => "int",
        Json::String(_) => "unicode",
        Json::Array(_) => "list",
        Json::Object(object) if object.contains_key("__type__") => "datetime.datetime",
        Json::Object(_) => "dict",
    }
}

/// Refuses to go on with a value that is not there, in the words of servers.
fn not_held(info: &TypeInfo, key: &Key) -> RequestError {
    if info.name == EXPLICIT {
        let message = format!("Could not find entity {}", info.name);
        return RequestError::new(RequestErrorKind::Value, message);
    }
    missing(info, key)
}
