//! The ftrack client for Rust.
//!
//! ftrack tracks the production of films, animation and games: projects, shots, tasks, versions. This crate talks to
//! an ftrack server from Rust programs. It is a facade: everything comes from the crates it stands on, which can also
//! be used alone.
//!
//! # Tutorial
//!
//! A [`Session`] manages the communication with a server. Give it the address, a user and an API key, or leave them
//! out to have them read from `FTRACK_SERVER`, `FTRACK_API_USER` and `FTRACK_API_KEY`. This tutorial runs against a
//! local server with a small production in it.
//!
//! ```
//! use ftrack::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = ftrack_server::Server::builder().demo(true).start()?;
//! # let (url, user, key) = (server.url(), server.user(), server.api_key());
//! let session = Session::builder().server_url(url).api_user(user).api_key(key).connect()?;
//!
//! // The entity types depend on the server.
//! assert!(session.types().any(|name| name == "Task"));
//!
//! // Queries are issued when their results are read.
//! for project in session.query("Project") {
//!     println!("{}", project?.get::<String>("name")?);
//! }
//!
//! // Criteria narrow a search; text and built queries do the same.
//! let active = session.query("Project where status is active").all()?;
//! let built = session.query(Query::from("Project").filter(attr("status").is("active"))).all()?;
//! assert_eq!(active, built);
//!
//! // Attributes are loaded when they are read, for all entities of an answer at once.
//! let project = session.query("Project").first()?.ok_or("there is no project")?;
//! for child in project.collection("children")?.entities()? {
//!     assert_eq!(child.get::<Option<Entity>>("parent")?, Some(project.clone()));
//! }
//!
//! // What is created and changed is sent together, in one transaction.
//! let sequence = session.create("Sequence", values! { "name": "starlord_reveal", "parent": &project })?;
//! sequence.set("description", "First hero character reveal.")?;
//! session.commit()?;
//!
//! // A second session sees it.
//! let other = Session::builder().server_url(url).api_user(user).api_key(key).connect()?;
//! let found = other.query("Sequence where name is starlord_reveal").one()?;
//! assert_eq!(found.get::<String>("description")?, "First hero character reveal.");
//!
//! // A closed session releases what it holds, and fails from then on.
//! session.close();
//! assert_eq!(session.query("Project").first().unwrap_err().kind(), ErrorKind::ConnectionClosed);
//! # Ok(())
//! # }
//! ```
//!
//! # Files
//!
//! A [`Location`] is a place where files are. Tell the session how to reach it and where in it data goes; then
//! components can be created there, found there, and brought to the next one.
//!
//! ```
//! use ftrack::location::{DiskAccessor, StandardStructure};
//! use ftrack::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = ftrack_server::Server::builder().demo(true).start()?;
//! # let (url, user, key) = (server.url(), server.user(), server.api_key());
//! # let folder = std::env::temp_dir().join(format!("ftrack-doc-files-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let (storage, plates) = (folder.join("storage").display().to_string(), folder.display().to_string());
//! # for frame in 1001..=1003 {
//! #     std::fs::write(folder.join(format!("plate.{frame}.exr")), "pixels")?;
//! # }
//! # let session = Session::builder().server_url(url).api_user(user).api_key(key).connect()?;
//! # session.ensure("Location", values! { "name": "studio.london" }, &[])?;
//! let london = session.location("studio.london")?;
//! london.set_accessor(DiskAccessor::new(storage)?.create_prefix(true));
//! london.set_structure(StandardStructure::new());
//! london.set_priority(10);
//!
//! // Into the location of the highest priority, which is the lowest number.
//! let version = session.query("AssetVersion").first()?.ok_or("there is no version")?;
//! let plate = version.create_component_in(
//!     format!("{plates}/plate.%04d.exr [1001-1003]"),
//!     values! { "name": "plate" },
//!     LocationChoice::Auto,
//! )?;
//! println!("{}", london.filesystem_path(&plate)?.display());
//!
//! // To the server as well, for those who cannot reach London.
//! let server = session.location("ftrack.server")?;
//! server.add_component(&plate, &london)?;
//! assert_eq!(server.component_availability(&plate)?, 100.0);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Chapters
//!
//! The project's book goes further. The links work where it is built beside these pages, by `cargo xtask docs --book`.
//!
//! | to | read |
//! |---|---|
//! | run one session in many threads, or know what loads when | [Sessions](../book/sessions.html) |
//! | find, count and add up | [Querying](../book/querying.html) |
//! | read values that shots inherit | [Values that are inherited](../book/attributes.html) |
//! | publish files | [Publishing](../book/publishing.html), [Locations](../book/locations.html) |
//! | listen to events | [Listening for months](../book/listening.html), [Events](../book/events.html) |
//! | offer actions | [Actions](../book/actions.html) |
//! | write a plugin | [Plugins](../book/plugins.html) |
//! | use it in a service, with tokio or axum | [Services and async programs](../book/services.html) |
//! | test a pipeline | [Testing your pipeline](../book/testing-your-pipeline.html) |
//! | know what an error means | [Errors](../book/errors.html) |
//! | come from the Python client | [From Python to Rust](../book/migration.html) |
//!
//! # Where things are
//!
//! | module | what is in it |
//! |---|---|
//! | the root | [`Session`], [`Entity`], [`Collection`], [`Location`], [`Value`], [`Error`] |
//! | [`query`] | the query language: parse, build, check, print |
//! | [`expression`] | the expressions that events are filtered by |
//! | [`event`] | events: the hub, its dispatch, and the connection to the event server |
//! | `follow` | with the feature `events`: listeners that miss nothing |
//! | [`location`] | accessors, structures, sequences and transfers of files |
//! | [`cache`] | caches for any values, and a memoiser |
//! | [`entity`] | schemas, values and records, without any input or output |
//! | [`transport`] | connection options, HTTP, retries, and a scripted stand-in for tests |
//!
//! # Features
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | `events` | the connection to the event server, and listeners that miss nothing; without it events stay in the process | yes |
//! | `plugins` | plugins in shared libraries: loading them, and being one | yes |
//! | `file-cache` | caches in files | no |
//! | `socks` | proxies that speak SOCKS | no |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod start;
mod threads;

