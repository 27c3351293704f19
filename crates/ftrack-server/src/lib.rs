//! A local ftrack-compatible server to develop and test against.
//!
//! It speaks the protocol of a real server over HTTP, evaluates the whole query language, and keeps the rules that a
//! production relies on, so that pipeline code can be written, run and tested with no account and no network.
//!
//! ```
//! let server = ftrack_server::Server::builder().demo(true).start()?;
//! println!("{} {} {}", server.url(), server.user(), server.api_key());
//! # Ok::<(), ftrack_server::Error>(())
//! ```
//!
//! # In a test
//!
//! Each test has a server of its own, on a port that the system gives it, and ends it by dropping it. The demo
//! production has the same entities with the same ids in every run.
//!
//! ```
//! use ftrack_server::{Fault, Server};
//!
//! # fn main() -> Result<(), ftrack_server::Error> {
//! let server = Server::builder().demo(true).testing(true).start()?;
//! // Whatever speaks ftrack's protocol connects to server.url() as server.user() with server.api_key().
//! server.fail_next(Fault::status(503).action("create"))?;
//! assert_eq!(server.faults_left(), 1);
//! server.reset()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Kept in a folder
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let server = ftrack_server::Server::builder().data_dir(folder).start()?;
//! let key = server.api_key().to_owned();
//! server.stop();
//! // The same studio again, and the same key.
//! let server = ftrack_server::Server::builder().data_dir(folder).start()?;
//! assert_eq!(server.api_key(), key);
//! # Ok(())
//! # }
//! ```
//!
//! # Snapshots
//!
//! A server can begin with the entities of a file ([`ServerBuilder::from_file`]) in place of the studio, and can write
//! such a file at any time ([`RunningServer::snapshot`]) or when it stops ([`ServerBuilder::snapshot_on_stop`]).
//! Each line is a JSON object, one entity: its concrete type under `__entity_type__`, and the attributes of its own
//! row as they go over the wire, with foreign keys (`parent_id`) in place of references (`parent`).
//!
//! ```json
//! {"__entity_type__":"User","id":"5b1f…","username":"admin","is_active":true}
//! {"__entity_type__":"ContextCustomAttributeValue","configuration_id":"9a0c…","entity_id":"77e1…","value":1001}
//! ```
//!
//! * The file is all that there is: nothing of the studio is added, and the administrator must be in it, with roles
//!   to see and change something.
//! * Attributes that a line does not mention are filled as for a new entity; null means no value. Projects of
//!   contexts follow from their parents. Nothing else follows from a line. What defaults name (object types,
//!   priorities) has to be in the file like anything else that is named.
//! * Lines may refer to later ones. The order within a type is the order in which its entities came to be.
//! * Files of components and API keys are not in it. Only the administrator has a key then.
//! * What was written is read back to a server that answers the same.
//!
//! # Features
//!
//! * `media`: thumbnails, and the encoding of images and videos. Without it requests for these are answered with an
//!   error that names the feature. The command `ftrack` turns it on.
//!
//! # Testing against it
//!
//! A server started with [`ServerBuilder::testing`] can go back to the state that it started with
//! ([`RunningServer::reset`], `POST /_local/reset`), and can be told to fail ([`RunningServer::fail_next`],
//! `POST /_local/faults`, see [`Fault`]). Over HTTP both want the credentials of a user; a server that was not started
//! for tests does not have these addresses.
//!
//! # Where the protocol leaves a choice
//!
//! In short; [the whole list](../book/server.html#where-the-protocol-leaves-a-choice) is in the project's book.
//!
//! * In strict mode errors carry a status: 401 for credentials, 403 for permissions, 404 for what does not exist,
//!   409 for duplicates, 413 for requests that are too large, 429 while too many wait to write, 503 while others ask
//!   for too much, 400 for anything else that the client can mend, 500 otherwise.
//! * A request is one transaction: its operations take effect in order, all or none. Required values, references and
//!   unique names are checked when all of them are done.
//! * Text is equal whatever its case, but for keys and ids; `like` knows `%` and `_`, and a backslash before them.
//! * `is_not`, `not_in` and `not_like` hold for what has no value; every other comparison but `is null` does not.
//!   A path through a reference that names nothing ends in null, one through an empty collection ends nowhere.
//! * `has ()` and `any ()` ask whether there is something; an empty `in ()` is refused, as real servers do.
//! * An attribute that a base type lacks is looked for on the types of its family; rows without it do not match.
//! * Without `order by` rows come by type and age; with it, those without a value come last and equal ones by key.
//! * Projected custom attributes always have their key and value. Dates are stored in UTC and sent without an offset.
//! * Users without a security role on a project neither see nor change what belongs to it, and `ftrack.update` does not
//!   tell them of it. What one does not see does not exist. It takes the role of an administrator on all projects to
//!   change how things work: statuses, settings, roles, other users.
//! * Deleting an entity deletes what belongs to it; logged time stays, what a deleted user wrote stays without its
//!   author, and what others need is not deleted.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod access;
mod action;
mod answer;
mod budget;
mod caller;
mod catalog;
mod credentials;
mod definitions;
mod engine;
mod error;
mod event;
mod failpoint;
mod files;
mod hex;
mod http;
mod json_size;
mod limits;
mod links;
mod media;
mod media_queue;
mod parallel;
mod persist;
mod read;
mod request_error;
mod rights;
mod schema;
mod server;
mod snapshot;
mod store;
mod studio;
mod testing;
mod text;
mod value;
mod widgets;
mod write;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use error::{Error, Result, SnapshotError};
pub use event::EventLimits;
pub use limits::ServerLimits;
pub use schema::{SchemaVersion, UnknownSchemaVersion};
pub use server::{RunningServer, Server, ServerBuilder};
pub use testing::Fault;
