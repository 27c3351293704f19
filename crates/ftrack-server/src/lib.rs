//! A local ftrack-compatible server to develop and test against.

pub mod schema;
pub mod studio;
