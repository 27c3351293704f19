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
//! let session = ftrack_session::SessionBuilder::new()
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
//!
//! This crate is an inner part of `ftrack`, which re-exports what users need; it may change with every version. This
//! page is for those who work on it, or build another facade.
//!
//! # Reading
//!
//! What a query did not ask for is loaded when it is read, for all entities of the answer at once.
//!
//! ```
//! # use ftrack_session::Entity;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = ftrack_server::Server::builder().demo(true).start()?;
//! # let session = ftrack_session::SessionBuilder::new()
//! #     .server_url(server.url())
//! #     .api_user(server.user())
//! #     .api_key(server.api_key())
//! #     .connect()?;
//! let trace = session.trace();
//! for task in session.query("select name from Task") {
//!     let task = task?;
//!     let status: Entity = task.get("status")?;
//!     println!("{}: {}", task.get::<String>("name")?, status.get::<String>("name")?);
//! }
//! assert!(trace.request_count() <= 3);
//! # Ok(())
//! # }
//! ```
//!
//! # Units of work
//!
//! [`Session::begin`] gives a thread or a task a session of its own over the same connection, so that no commit sends
//! what another one has half done.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = ftrack_server::Server::builder().demo(true).start()?;
//! # let session = ftrack_session::SessionBuilder::new()
//! #     .server_url(server.url())
//! #     .api_user(server.user())
//! #     .api_key(server.api_key())
//! #     .connect()?;
//! let unit = session.begin();
//! let task = unit.query("Task").first()?.ok_or("no task")?;
//! task.set("description", "changed on its own")?;
//! assert_eq!(unit.pending().changes().len(), 1);
//! assert!(session.pending().is_empty());
//! unit.commit()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Where it ends
//!
//! A session knows no HTTP: [`SessionBuilder::transport`] takes any [`Transport`](ftrack_transport::Transport), and
//! tests give it a script. It knows nothing of libraries with plugins: what stands above is told what becomes of a
//! session as an
//! [`Extension`](extension::Extension).
//!
//! # Features
//!
//! - `events` (on by default): the connection to the event server. Without it events stay in the process.
//! - `file` (on by default): caches of entities in files.
//! - `socks` (on by default): proxies that speak SOCKS.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod action;
mod cache;
mod collection;
mod component;
mod custom_attributes;
mod customise;
mod effective;
mod encode;
mod entity;
mod error;
pub mod extension;
mod fetch;
mod formatter;
mod helpers;
mod location;
mod mapping;
mod media;
mod metadata;
mod metadata_items;
mod plugin;
mod plugin_arguments;
mod query_result;
mod query_text;
mod schema_cache;
mod server_accessor;
mod session;
mod shared;
mod start;
mod storage_scenario;
pub mod symbol;
mod sync;
mod trace;
mod update;
mod whole_file;
mod work;

pub use ftrack_entity::{
    Attribute, AttributeHandle, AttributeKind, DataType, EntityState, EntityType, Identity, Json,
    Key, Operation, Retention, Schema, Timestamp, Value,
};
pub use ftrack_transport::{ApiKey, ConnectionOptions, Proxy, RetryPolicy};

pub use self::action::{
    Action, ActionOffer, ActionReply, DiscoveredAction, RegisteredAction, SelectedEntity, Selection,
};
pub use self::cache::{EntityCache, entity_key};
pub use self::collection::{Collection, Members};
pub use self::component::{DownloadOptions, Downloaded, LocationChoice, MendPlan, Mended};
pub use self::custom_attributes::CustomAttributes;
pub use self::customise::{ConstructEntityType, Customisation};
pub use self::effective::{EffectiveAttribute, EffectiveAttributes, Origin};
pub use self::encode::{Data, EncodeStrategy};
pub use self::entity::{Entity, EntityAttribute, FromAttribute};
pub use self::error::{Error, ErrorKind, Result};
pub use self::fetch::{FetchPolicy, ThreadSetting};
pub use self::formatter::{Colours, Formatter};
pub use self::helpers::{
    AssetVersionHelpers, ComponentHelpers, JobHelpers, NoteHelpers, NoteOptions,
    ProjectSchemaHelpers, ReviewSessionHelpers, ThumbnailHelpers, TimerHelpers, TimerOptions,
    UserHelpers,
};
pub use self::location::{
    AddOptions, Availability, Location, LocationConfiguration, LocationKind, RegisteredFile,
    RemoveOptions, Source, SyncFailure, SyncItem, SyncOptions, SyncProgress, SyncReason,
    SyncReport, Verification,
};
pub use self::media::{EncodeMediaOptions, Media};
pub use self::metadata::Metadata;
pub use self::plugin::Plugin;
pub use self::plugin_arguments::PluginArguments;
pub use self::query_result::{Entities, QueryResult, QueryText, Records, Results};
pub use self::schema_cache::SchemaCache;
pub use self::server_accessor::{
    RateLimit, ServerAccessor, StartedAnewReason, UploadControl, UploadNotice, UploadOptions,
    UploadState, UploadStatus,
};
pub use self::session::{ServerInformation, Session, WeakSession};
pub use self::start::SessionBuilder;
pub use self::storage_scenario::CentralizedStorageWizard;
pub use self::trace::{Trace, TracedRequest};
pub use self::update::{AttributeUpdate, EntityUpdate, Update, UpdateAction};
pub use self::work::{
    Committed, EntityChange, Inverse, Plan, PlannedAction, PlannedChange, PlannedValue, ValueSide,
};
