//! Options that several commands share, each defined once.

mod change;
mod columns;
mod connection;
mod deletion;
mod disk;
mod format;
mod named;
mod parse;
mod upload;

pub(crate) use self::change::{Change, Sentence};
pub(crate) use self::columns::Columns;
pub(crate) use self::connection::Connection;
pub(crate) use self::deletion::Deletion;
pub(crate) use self::disk::Disks;
pub(crate) use self::format::{Format, Layout, Report};
pub(crate) use self::named::Named;
pub(crate) use self::parse::{json, object, seconds};
pub(crate) use self::upload::Uploading;
