//! What crosses between a program and a plugin in a shared library.
//!
//! Nothing of Rust's crosses. Both sides have their own copy of every crate, perhaps built by another compiler, with
//! other options and another allocator, so not even a `Vec` could be handed over. What crosses are C structures
//! ([`RemoteEndpoint`], [`Entry`]) and byte strings, which hold the messages of [`message`] as JSON. A buffer that is
//! handed over brings along the function that frees it, which is that of its owner.
//!
//! This crate has all unsafe code of the workspace. It knows no sessions, no entities and no network.
//!
//! # Panics
//!
//! A panic of an [`Endpoint`] becomes an error for the caller, on both sides. A library that is built with
//! `panic = "abort"` cannot do that: a panic in it ends the whole process, so plugins are not to be built that way.
//! Nothing of this crate unwinds across the boundary, whatever destructors, panic messages and log subscribers do.
//!
//! # One plugin in a binary
//!
//! A library exports one [`Entry`] by one name, so a binary can have one plugin: two uses of `export_plugin!` that are
//! linked together are an error of the linker, "duplicate symbol `FTRACK_PLUGIN`".
//!
//! # Using it
//!
//! This crate is an inner part of `ftrack`, and may change with every version. Programs load libraries with a [`Mark`]
//! only; reading a file runs none of its code:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let path = folder.path().join("no_plugin.so");
//! std::fs::write(&path, "some library")?;
//! assert!(ftrack_plugin_abi::Mark::find(&path)?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! Why plugins share bytes and no objects is told in [a decision](../book/decisions/plugin-boundary.html) of the
//! project's book.
#![deny(unsafe_op_in_unsafe_fn)]
#![allow(
    unsafe_code,
    reason = "C functions are the only thing that two libraries can share"
)]

mod buffer;
mod endpoint;
mod entry;
mod guard;
mod library;
mod mark;
pub mod message;

pub use self::endpoint::{Endpoint, RemoteEndpoint, Reply};
pub use self::entry::{Entry, Exported, VERSION};
pub use self::library::{LoadError, LoadedLibrary};
pub use self::mark::Mark;