pub use {chrono, serde_json};

#[doc(inline)]
pub use ftrack_entity::{
    Attribute, AttributeHandle, AttributeKind, AttributePosition, DataType, EntityState,
    EntityType, Identity, Json, Key, Operation, Retention, Schema, Timestamp, Value,
};
#[cfg(feature = "plugins")]
#[doc(inline)]
pub use ftrack_plugin::{LibraryPlugin, LibraryPlugins, discover, export_plugin};
#[doc(inline)]
pub use ftrack_session::{
    Action, ActionOffer, ActionReply, AddOptions, AssetVersionHelpers, AttributeUpdate,
    Availability, CentralizedStorageWizard, Collection, Colours, Committed, ComponentHelpers,
    ConstructEntityType, CustomAttributes, Customisation, Data, DiscoveredAction, DownloadOptions,
    Downloaded, EffectiveAttribute, EffectiveAttributes, EncodeMediaOptions, EncodeStrategy,
    Entities, Entity, EntityAttribute, EntityCache, EntityChange, EntityUpdate, Error, ErrorKind,
    FetchPolicy, Formatter, FromAttribute, Inverse, JobHelpers, Location, LocationChoice,
    LocationConfiguration, LocationKind, Media, Members, MendPlan, Mended, Metadata, NoteHelpers,
    NoteOptions, Origin, Plan, PlannedAction, PlannedChange, PlannedValue, Plugin, PluginArguments,
    ProjectSchemaHelpers, QueryResult, QueryText, RateLimit, Records, RegisteredAction,
    RegisteredFile, RemoveOptions, Result, Results, ReviewSessionHelpers, SchemaCache,
    SelectedEntity, Selection, ServerAccessor, ServerInformation, Session, SessionBuilder, Source,
    StartedAnewReason, SyncFailure, SyncItem, SyncOptions, SyncProgress, SyncReason, SyncReport,
    ThreadSetting, ThumbnailHelpers, TimerHelpers, TimerOptions, Trace, TracedRequest, Update,
    UpdateAction, UploadControl, UploadNotice, UploadOptions, UploadState, UploadStatus,
    UserHelpers, ValueSide, Verification, WeakSession, entity_key, symbol, values,
};
#[doc(inline)]
pub use ftrack_transport::{ApiKey, ConnectionOptions, Proxy, RetryPolicy};

pub use self::start::StartSession;

/// The query language: parse, build, check, print.
pub mod query {
    #[doc(inline)]
    pub use ftrack_query::{
        Aggregate, AggregateFunction, Attribute, AttributeKind, BuildError, Diagnostic,
        DiagnosticKind, Filter, InList, KnownKeys, Literal, MAX_DEPTH, MAX_LENGTH, MAX_PATH,
        Number, Operator, OrderKey, ParseError, Path, Query, QueryBuilder, SchemaView, Segment,
        Span, Split, attr, average, closest, count, explain, maximum, minimum, sum,
    };
}

