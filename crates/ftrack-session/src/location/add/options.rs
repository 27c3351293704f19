//! Where components are taken from, and how.

use std::path::Path;

use ftrack_location::transfer::TransferOptions;

use crate::Location;

/// How many bytes are read at once, if the environment says so.
const CHUNK_SIZE: &str = "FTRACK_API_FILE_CHUNK_SIZE";

/// Where the data of a component comes from: another location, or, for locations of the kind
/// [`Origin`](crate::LocationKind::Origin), the path of a file.
#[derive(Debug, Clone)]
pub struct Source(pub(super) Place);

#[derive(Debug, Clone)]
pub(super) enum Place {
    Location(Location),
    Path(String),
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
        Self(Place::Path(path.to_owned()))
    }
}

impl From<String> for Source {
    fn from(path: String) -> Self {
        Self(Place::Path(path))
    }
}

/// Resource identifiers are text: what of the path is not Unicode is replaced.
impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self(Place::Path(path.to_string_lossy().into_owned()))
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
    /// With all that the components consist of. Data is read in chunks of as many bytes as the environment variable
    /// `FTRACK_API_FILE_CHUNK_SIZE` says, else 1 MiB.
    pub fn new() -> Self {
        let asked = std::env::var(CHUNK_SIZE).ok();
        let transfer = TransferOptions::new();
        Self {
            recursive: true,
            transfer: match asked.as_deref().and_then(bytes) {
                Some(bytes) => transfer.chunk_size(bytes),
                None => transfer,
            },
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

/// The number of bytes that the environment asks for, if it is one.
fn bytes(text: &str) -> Option<usize> {
    text.trim().parse().ok().filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_how_much_is_read_at_once() {
        for (text, expected) in [
            ("1048576", Some(1_048_576)),
            (" 10 ", Some(10)),
            ("0", None),
            ("-5", None),
            ("much", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), expected, "{text:?}");
        }
    }
}
