//! End-to-end and conformance suites: what they share.
//!
//! The stories that are told end to end are in `tests/it`; the scripts of the official client are in `conformance`
//! and are run by `cargo xtask conformance`.
#![forbid(unsafe_code)]

pub mod exchange;
pub mod following;
pub mod peer;
pub mod schema_difference;
pub mod wire;

/// The programs in the pages of the book compile, and do what they assert.
#[cfg(doctest)]
mod book {
    include!(concat!(env!("OUT_DIR"), "/book.rs"));
}
