//! Where components are taken from, and how.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ftrack_location::transfer::TransferOptions;

use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::location::Location;
use crate::server_accessor::{Journal, UploadOptions};

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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, and none excludes another"
)]
pub struct AddOptions {
    pub(super) recursive: bool,
    pub(super) check_sizes: bool,
    pub(crate) elsewhere: bool,
    pub(super) replace: bool,
    pub(super) transfer: TransferOptions,
    pub(crate) upload: UploadOptions,
    /// The state of the call that this one belongs to.
    pub(super) journal: Option<Arc<Journal>>,
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
            check_sizes: true,
            elsewhere: false,
            replace: false,
            transfer: TransferOptions::from_env(),
            upload: UploadOptions::new(),
            journal: None,
        }
    }

    /// Whether what the components consist of is added as well.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// Whether a file that is copied from another location must have the size that is registered for it. Defaults to
    /// `true`: a page to log in, or half a file, is not what was asked for. A registered size of 0 is not compared.
    pub fn check_sizes(mut self, check: bool) -> Self {
        self.check_sizes = check;
        self
    }

    /// Whether the file of a component that is created may be somewhere that this machine does not reach. Defaults to
    /// `false`: then a path where there is no file is an error, unless the data of the component has a `size`.
    pub fn elsewhere(mut self, elsewhere: bool) -> Self {
        self.elsewhere = elsewhere;
        self
    }

    /// Whether files that are there already are replaced: those of components that are in the location, which stay
    /// where they are registered, and those that nobody has registered. Files of other components never are. Defaults
    /// to `false`.
    ///
    /// New files are written beside the old ones and put in their place when all of them have arrived; the old ones are
    /// kept until the components are registered, and brought back if anything fails before ([`Replacement`]). A program
    /// that is killed meanwhile leaves whole files under their names, and others beside them that
    /// [`Location::verify`] names. The location `ftrack.server` cannot do that: there, each file is replaced when its
    /// upload is complete.
    ///
    /// [`Replacement`]: ftrack_location::Replacement
    pub fn replace(mut self, replace: bool) -> Self {
        self.replace = replace;
        self
    }

    /// How data is copied, who is told how far it is, and what can stop it. If there are several sources, data is
    /// copied from one after the other, and progress is counted for each.
    pub fn transfer(mut self, options: TransferOptions) -> Self {
        self.transfer = options;
        self
    }

    /// How data is uploaded to a location of the kind [`Server`](crate::LocationKind::Server): how fast, what pauses
    /// it, and where its state is kept so that a later call goes on with it.
    pub fn upload(mut self, options: UploadOptions) -> Self {
        self.upload = options;
        self
    }

    /// Goes on with this state.
    pub(crate) fn with_journal(mut self, journal: Arc<Journal>) -> Self {
        self.journal = Some(journal);
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
