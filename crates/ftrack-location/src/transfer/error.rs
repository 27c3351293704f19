//! What can go wrong when resources are copied.

use std::error::Error;
use std::fmt;

use super::TransferItem;
use crate::accessor::AccessorError;

/// Not everything could be transferred.
///
/// ```
/// use ftrack_location::MemoryAccessor;
/// use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
///
/// let [source, target] = [MemoryAccessor::new(), MemoryAccessor::new()];
/// let items = [TransferItem::new("missing.exr", "plate.exr")];
/// let error = transfer(&source, &target, &items, &TransferOptions::new()).unwrap_err();
/// assert!(error.transferred().is_empty());
/// assert_eq!(error.failures()[0].item().source(), "missing.exr");
/// ```
#[derive(Debug)]
pub struct TransferError {
    pub(super) transferred: Vec<String>,
    pub(super) failures: Vec<TransferFailure>,
    pub(super) total: usize,
}

impl TransferError {
    /// The resource identifiers, in the target, of what was transferred before: it is up to the caller to keep it, to
    /// remove it, or to transfer the rest.
    pub fn transferred(&self) -> &[String] {
        &self.transferred
    }

    /// What failed, and why; empty if the transfer was cancelled and nothing failed.
    pub fn failures(&self) -> &[TransferFailure] {
        &self.failures
    }

    /// Whether nothing failed: the transfer was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.transferred.len();
        let total = self.total;
        if self.is_cancelled() {
            write!(
                formatter,
                "the transfer was cancelled, {done} of {total} resources were transferred"
            )
        } else {
            write!(
                formatter,
                "the transfer failed, {done} of {total} resources were transferred"
            )
        }
    }
}

impl Error for TransferError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failures.first().map(|failure| failure as _)
    }
}

/// A resource could not be transferred.
#[derive(Debug, thiserror::Error)]
#[error("cannot transfer {:?} to {:?}", item.source, item.target)]
pub struct TransferFailure {
    pub(super) item: TransferItem,
    #[source]
    pub(super) error: CopyError,
}

impl TransferFailure {
    /// What was to be transferred.
    pub fn item(&self) -> &TransferItem {
        &self.item
    }

    /// Why it was not.
    pub fn error(&self) -> &CopyError {
        &self.error
    }
}

/// Why a resource could not be copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The source could not be read.
    #[error("the source cannot be read")]
    Source(#[source] AccessorError),
    /// The target could not be written.
    #[error("the target cannot be written")]
    Target(#[source] AccessorError),
    /// The source has another size than expected ([`TransferItem::expect_size`]).
    #[error("the source has {} bytes, expected {expected}", Found(*found))]
    WrongSize {
        /// How many bytes there should be.
        expected: u64,
        /// How many there are; `None` if reading stopped because there were more.
        found: Option<u64>,
    },
    /// The source was written to while it was copied, so the copy may be neither the old nor the new content.
    #[error("the source changed while it was copied")]
    Changed,
}

/// How many bytes were found, in words.
struct Found(Option<u64>);

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => bytes.fmt(formatter),
            None => formatter.write_str("more"),
        }
    }
}
