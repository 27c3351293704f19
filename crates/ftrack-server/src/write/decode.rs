//! Reading what clients send: keys, references, values.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::Batch;
use crate::catalog::{AttributeInfo, Catalog, TypeId, TypeInfo};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::schema::ScalarType;
use crate::store::Key;
use crate::value::Value;

/// Reads what is sent, for which it takes the schema and nothing that is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoder<'c> {
    pub(super) catalog: &'c Catalog,
}

impl Batch<'_> {
    pub(super) fn decoder(&self) -> Decoder<'_> {
        Decoder::new(&self.catalog)
    }
}

impl<'c> Decoder<'c> {
    pub(crate) fn new(catalog: &'c Catalog) -> Self {
        Self { catalog }
    }

    /// The value of a scalar attribute.
    pub(super) fn scalar(
        self,
        info: &TypeInfo,
        attribute: &AttributeInfo,
        scalar: ScalarType,
        json: &Json,
    ) -> Result<Value, RequestError> {
        let name = self.catalog.name(attribute.name);
        let json = &as_text_of_metadata(info, name, json);
        let value = Value::decode(json, scalar).map_err(|expected| {
            RequestError::validation(format!(
                "{}.{name} must be {expected}, not {json}",
                info.name
            ))
        })?;
        if !attribute.allowed.is_empty()
            && let Some(text) = value.as_text()
            && !attribute.allowed.contains(&text)
        {
            let allowed = attribute.allowed.join(", ");
            return Err(RequestError::validation(format!(
                "{}.{name} must be one of {allowed}, not {text}",
                info.name
            )));
        }
        Ok(value)
    }

    /// The primary key that a reference names: `{"__entity_type__": …, "id": …}`, or an id alone.
    pub(super) fn reference(
        self,
        owner: &TypeInfo,
        name: &str,
        target: TypeId,
        json: &Json,
    ) -> Result<Option<Key>, RequestError> {
        let wrong = || {
            RequestError::validation(format!(
                "{}.{name} must be a reference to an entity, not {json}",
                owner.name
            ))
        };
        match json {
            Json::Null => Ok(None),
            Json::String(id) => Ok(Some(Key::One(Value::text(id)))),
            Json::Object(object) => self
                .reference_key(target, object)
                .map(Some)
                .ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }

    fn reference_key(self, target: TypeId, object: &Map<String, Json>) -> Option<Key> {
        let named = object.get("__entity_type__").and_then(Json::as_str);
        let info = match named {
            Some(name) => self.catalog.find(name)?,
            None => self.catalog.get(target),
        };
        self.key_of(info, |name| object.get(name))
    }

    fn key_of<'j>(
        self,
        info: &TypeInfo,
        mut get: impl FnMut(&str) -> Option<&'j Json>,
    ) -> Option<Key> {
        let mut parts = Vec::new();
        for slot in &info.primary_key {
            let attribute = info.slot_attribute(*slot)?;
            let json = get(self.catalog.name(attribute.name))?;
            let part = Value::decode(json, info.slot_scalar(*slot)).ok()?;
            parts.push(part);
        }
        let key = Key::new(parts);
        (!key.is_incomplete()).then_some(key)
    }

    /// The references of a collection.
    pub(super) fn references(
        self,
        owner: &TypeInfo,
        name: &str,
        target: TypeId,
        json: &Json,
    ) -> Result<Vec<Key>, RequestError> {
        let list = match json {
            Json::Null => &Vec::new(),
            Json::Array(list) => list,
            _ => {
                return Err(RequestError::validation(format!(
                    "{}.{name} must be a list of references, not {json}",
                    owner.name
                )));
            }
        };
        let mut keys = Vec::with_capacity(list.len());
        for element in list {
            let key = self.reference(owner, name, target, element)?;
            let key = key.ok_or_else(|| {
                RequestError::validation(format!("{}.{name} holds null in its list", owner.name))
            })?;
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(keys)
    }
}

/// Programs give numbers as metadata, which is text.
fn as_text_of_metadata<'j>(info: &TypeInfo, name: &str, json: &'j Json) -> Cow<'j, Json> {
    if json.is_number() && info.name == "Metadata" && name == "value" {
        return Cow::Owned(json.to_string().into());
    }
    Cow::Borrowed(json)
}

/// The key of an `entity_key` field: a list in the order of the key attributes, or a plain value.
///
/// # Errors
/// Refuses a key that does not have as many parts as the type.
pub(crate) fn entity_key(info: &TypeInfo, json: Option<&Json>) -> Result<Key, RequestError> {
    let parts: Vec<&Json> = match json {
        Some(Json::Array(parts)) => parts.iter().collect(),
        Some(Json::Null) | None => {
            return Err(RequestError::validation(format!(
                "entity_key of {} is missing",
                info.name
            )));
        }
        Some(single) => vec![single],
    };
    if parts.len() != info.primary_key.len() {
        return Err(RequestError::validation(format!(
            "entity_key of {} needs {} parts, not {}",
            info.name,
            info.primary_key.len(),
            parts.len()
        )));
    }
    let mut values = Vec::with_capacity(parts.len());
    for (slot, part) in info.primary_key.iter().zip(parts) {
        let scalar = info.slot_scalar(*slot);
        // Clients send keys as strings whatever their type.
        let value = match (scalar, part) {
            (ScalarType::Integer, Json::String(text)) => text.parse().map(Value::Int).ok(),
            _ => Value::decode(part, scalar).ok(),
        };
        values.push(value.filter(|value| !value.is_null()).ok_or_else(|| {
            RequestError::validation(format!("{part} cannot be part of a key of {}", info.name))
        })?);
    }
    Ok(Key::new(values))
}

/// Refuses to go on with an entity that does not exist.
pub(super) fn missing(info: &TypeInfo, key: &Key) -> RequestError {
    RequestError::new(
        RequestErrorKind::NotFound,
        format!("there is no {} with key {}", info.name, key.display()),
    )
}
