//! Requests as JSON.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Action, Payload};
use crate::{EntityType, Identity, Schema, Value};

/// A request that is not part of a unit of work.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// `query` with its text.
    Query(String),
    /// Any request, as JSON.
    Json(serde_json::Value),
}

/// The body for `requests`: a JSON array.
pub fn encode_requests(requests: &[Request]) -> Vec<u8> {
    to_vec(&Requests(requests), requests.len())
}

pub(super) fn payloads(payloads: &[Payload], schema: &Schema) -> Vec<u8> {
    to_vec(&Payloads { payloads, schema }, payloads.len())
}

/// Serialising into memory fails for no value of ours: keys are text and numbers are finite.
fn to_vec(value: &impl Serialize, requests: usize) -> Vec<u8> {
    // About what a request takes: growing the body step by step would copy it as often.
    let mut body = Vec::with_capacity(requests * 256);
    let written = serde_json::to_writer(&mut body, value);
    debug_assert!(written.is_ok(), "{written:?}");
    body
}

struct Requests<'a>(&'a [Request]);

impl Serialize for Requests<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for request in self.0 {
            match request {
                Request::Query(text) => list.serialize_element(&QueryRequest(text))?,
                Request::Json(value) => list.serialize_element(value)?,
            }
        }
        list.end()
    }
}

struct QueryRequest<'a>(&'a str);

impl Serialize for QueryRequest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("action", "query")?;
        map.serialize_entry("expression", self.0)?;
        map.end()
    }
}

struct Payloads<'a> {
    payloads: &'a [Payload],
    schema: &'a Schema,
}

impl Serialize for Payloads<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.payloads.len()))?;
        for payload in self.payloads {
            list.serialize_element(&PayloadRequest {
                payload,
                schema: self.schema,
            })?;
        }
        list.end()
    }
}

struct PayloadRequest<'a> {
    payload: &'a Payload,
    schema: &'a Schema,
}

impl Serialize for PayloadRequest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let identity = self.payload.record.identity();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("action", self.payload.action.as_str())?;
        if self.payload.action != Action::Delete {
            map.serialize_entry("entity_data", &Data(self))?;
        }
        map.serialize_entry("entity_key", &KeyList(identity))?;
        map.serialize_entry("entity_type", identity.entity_type().as_str())?;
        map.end()
    }
}

/// The primary key as a list of texts.
struct KeyList<'a>(&'a Identity);

impl Serialize for KeyList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = self.0.key().parts();
        let mut list = serializer.serialize_seq(Some(parts.len()))?;
        for part in parts {
            list.serialize_element(&*part.to_text())?;
        }
        list.end()
    }
}

struct Data<'a>(&'a PayloadRequest<'a>);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let PayloadRequest { payload, schema } = self.0;
        let entity_type = payload.record.entity_type();
        let identity = payload.record.identity();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("__entity_type__", identity.entity_type().as_str())?;
        if payload.action == Action::Create {
            serialize_key(&mut map, identity, entity_type)?;
        }
        for (position, value) in &payload.data {
            map.serialize_entry(
                entity_type.at(*position).name(),
                &EncodeValue { value, schema },
            )?;
        }
        map.end()
    }
}

fn serialize_key<M: SerializeMap>(
    map: &mut M,
    identity: &Identity,
    entity_type: &EntityType,
) -> Result<(), M::Error> {
    for (attribute, part) in entity_type.primary_key().zip(identity.key().parts()) {
        map.serialize_entry(attribute.name(), &*part.to_text())?;
    }
    Ok(())
}

/// A value as it goes over the wire: entities as references, dates with their tag. [`Value::NotSet`] is null.
#[derive(Debug)]
pub struct EncodeValue<'a> {
    /// The value.
    pub value: &'a Value,
    /// The types of the entities it refers to.
    pub schema: &'a Schema,
}

impl Serialize for EncodeValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::NotSet | Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::Date(value) => tagged(serializer, format_args!("{value}")),
            Value::DateTime(value) => tagged(serializer, format_args!("{value}")),
            Value::Reference(identity) => EntityReference {
                identity,
                schema: self.schema,
            }
            .serialize(serializer),
            Value::Collection(members) => {
                let mut list = serializer.serialize_seq(Some(members.len()))?;
                for identity in members.iter() {
                    list.serialize_element(&EntityReference {
                        identity,
                        schema: self.schema,
                    })?;
                }
                list.end()
            }
            Value::Json(value) => value.serialize(serializer),
        }
    }
}

/// Days and points in time carry the same tag.
fn tagged<S: Serializer>(serializer: S, text: std::fmt::Arguments<'_>) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("__type__", "datetime")?;
    map.serialize_entry("value", &text)?;
    map.end()
}

/// The type and primary key of an entity.
struct EntityReference<'a> {
    identity: &'a Identity,
    schema: &'a Schema,
}

impl Serialize for EntityReference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("__entity_type__", self.identity.entity_type().as_str())?;
        if let Some(entity_type) = self.schema.by_name(self.identity.entity_type()) {
            serialize_key(&mut map, self.identity, entity_type)?;
        } else {
            map.serialize_entry("id", &self.identity.key().to_string())?;
        }
        map.end()
    }
}
