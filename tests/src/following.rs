//! A listener that must miss nothing, a server that keeps its data, a line between them, and somebody who makes changes
//! while all three are cut and killed.
//!
//! The listener and the server are processes, so that they can be killed: the program `event-peer` with the arguments
//! `follow FOLDER` and `serve FOLDER ADDRESS`. [`trial`] is the rest.

mod listener;
mod processes;
mod record;
mod trial;

pub use self::listener::listen;
pub use self::processes::serve;
pub use self::trial::{Plan, Report, trial};

/// The key of the server.
const KEY: &str = "a-key-for-trials";

/// What texts of changes begin with.
const WORD: &str = "change ";
