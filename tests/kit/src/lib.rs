//! What tests of several crates need: logs that can be read, servers that do what they are told, storages that fail,
//! and waiting that ends.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests fail by panicking, and so does what helps them"
)]

pub mod http;
pub mod log;
pub mod relay;
pub mod storage;
pub mod wait;
