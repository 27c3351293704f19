//! The ftrack client for Rust.
