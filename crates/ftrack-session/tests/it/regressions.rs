//! What release notes of the product name as mended, and what must not come back: a test for each entry about sessions,
//! entities, queries, locations and the caching of entities that no other test is about, named after its version.
//!
//! These have none: comparing an entity with something else (0.2.0) does not compile; the factory of classes
//! (0.8.3, 0.9.0) does not exist. Custom attributes of old servers (1.1.1) are in the module `sparse`, what is about
//! events alone is tested by the crate `ftrack-event`.
//! Events of locations (1.6.0, 1.8.0), what transformers are told (1.7.1) and locations after a reset (0.9.0) are
//! tested in the module `location`.

mod commits;
mod custom_attributes;
mod entities;
mod events;
mod locations;
mod metadata;
mod queries;
mod timers;
