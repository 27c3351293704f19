//! The query language from the outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod builder;
mod check;
mod data;
mod limits;
mod properties;
mod tree;