/// The expressions that events are filtered by.
pub mod expression {
    #[doc(inline)]
    pub use ftrack_expression::{
        AsMember, BuildError, Builder, Candidate, Condition, Expression, Field, Kind, MAX_DEPTH,
        MAX_LENGTH, Member, ParseError, ParseErrorKind, Required, Test, all, any, field,
    };
}

/// Events: the hub and its dispatch, and with the feature `events` the connection to the event server.
pub mod event {
    #[doc(inline)]
    pub use ftrack_event::{
        Cause, ConnectionState, Error, Event, EventHub, HandlerError, HandlerResult, HandlerTimes,
        HubOptions, HubStatus, LintWarning, OnError, Outcome, Publication, PublishOptions,
        ReconnectPolicy, Result, ScopedSubscription, Stopper, SubscribeOptions, Subscriber,
        WaitEnded, WeakEventHub, Workers, lint, topics,
    };
}

/// Listeners that miss nothing: `session.follow(…)` of the trait [`FollowEvents`](follow::FollowEvents).
#[cfg(feature = "events")]
pub mod follow {
    #[doc(inline)]
    pub use ftrack_follow::{
        BoxError, DeadLetter, DeadLetters, Error, FilePosition, Follow, FollowEnded, FollowEvents,
        FollowStopper, Followed, Health, ListenerState, MemoryPosition, Origin, Position,
        PositionStore, Replayed, Result, StartAt,
    };
}

/// Accessors, structures, sequences and transfers of files.
pub mod location {
    #[doc(inline)]
    pub use ftrack_location::{
        Accessor, AccessorError, BoxError, CreateOptions, Data, DiskAccessor, EntityIdStructure,
        IdStructure, JsonEntity, LeftOver, Md5, MemoryAccessor, NotAnEntity, OriginStructure,
        Replacement, ResourceIdentifierTransformer, ResourceReader, StandardStructure, Structure,
        StructureContext, StructureError, TransformError, Upload, Watch, accessor, conformance,
        sequence, structure, transfer,
    };
}

/// Caches for any values, and a memoiser. Those in files need the feature `file-cache`.
pub mod cache {
    #[doc(inline)]
    pub use ftrack_cache::{
        BoxError, Cache, CacheKey, Error, KeyMaker, KeyPart, LayeredCache, Memoiser, MemoryCache,
        ObjectKeyMaker, ProxyCache, Result, SerialisedCache, SharedCache, StringKeyMaker,
        conformance, memoise,
    };
    #[cfg(feature = "file-cache")]
    #[doc(inline)]
    pub use ftrack_cache::{FileCache, FileCacheOptions, scoped_folder};
}

/// Entity types, keys and values, without any input or output.
pub mod entity {
    #[doc(inline)]
    pub use ftrack_entity::{
        Attribute, AttributeKind, AttributePosition, DataType, EntityState, EntityType,
        EntityTypeName, Error, Identity, Json, JsonText, Key, KeyPart, KeyText, Operation,
        ReadEntity, Record, Result, Retention, Schema, Text, Timestamp, TimestampError, Value,
    };
}

/// How requests reach a server: connection options, requests and answers, and a scripted stand-in for tests.
pub mod transport {
    #[doc(inline)]
    pub use ftrack_transport::{
        ApiKey, ApiResponse, Body, CallOptions, Canceller, Cause, Completer, ConnectionOptions,
        Error, HttpTransport, Method, Pending, Proxy, Request, Response, Result, RetryPolicy,
        RetryStatistics, ScriptedTransport, Transport, interruptible, scripted,
    };
}

/// What most programs need: `use ftrack::prelude::*;`.
///
/// ```
/// use ftrack::prelude::*;
///
/// fn done(session: &Session) -> Result<Vec<Entity>> {
///     session.query(Query::from("Task").filter(attr("status.name").is("Done"))).all()
/// }
/// ```
pub mod prelude {
    #[cfg(feature = "events")]
    pub use ftrack_follow::FollowEvents;
    #[cfg(feature = "plugins")]
    pub use ftrack_plugin::LibraryPlugins;
    pub use ftrack_query::{Query, attr};
    pub use ftrack_session::{
        AssetVersionHelpers, Collection, ComponentHelpers, Entity, Error, ErrorKind, FetchPolicy,
        Identity, JobHelpers, Key, Location, LocationChoice, NoteHelpers, NoteOptions,
        ProjectSchemaHelpers, Result, ReviewSessionHelpers, Session, ThumbnailHelpers,
        TimerHelpers, TimerOptions, UserHelpers, Value, values,
    };

    pub use crate::start::StartSession;
}

/// The programs in the README compile, and do what they assert.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
