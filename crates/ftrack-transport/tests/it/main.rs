//! The transport against a small HTTP server on the loopback interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod calls;
mod errors;
mod files;
mod lifecycle;
mod pending;
mod proxies;
mod redirects;
mod retries;
mod secrets;
mod server;
mod streams;
mod threads;
mod tls;
mod uploads;
