//! Every order in which threads can meet that want the same attribute of the same records.
//!
//! `loom` runs each test with all interleavings of its threads. It needs locks of its own, so the module is compiled
//! here a second time, its tests included, with those in place of the usual ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "tests fail by panicking, and use a part of what the modules offer"
)]

#[path = "../src/session/loads.rs"]
mod loads;
#[path = "../../ftrack-transport/tests/models/sync.rs"]
mod sync;
