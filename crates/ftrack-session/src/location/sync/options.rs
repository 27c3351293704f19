//! What is brought from one location to another, and how.

use std::fmt;
use std::sync::Arc;

use ftrack_location::transfer::{CancellationToken, TransferOptions};

use crate::entity::Entity;

/// How far bringing files from one location to another is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncProgress {
    /// How many registrations were looked at.
    pub checked: u64,
    /// How many of them lack or differ.
    pub wanted: u64,
    /// How many files were copied.
    pub files: u64,
    /// How many bytes were copied.
    pub bytes: u64,
}

pub(super) type Told = Arc<dyn Fn(&SyncProgress) + Send + Sync>;

/// What [`Location::sync_from`](crate::Location::sync_from) brings, and how.
///
/// ```
/// use ftrack_session::SyncOptions;
///
/// let options = SyncOptions::new()
///     .project("bunny")
///     .checksum(true)
///     .progress(|progress| println!("{} files, {} bytes", progress.files, progress.bytes));
/// # drop(options);
/// ```
#[derive(Clone)]
#[must_use]
pub struct SyncOptions {
    pub(super) project: Option<String>,
    pub(super) components: Option<Vec<Entity>>,
    pub(super) checksum: bool,
    pub(super) dry_run: bool,
    pub(super) transfer: TransferOptions,
    pub(super) cancellation: CancellationToken,
    pub(super) told: Option<Told>,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl SyncOptions {
    /// Everything that the other location has, compared by sizes.
    pub fn new() -> Self {
        Self {
            project: None,
            components: None,
            checksum: false,
            dry_run: false,
            transfer: TransferOptions::from_env(),
            cancellation: CancellationToken::new(),
            told: None,
        }
    }

    /// Only what was published in this project, given by its name or id.
    pub fn project(mut self, name_or_id: impl Into<String>) -> Self {
        self.project = Some(name_or_id.into());
        self
    }

    /// Only these components, with all that they consist of.
    pub fn components(mut self, components: &[Entity]) -> Self {
        self.components = Some(components.to_vec());
        self
    }

    /// Whether files of the same size are compared by their checksums as well, for which both are read whole, and
    /// copies are checked before they are published. Defaults to `false`.
    pub fn checksum(mut self, checksum: bool) -> Self {
        self.checksum = checksum;
        self
    }

    /// Whether it is only said what would be brought. Defaults to `false`.
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// How many files are compared or copied at once; at least one.
    pub fn parallel(mut self, files: usize) -> Self {
        self.transfer = self.transfer.parallel(files);
        self
    }

    /// Whom to tell how far it is, from any thread but one after the other.
    pub fn progress(mut self, callback: impl Fn(&SyncProgress) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(callback));
        self
    }

    /// What can stop it before its end.
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }
}

impl fmt::Debug for SyncOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SyncOptions")
            .field("project", &self.project)
            .field("components", &self.components)
            .field("checksum", &self.checksum)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}
