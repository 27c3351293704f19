//! What the caches promise, seen from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

#[cfg(feature = "file")]
mod file;
mod kinds;
mod layers;
mod memoising;
mod memory;
mod naming;
mod reentrant;
