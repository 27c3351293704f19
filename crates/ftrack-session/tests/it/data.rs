//! What users would lose data or time by.

mod decoding;
mod deleted;
mod errors;
mod hooks;
mod paths;
mod plans;
mod records;
mod reentrant;
mod siblings;
mod values;
