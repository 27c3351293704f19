//! What can go wrong in a cache.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::path::PathBuf;

/// The cause of an error that came from somebody else's code.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The result of a cache operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a cache answers when it cannot do what it was asked.
///
/// Getting a missing key is not an error; removing one is. Ask
/// [`is_key_not_found`](Error::is_key_not_found) to tell that from a failure.
///
/// ```
/// use ftrack_cache::{Cache, MemoryCache};
///
/// let cache: MemoryCache<String, u32> = MemoryCache::new();
/// assert_eq!(cache.get(&"frames".to_owned())?, None);
/// let error = cache.remove(&"frames".to_owned()).unwrap_err();
/// assert!(error.is_key_not_found());
/// assert_eq!(error.to_string(), "no value for key \"frames\"");
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cache holds nothing under this key.
    #[error("no value for key {key:?}")]
    KeyNotFound {
        /// The text of the key.
        key: String,
    },

    /// Another cache, in this process or another one, has the folder open.
    #[error("the cache folder {} is in use by another cache: close that, or give this one a folder of its own", path.display())]
    Locked {
        /// The folder that was to be opened.
        path: PathBuf,
    },

    /// The files below the cache cannot be trusted any more. Reads count as misses; opening the
    /// folder again starts with an empty cache.
    #[error("the cache folder {} is damaged", path.display())]
    Corrupt {
        /// The folder of the cache.
        path: PathBuf,
        /// What gave the damage away.
        source: BoxError,
    },

    /// A value could not be turned into what the underlying cache stores.
    #[error("the value for key {key:?} could not be encoded")]
    Encode {
        /// The text of the key.
        key: String,
        /// What the encoder said.
        source: BoxError,
    },

    /// A stored value could not be turned back.
    #[error("the value for key {key:?} could not be decoded")]
    Decode {
        /// The text of the key.
        key: String,
        /// What the decoder said.
        source: BoxError,
    },

    /// A pattern is not a regular expression. Nothing was removed.
    #[error("{pattern:?} is not a regular expression")]
    Pattern {
        /// The pattern as it was given.
        pattern: String,
        /// Where and why it fails.
        source: BoxError,
    },

    /// There is no room left: the disk, a quota or a limit on file sizes is exhausted.
    #[error("there is no room left for the cache folder {}", path.display())]
    Full {
        /// The folder of the cache.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The folder may not be written to.
    #[error("the cache folder {} cannot be written to", path.display())]
    ReadOnly {
        /// The folder of the cache.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// Reading or writing failed in another way.
    #[error("the cache folder {} could not be read or written", path.display())]
    Io {
        /// The folder of the cache.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// A cache from outside this crate failed; see [`Error::backend`].
    #[error("the cache backend failed")]
    Backend {
        /// What the backend said.
        source: BoxError,
    },
}

impl Error {
    /// The error for a key that a cache does not hold.
    ///
    /// ```
    /// let error = ftrack_cache::Error::key_not_found(&"frames");
    /// assert!(error.is_key_not_found());
    /// ```
    pub fn key_not_found(key: &(impl Display + ?Sized)) -> Self {
        Self::KeyNotFound {
            key: key.to_string(),
        }
    }

    /// Wraps the failure of a cache that is written outside this crate.
    ///
    /// ```
    /// use std::error::Error as _;
    ///
    /// let error = ftrack_cache::Error::backend("connection refused");
    /// assert_eq!(error.source().unwrap().to_string(), "connection refused");
    /// ```
    pub fn backend(source: impl Into<BoxError>) -> Self {
        Self::Backend {
            source: source.into(),
        }
    }

    /// Whether this says that the key is absent, rather than that the cache failed.
    pub fn is_key_not_found(&self) -> bool {
        matches!(self, Self::KeyNotFound { .. })
    }
}
