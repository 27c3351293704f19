//! Every order in which threads can meet at a computation that one of them makes for all.
//!
//! `loom` runs each test with all interleavings of its threads. It needs locks of its own, so the module is compiled
//! here a second time, its tests included, with those in place of the usual ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "tests fail by panicking, and use a part of what the modules offer"
)]

#[path = "../src/memoiser/in_flight.rs"]
mod in_flight;
#[path = "../../ftrack-transport/tests/models/sync.rs"]
mod sync;
