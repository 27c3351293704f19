//! Integration tests of `ftrack-event`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[cfg(feature = "deadlock-detection")]
mod deadlocks;
mod local;
mod relay;
#[cfg(feature = "socket")]
mod server;
#[cfg(feature = "socket")]
mod socket;
