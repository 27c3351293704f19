//! Sessions with an ftrack server.
//!
//! A [`Session`] talks to a server. [`Session::query`] finds entities, [`Session::create`] makes new ones,
//! [`Entity::set`] changes them, and [`Session::commit`] sends what was done, in one transaction.
//!
//! ```
//! use ftrack_server::Server;
//! use ftrack_session::{Session, values};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A server of our own, in this process; any other works as well.
//! let server = Server::builder().demo(true).start()?;
//! let session = Session::builder()
//!     .server_url(server.url())
//!     .api_user(server.user())
//!     .api_key(server.api_key())
//!     .connect()?;
//!
//! let project = session.query("Project").first()?.ok_or("no project")?;
//! let sequence = session.create("Sequence", values! { "name": "opening", "parent": &project })?;
//! session.commit()?;
//! assert_eq!(sequence.get::<String>("parent.name")?, project.get::<String>("name")?);
//! # Ok(())
//! # }
//! ```
#![deny(unsafe_code)]

mod action;
mod cache;
mod collection;
mod component;
mod custom_attributes;
mod customise;
mod encode;
mod entity;
mod error;
mod fetch;
mod formatter;
mod helpers;
mod location;
mod mapping;
mod media;
mod metadata;
mod plugin;
mod query_result;
mod query_text;
mod schema_cache;
mod server_accessor;
mod session;
mod shared;
mod storage_scenario;
pub mod symbol;
mod trace;

pub use ftrack_entity::{
    Attribute, AttributeKind, DataType, EntityState, EntityType, Identity, Json, Key, Operation,
    Retention, Schema, Timestamp, Value,
};
pub use ftrack_transport::{ApiKey, ConnectionOptions, Proxy, RetryPolicy};

pub use self::action::{
    Action, ActionReply, DiscoveredAction, RegisteredAction, SelectedEntity, Selection,
};
pub use self::cache::{EntityCache, entity_key};
pub use self::collection::{Collection, Members};
pub use self::component::LocationChoice;
pub use self::custom_attributes::CustomAttributes;
pub use self::customise::{ConstructEntityType, Customisation};
pub use self::encode::{Data, EncodeStrategy};
pub use self::entity::{Entity, EntityAttribute, EntityChange, FromAttribute, ValueSide};
pub use self::error::{Error, ErrorKind, Result};
pub use self::fetch::{FetchPolicy, ThreadSetting};
pub use self::formatter::{Colours, Formatter};
pub use self::helpers::{
    AssetVersionHelpers, ComponentHelpers, JobHelpers, NoteHelpers, NoteOptions,
    ProjectSchemaHelpers, ReviewSessionHelpers, ThumbnailHelpers, TimerHelpers, TimerOptions,
    UserHelpers,
};
pub use self::location::{
    AddOptions, Availability, Location, LocationConfiguration, LocationKind, Source,
};
pub use self::media::{EncodeMediaOptions, Media};
pub use self::metadata::Metadata;
pub use self::plugin::{LibraryPlugin, Plugin, PluginArguments, discover};
pub use self::query_result::{Entities, QueryResult, QueryText, Records, Results};
pub use self::schema_cache::SchemaCache;
pub use self::server_accessor::ServerAccessor;
pub use self::session::{Committed, ServerInformation, Session, SessionBuilder, WeakSession};
pub use self::storage_scenario::CentralizedStorageWizard;
pub use self::trace::{Trace, TracedRequest};

/// What [`export_plugin`] writes into a library. Nothing here is for anybody else.
#[doc(hidden)]
pub mod __plugin {
    pub use crate::plugin::{Entry, Exported};
}
