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
