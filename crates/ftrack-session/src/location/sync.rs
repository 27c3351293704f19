//! Bringing to a location what another one has.

mod options;
mod plan;
mod run;

pub use self::options::{SyncOptions, SyncProgress};

use self::run::Sync;
use super::Location;
use crate::error::{Error, ErrorKind, Result};

/// A file or component that [`Location::sync_from`] brings, or would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncItem {
    /// The id of the component.
    pub component_id: String,
    /// The type of the component.
    pub component_type: String,
    /// The name of the component.
    pub name: String,
    /// Where it is in the location that it comes from.
    pub resource_identifier: String,
    /// How many bytes are registered; `None` if that is not known, or if it is not a file.
    pub size: Option<u64>,
    /// Why it is brought.
    pub reason: SyncReason,
}

/// Why something is brought to a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncReason {
    /// It is not registered there.
    NotRegistered,
    /// It is registered, and the file is not there.
    Missing,
    /// The file has another size than is registered.
    OtherSize {
        /// How many bytes it has.
        found: u64,
    },
    /// The file has the same size and another checksum than that of the other location.
    OtherContent,
}

/// Something that could not be brought.
#[derive(Debug)]
#[non_exhaustive]
pub struct SyncFailure {
    /// What it is.
    pub item: SyncItem,
    /// Why it could not be brought.
    pub error: Error,
}

/// What [`Location::sync_from`] did, or would do.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SyncReport {
    /// How many registrations of the other location were looked at.
    pub checked: u64,
    /// What lacked or differed, in the order in which it was found; with what failed.
    pub wanted: Vec<SyncItem>,
    /// How many files were brought.
    pub files: u64,
    /// How many bytes these have, as far as it is registered.
    pub bytes: u64,
    /// What could not be brought. Everything else was.
    pub failed: Vec<SyncFailure>,
    /// Whether it ended early, because nothing at all could be brought any more.
    pub given_up: bool,
}

impl SyncReport {
    /// Whether there is nothing that could not be brought.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && !self.given_up
    }
}

impl Location {
    /// Brings here what `source` has: components that are not registered here, and files that are registered and
    /// missing, or that have another size than is registered or, if [`SyncOptions::checksum`] says so, another content
    /// than in `source`. Files here that have to go are replaced as with
    /// [`AddOptions::replace`](crate::AddOptions::replace).
    ///
    /// It works in batches, each of which is copied side by side and then registered. What is here already is not
    /// copied again, so a call that was broken off is resumed by calling it again. What cannot be brought, such as a
    /// file that `source` does not have either, is told in the report, and the rest is brought all the same. Each batch
    /// is a unit of work of its own: nothing that is recorded in this session is committed.
    ///
    /// ```
    /// use ftrack_session::{Location, Result, SyncOptions};
    ///
    /// fn repair(archive: &Location, london: &Location) -> Result<()> {
    ///     let plan = archive.sync_from(london, &SyncOptions::new().project("bunny").dry_run(true))?;
    ///     println!("{} of {} are missing or differ", plan.wanted.len(), plan.checked);
    ///     let report = archive.sync_from(london, &SyncOptions::new().project("bunny"))?;
    ///     for failure in &report.failed {
    ///         println!("{}: {:#}", failure.item.name, failure.error);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if both locations are the same, the server does not know what is in one of them
    /// (of the kinds `Memory` and `Origin`), or this one leaves data alone; [`ErrorKind::NotFound`] if there is no such
    /// project; [`ErrorKind::Location`] if one of them has no accessor or this one no structure;
    /// [`ErrorKind::Cancelled`] if it was cancelled, when everything before the last batch stays; the errors of queries
    /// and of the accessors.
    #[track_caller]
    pub fn sync_from(&self, source: &Self, options: &SyncOptions) -> Result<SyncReport> {
        self.check_sync(source)?;
        Sync::new(self, source, options)?.run()
    }

    fn check_sync(&self, source: &Self) -> Result<()> {
        let refused = |message: String| Err(Error::new(ErrorKind::InvalidArgument, message));
        if self.id() == source.id() {
            return refused(format!("{self:?} cannot be brought to itself"));
        }
        for location in [self, source] {
            if location.kind().is_in_memory() {
                return refused(format!("the server does not know what is in {location:?}"));
            }
            location.required_accessor()?;
        }
        if !self.kind().manages_data() {
            return refused(format!(
                "nothing is copied to {self:?}: it leaves files where they are"
            ));
        }
        if self.structure().is_none() {
            return Err(self.error(format!("no structure is defined for {self:?}")));
        }
        Ok(())
    }
}
