//! Locations that a plugin in a library configures: what they are made of stays there, and the program uses it.

mod fault;
mod known;
mod message;
mod parts;
mod remote;

pub(crate) use self::message::{LocationMessage, PartRequest};
pub(super) use self::parts::Parts;
pub(super) use self::remote::configuration;
