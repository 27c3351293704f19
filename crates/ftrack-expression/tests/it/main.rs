//! Integration tests of `ftrack-expression`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod building;
mod cases;
mod generated;
mod limits;
mod matching;
mod properties;
mod required;
