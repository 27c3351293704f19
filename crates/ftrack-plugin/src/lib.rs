//! Plugins of ftrack sessions in shared libraries.
//!
//! A studio puts libraries into folders, and programs that are built with this crate load them when a session starts,
//! unless they turn that off. What crosses between the two is [bytes](ftrack_plugin_abi): in the library a session of
//! its own stands for the program's, so a [`Plugin`](ftrack_session::Plugin) is written as one in the program is.
//!
//! - In a program, [`LibraryPlugins`] says for a [`SessionBuilder`](ftrack_session::SessionBuilder) what is loaded and
//!   from where, or that nothing is; [`discover`] finds plugins for a session that has started already.
//! - In a library, [`export_plugin!`] makes a `Plugin` one that is found.
//!
//! Sessions know nothing of this crate. It is told what becomes of them as an
//! [`Extension`](ftrack_session::extension::Extension).
//!
//! This crate is an inner part of `ftrack`, which re-exports it with its feature `plugins`; it may change with every
//! version.
//!
//! # A plugin
//!
//! A library of the type `cdylib` has one:
//!
//! ```
//! use ftrack_plugin::export_plugin;
//! use ftrack_session::{Plugin, PluginArguments, Result, Session};
//!
//! struct Greeting;
//!
//! impl Plugin for Greeting {
//!     fn register(&self, session: &Session, _: &PluginArguments) -> Result<()> {
//!         session.event_hub().subscribe("topic=studio.hello", |event| {
//!             println!("hello, {}", event.data["name"]);
//!             Ok(None)
//!         })?;
//!         Ok(())
//!     }
//! }
//!
//! export_plugin!(Greeting);
//! # fn main() {}
//! ```
//!
//! # A program
//!
//! Loading a library runs native code with all rights of the process, so the builder says whether and from where:
//!
//! ```no_run
//! use ftrack_plugin::LibraryPlugins;
//! use ftrack_session::SessionBuilder;
//!
//! # fn main() -> ftrack_session::Result<()> {
//! let session = SessionBuilder::new().plugin_paths(["/studio/plugins"]).connect()?;
//! let without = SessionBuilder::new().library_plugins(false).connect()?;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod change;
mod convert;
mod discover;
mod error;
mod export;
mod exported;
mod hook;
mod host;
mod library;
mod link;
mod load;
mod location;
mod numbered;
mod register;
#[cfg(test)]
mod tests;
mod value;

pub use self::discover::discover;
pub use self::load::{Libraries, LibraryPlugins};
pub use self::register::LibraryPlugin;

/// What [`export_plugin`] writes into a library. Nothing here is for anybody else.
#[doc(hidden)]
pub mod __private {
    pub use ftrack_plugin_abi::Entry;
    pub use ftrack_session::Plugin;

    pub use crate::export::entry;
    pub use crate::exported::Exported;
}
