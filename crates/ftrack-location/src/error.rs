//! The error of whoever extends this crate.

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
