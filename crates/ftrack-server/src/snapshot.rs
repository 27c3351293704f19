//! Everything that a server knows in one text file, to start another one from.
//!
//! Each line is a JSON object, one stored entity: its concrete type under `__entity_type__`, and the attributes of its
//! own row as they go over the wire, with foreign keys in place of references and null where there is no value.
//! Values of custom attributes are entities of their own, with `configuration_id`, `entity_id` and `value`.
//! The order of the lines of one type is the order in which its entities came to be; otherwise it does not matter.
//!
//! Files of components and API keys are not part of it.

mod read;
mod write;

pub(crate) use self::read::Snapshot;
pub(crate) use self::write::{check_target, write};

/// Where a line says what it is.
const TYPE: &str = "__entity_type__";
