//! Where components are taken from, and how.

use std::path::{Path, PathBuf};

use ftrack_location::transfer::TransferOptions;

use crate::{Error, ErrorKind, Location, Result};

/// Where the data of a component comes from: another location, or, for locations of the kind
/// [`Origin`](crate::LocationKind::Origin), the path of a file.
#[derive(Debug, Clone)]
pub struct Source(pub(super) Place);

#[derive(Debug, Clone)]
pub(super) enum Place {
    Location(Location),
    Path(PathBuf),
}

impl From<&Location> for Source {
    fn from(location: &Location) -> Self {
        Self(Place::Location(location.clone()))
    }
}

impl From<Location> for Source {
    fn from(location: Location) -> Self {
        Self(Place::Location(location))
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Self(Place::Path(PathBuf::from(path)))
    }
}

impl From<String> for Source {
    fn from(path: String) -> Self {
        Self(Place::Path(PathBuf::from(path)))
    }
}

/// It has to be Unicode, as resource identifiers are.
impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self(Place::Path(path.to_owned()))
    }
}

/// How components are added to a location.
///
/// ```
/// use ftrack_location::transfer::{CancellationToken, TransferOptions};
/// use ftrack_session::AddOptions;
///
/// let token = CancellationToken::new();
/// let options = AddOptions::new().transfer(TransferOptions::new().checksum(true).cancellation(token));
/// # drop(options);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct AddOptions {
    pub(super) recursive: bool,
    pub(super) transfer: TransferOptions,
}

impl Default for AddOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl AddOptions {
    /// With all that the components consist of, and [`TransferOptions::from_env`].
    pub fn new() -> Self {
        Self {
            recursive: true,
            transfer: TransferOptions::from_env(),
        }
    }

    /// Whether what the components consist of is added as well.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// How data is copied, who is told how far it is, and what can stop it. If there are several sources, data is
    /// copied from one after the other, and progress is counted for each.
    pub fn transfer(mut self, options: TransferOptions) -> Self {
        self.transfer = options;
        self
    }
}

/// The path as resource identifiers are: text.
pub(crate) fn path_text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("the path {} is not Unicode", path.display()),
        )
    })
}
