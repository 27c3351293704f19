//! What Python holds of sessions and entities, and how objects for entities are made.
//!
//! The classes are here without their methods: those of a session answer with entities, those of an entity name its
//! session, and both are written above, in [`crate::session`] and [`crate::entity`].

mod entity;
mod make;
mod session;

pub(crate) use self::entity::{CachedObject, EntityHandle};
pub(crate) use self::make::{bare_object, detached_object, object};
pub(crate) use self::session::SessionCore;
