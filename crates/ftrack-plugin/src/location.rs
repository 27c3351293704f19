//! Locations that a plugin in a library configures: what they are made of stays there, and the program uses it.

mod error;
mod known;
mod message;
mod parts;
mod remote;

pub(crate) use self::parts::Parts;
pub(crate) use self::remote::{PluginLibrary, configuration};
