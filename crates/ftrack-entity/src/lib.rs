//! Entities of the ftrack API, without any I/O: types, values, records, the operation log, and the JSON codec.
//!
//! This crate plans what is sent and takes over what is answered; it never calls out and holds no session.
//!
//! - [`Schema`] and [`EntityType`] say which attributes there are.
//! - [`Record`]s hold what is known about an entity, in an [`IdentityMap`] with one record per [`Identity`].
//! - The [`OperationLog`] holds what was done and not sent; a [`Batch`] is how it is sent.
//! - [`decode_batch`] reads an answer into [`Staged`] entities, ready to be merged into the map.
//!
//! ```
//! use ftrack_entity::{Answer, Expected, Identity, IdentityMap, Reply, Schema, decode_batch};
//!
//! let schema = Schema::from_json(br#"[{"id": "Status", "primary_key": ["id"],
//!     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#)?;
//! let status = schema.entity_type("Status")?;
//! let records = IdentityMap::new();
//!
//! let body = br#"[{"action": "query", "metadata": {"next": {"offset": null}},
//!     "data": [{"__entity_type__": "Status", "id": "s-1", "name": "Done"}]}]"#;
//! let reply = decode_batch(body, &schema, &[Expected::Rows(status.name())])?;
//! let Reply::Accepted { staged, .. } = reply else { panic!("the server refused") };
//! let _held = records.merge(staged, &records.begin_request());
//!
//! let done = records.get(&Identity::new("Status", "s-1")).unwrap();
//! let name = status.position("name").unwrap();
//! assert_eq!(done.value(name).as_str(), Some("Done"));
//! # Ok::<(), ftrack_entity::Error>(())
//! ```
//!
//! # Writing
//!
//! What is done is a log of operations, and a batch is how it is sent. Nothing is lost if the answer is a refusal:
//! operations that were sent leave the log by [`Batch::apply`], when the answer is taken over.
//!
//! ```
//! use ftrack_entity::{Batch, Identity, IdentityMap, OperationLog, Schema, Value};
//!
//! let schema = Schema::from_json(br#"[{"id": "Status", "primary_key": ["id"],
//!     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#)?;
//! let status = schema.entity_type("Status")?;
//! let records = IdentityMap::new();
//! let record = records.get_or_insert(&Identity::new("Status", "s-1"), status);
//!
//! let mut log = OperationLog::new();
//! log.update(&record, status.position_of("name")?, Value::from("Done"));
//! log.update(&record, status.position_of("name")?, Value::from("Approved"));
//!
//! // Two operations, and one request: the last value counts.
//! let batch = Batch::plan(log.operations());
//! let body = String::from_utf8(batch.encode(&schema))?;
//! assert_eq!(batch.payloads().len(), 1);
//! assert!(body.contains("Approved") && !body.contains("Done"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod batch;
mod decode;
mod error;
mod identity;
mod identity_map;
mod json;
mod json_text;
mod key;
mod name;
mod operation;
mod read_entity;
mod record;
mod schema;
mod text;
mod timestamp;
mod value;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use self::batch::{Action, Batch, Payload, Request, encode_requests};
pub use self::decode::{Answer, Expected, Rejection, Reply, Staged, decode_batch, decode_entities};
pub use self::error::{Error, Result};
pub use self::identity::Identity;
pub use self::identity_map::{IdentityMap, MergedRecords, RequestEpoch, Retention};
pub use self::json::Json;
pub use self::json_text::JsonText;
pub use self::key::{Key, KeyPart, KeyText};
pub use self::name::EntityTypeName;
pub use self::operation::{EntityState, Operation, OperationLog, Recorded};
pub use self::read_entity::ReadEntity;
pub use self::record::{Record, SiblingSet};
pub use self::schema::{
    Attribute, AttributeHandle, AttributeKind, AttributePosition, DataType, EntityType, Schema,
};
pub use self::text::Text;
pub use self::timestamp::{Timestamp, TimestampError};
pub use self::value::Value;
