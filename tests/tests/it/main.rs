//! Whole stories over real HTTP, against a local server in this process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod bad_input;
mod documentation;
mod events;
mod fake;
mod following;
mod lost;
mod migration;
mod plugins;
mod secrets;
mod support;
