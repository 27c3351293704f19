//! Tests of the server through its public face.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod schema;
mod studio;
