//! End-to-end and conformance suites: what they share.
//!
//! The stories that are told end to end are in `tests/it`; the scripts of the official client are in `conformance`
//! and are run by `cargo xtask conformance`.
#![forbid(unsafe_code)]

pub mod exchange;
pub mod peer;
pub mod wire;
