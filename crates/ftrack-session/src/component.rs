//! Creating components from files.

mod choice;
mod create;
mod file_type;

pub use self::choice::LocationChoice;
