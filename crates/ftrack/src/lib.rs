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
//! london.set_accessor(DiskAccessor::new(storage)?);
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
//! println!("{}", london.get_filesystem_path(&plate)?.display());
//!
//! // To the server as well, for those who cannot reach London.
//! let server = session.location("ftrack.server")?;
//! server.add_component(&plate, &london)?;
//! assert_eq!(server.get_component_availability(&plate)?, 100.0);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | module | what is in it |
//! |---|---|
//! | the root | [`Session`], [`Entity`], [`Collection`], [`Location`], [`Value`], [`Error`] |
//! | [`query`] | the query language: parse, build, check, print |
//! | [`expression`] | the expressions that events are filtered by |
//! | [`event`] | events: the hub, its dispatch, and the connection to the event server |
//! | [`location`] | accessors, structures, sequences and transfers of files |
//! | [`cache`] | caches for any values, and a memoiser |
//! | [`entity`] | schemas, values and records, without any input or output |
//! | [`transport`] | connection options, HTTP, retries, and a scripted stand-in for tests |
#![forbid(unsafe_code)]

#[doc(inline)]
pub use ftrack_session::*;
#[doc(no_inline)]
pub use {
    ftrack_cache as cache, ftrack_entity as entity, ftrack_event as event,
    ftrack_expression as expression, ftrack_location as location, ftrack_query as query,
    ftrack_transport as transport,
};

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
    pub use ftrack_query::{Query, attr};
    pub use ftrack_session::{
        AssetVersionHelpers, Collection, ComponentHelpers, Entity, Error, ErrorKind, FetchPolicy,
        Identity, JobHelpers, Key, Location, LocationChoice, NoteHelpers, NoteOptions,
        ProjectSchemaHelpers, Result, ReviewSessionHelpers, Session, ThumbnailHelpers,
        TimerHelpers, TimerOptions, UserHelpers, Value, values,
    };
}

/// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The programs in the pages of the documentation compile.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../docs/errors.md")]
    struct Errors;
    #[doc = include_str!("../../../docs/events.md")]
    struct Events;
    #[doc = include_str!("../../../docs/listening.md")]
    struct Listening;
    #[doc = include_str!("../../../docs/locations.md")]
    struct Locations;
    #[doc = include_str!("../../../docs/migration.md")]
    struct Migration;
    #[doc = include_str!("../../../docs/plugins.md")]
    struct Plugins;
    #[doc = include_str!("../../../docs/testing.md")]
    struct Testing;
}
