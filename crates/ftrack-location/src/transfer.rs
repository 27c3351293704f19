//! Copying resources from one storage to another.
//!
//! Each resource is staged, checked and published by its target ([`Accessor::create`]), so nothing that exists is
//! replaced and nothing is ever half there. Several resources are copied at once, and where both ends are files of
//! this machine the system copies, sharing the blocks where the file system can.
//!
//! ```
//! use std::io::Write;
//!
//! use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
//! use ftrack_location::{Accessor, CreateOptions, MemoryAccessor};
//!
//! let [source, target] = [MemoryAccessor::new(), MemoryAccessor::new()];
//! for frame in ["plate.0001.exr", "plate.0002.exr"] {
//!     let mut upload = source.create(frame, &CreateOptions::new())?;
//!     upload.write_all(b"pixels")?;
//!     upload.finish()?;
//! }
//!
//! let items = [
//!     TransferItem::new("plate.0001.exr", "bunny/file.0001.exr"),
//!     TransferItem::new("plate.0002.exr", "bunny/file.0002.exr"),
//! ];
//! let options = TransferOptions::new().progress(|progress| {
//!     println!("{} of {} files, {} bytes", progress.files, progress.total_files, progress.bytes);
//! });
//! let summary = transfer(&source, &target, &items, &options)?;
//! assert_eq!((summary.files, summary.bytes), (2, 12));
//! assert_eq!(target.list("bunny")?, ["bunny/file.0001.exr", "bunny/file.0002.exr"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod copy;
mod error;
mod options;
mod progress;
mod reporter;
mod run;

pub use self::error::{CopyError, TransferError, TransferFailure};
pub use self::options::{CancellationToken, TransferOptions};
pub use self::progress::Progress;

use self::run::Run;
use crate::accessor::Accessor;

/// What is to be copied, and where to.
///
/// ```
/// use ftrack_location::transfer::TransferItem;
///
/// let item = TransferItem::new("plate.exr", "a/b/c/d/plate.exr").with_size(52_428_800);
/// assert_eq!(item.target(), "a/b/c/d/plate.exr");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferItem {
    source: String,
    target: String,
    size: Option<u64>,
    size_is_checked: bool,
    file_name: Option<String>,
    replaces: bool,
}

impl TransferItem {
    /// A resource by its identifiers in the source and in the target.
    pub fn new(source: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            target: target.into(),
            size: None,
            size_is_checked: false,
            file_name: None,
            replaces: false,
        }
    }

    /// Says that the target has a resource of this identifier, which it replaces itself once the new one is whole, as
    /// the server of ftrack does. If something is wrong with the source then, what is there stays.
    pub fn replacing(mut self, replaces: bool) -> Self {
        self.replaces = replaces;
        self
    }

    /// Says how many bytes there will be, for the progress only.
    pub fn with_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Says how many bytes the source has. With any other number the resource is not copied: what is registered and
    /// what is there are not the same.
    pub fn expect_size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self.size_is_checked = true;
        self
    }

    /// How many bytes the source must have, if that matters.
    fn expected_size(&self) -> Option<u64> {
        self.size.filter(|_| self.size_is_checked)
    }

    /// The name, with its extension, that the resource has for people; see
    /// [`CreateOptions::file_name`](crate::CreateOptions::file_name).
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// The resource identifier in the source.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The resource identifier in the target.
    pub fn target(&self) -> &str {
        &self.target
    }
}

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferSummary {
    /// How many resources.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// Copies resources from `source` to `target`, making the containers that they go to.
///
/// After the first failure nothing new is started; what was copied stays, and the error names it.
///
/// # Errors
///
/// [`TransferError`] names what was transferred and what was not, and why.
pub fn transfer(
    source: &dyn Accessor,
    target: &dyn Accessor,
    items: &[TransferItem],
    options: &TransferOptions,
) -> Result<TransferSummary, TransferError> {
    Run::new(source, target, items, options).finish()
}
