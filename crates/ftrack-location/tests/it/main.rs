//! What locations promise, seen from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod accessors;
mod data;
mod disk;
mod errors;
mod find;
mod replacing;
mod sending;
mod sequences;
mod sizes;
mod structures;
mod transfers;
mod transformers;
