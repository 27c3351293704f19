//! Whole stories over real HTTP, against a local server in this process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod bad_input;
mod commits;
mod documentation;
mod events;
mod fake;
mod lost;
mod plugins;
mod reading;
mod secrets;
mod support;
mod writing;
