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
//! let _arrival = records.merge(staged, records.epoch());
//!
//! let done = records.get(&Identity::new("Status", "s-1")).unwrap();
//! let name = status.position("name").unwrap();
//! assert_eq!(done.value(name).as_str(), Some("Done"));
//! # Ok::<(), ftrack_entity::Error>(())
//! ```
#![forbid(unsafe_code)]

mod batch;
mod decode;
mod error;
mod identity;
mod identity_map;
mod json;
mod key;
mod name;
mod operation;
mod read_entity;
mod record;
mod schema;
mod similar;
mod text;
mod timestamp;
mod value;

pub use self::batch::{Action, Batch, Payload, Request, encode_requests};
pub use self::decode::{Answer, Expected, Refusal, Reply, Staged, decode_batch, decode_entity};
pub use self::error::{Error, Result};
pub use self::identity::Identity;
pub use self::identity_map::{Arrival, IdentityMap, Retention, SiblingSet};
pub use self::json::{Json, JsonText};
pub use self::key::{Key, KeyPart, KeyText};
pub use self::name::EntityTypeName;
pub use self::operation::{EntityState, Operation, OperationLog, Recorded};
pub use self::read_entity::ReadEntity;
pub use self::record::Record;
pub use self::schema::{Attribute, AttributeKind, DataType, EntityType, Schema};
pub use self::text::Text;
pub use self::timestamp::{Timestamp, TimestampError};
pub use self::value::Value;
