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
//! # Where the protocol leaves a choice
//!
//! * In strict mode refusals carry a status: 401 for credentials, 403 for permissions, 404 for what does not exist,
//!   409 for duplicates, 413 for requests that are too large, 400 for anything else that the client can mend, 500 otherwise.
//! * A request is one transaction: its operations take effect in order, all or none. Required values, references and
//!   unique names are checked when all of them are done.
//! * Text is equal when it is the same, case included; `like` ignores case and knows `%` and `_`.
//! * `is_not`, `not_in` and `not_like` hold for what has no value; every other comparison but `is null` does not.
//!   A path through a reference that names nothing ends in null, one through an empty collection ends nowhere.
//! * `has ()` and `any ()` ask whether there is something; `in ()` matches nothing.
//! * An attribute that a base type lacks is looked for on the types of its family; rows without it do not match.
//! * Without `order by` rows come by type and age; with it, those without a value come last and equal ones by key.
//! * Projected custom attributes always have their key and value. Dates are stored in UTC and sent without an offset.
//! * Users without a security role on a project neither see nor change what belongs to it, but hear of it in events.
//! * Deleting an entity deletes what belongs to it; logged time stays, and what others need is not deleted.

mod action;
mod answer;
mod catalog;
mod credentials;
mod engine;
mod error;
mod event;
mod files;
mod http;
mod links;
mod media;
mod persist;
mod read;
mod refusal;
pub mod schema;
mod server;
mod store;
pub mod studio;
mod value;
mod write;

pub use error::{Error, Result};
pub use schema::Schema;
pub use server::{RunningServer, Server, ServerBuilder};
