//! Tests of the server through its public face.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod actions;
mod activity;
mod answers;
mod bounds;
mod bounds_of_connections;
mod client;
mod collections;
mod custom_attribute_links;
mod custom_attributes;
mod deleting;
mod entity_types;
mod event;
mod event_client;
mod event_input;
mod event_update;
mod faults;
mod files;
mod groups;
#[cfg(feature = "media")]
mod media;
mod permissions;
mod persistence;
mod practice;
mod protocol;
mod query;
mod reset;
mod revocation;
mod rights;
mod rights_matrix;
mod schema_description;
mod security_roles;
mod snapshot;
#[cfg(feature = "media")]
mod thumbnails;
#[cfg(all(unix, feature = "media"))]
mod video;
#[cfg(not(feature = "media"))]
mod without_media;
mod writes;
