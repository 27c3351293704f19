//! Tests of the server through its public face.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod actions;
mod activity;
mod client;
mod custom_attribute_links;
mod custom_attributes;
mod event;
mod event_client;
mod event_input;
mod event_update;
mod faults;
mod files;
mod media;
mod permissions;
mod persistence;
mod protocol;
mod query;
mod reset;
mod schema;
mod snapshot;
mod studio;
mod writes;
