//! Up to where a listener is done, and where that is kept.

pub(crate) mod marks;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use self::marks::Marks;
use crate::error::{BoxError, Error, Result};
use crate::files::{Durability, Lock, replace};
use crate::log::change::Change;

/// The form of positions that this version writes.
const VERSION: u32 = 1;

/// What a listener is done with: which rows of the server's log, and which events whose rows it has not yet read.
///
/// It is JSON to whoever stores it. What it says exactly is the listener's business.
///
/// ```
/// use ftrack_follow::Position;
///
/// let position = Position::default();
/// assert_eq!(position.last_row(), 0);
/// let text = position.to_json();
/// assert_eq!(Position::from_json(&text)?, position);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub(crate) version: u32,
    /// The server that the numbers are of.
    pub(crate) server: Option<String>,
    pub(crate) done: Marks,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) echoes: Vec<StoredEcho>,
    /// The time up to which changes are done with, by the clock of the server.
    pub(crate) time: Option<String>,
    /// Whether no row of the log was ever read, for the user may not read it, or it has nothing to do with what is
    /// followed. Where to begin with it is then told by the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_unread: bool,
    /// What a query for changed entities has told, while that goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) queried: Option<Queried>,
}

/// An event that is done with, and whose row was not read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredEcho {
    #[serde(flatten)]
    pub(crate) change: Change,
    pub(crate) batch: u64,
}

/// How far a query for changed entities was handled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queried {
    pub(crate) since: String,
    pub(crate) done: BTreeSet<String>,
}

impl Default for Position {
    fn default() -> Self {
        Self {
            version: VERSION,
            server: None,
            done: Marks::default(),
            echoes: Vec::new(),
            time: None,
            is_unread: false,
            queried: None,
        }
    }
}

impl Position {
    /// The position after a row.
    pub(crate) fn at(row: i64) -> Self {
        Self {
            done: Marks::up_to(row),
            ..Self::default()
        }
    }

    /// The position of one who cannot read the log, and is done with what happened up to a time.
    pub(crate) fn unread(time: Option<String>) -> Self {
        Self {
            time,
            is_unread: true,
            ..Self::default()
        }
    }

    /// The id of the row of the server's log up to which everything is done with.
    pub fn last_row(&self) -> i64 {
        self.done.floor()
    }

    /// Whether a row of the server's log is done with.
    pub fn is_done(&self, row: i64) -> bool {
        self.done.contains(row)
    }

    /// The time of the latest change that was seen, as the server wrote it.
    pub fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// For storing.
    pub fn to_json(&self) -> String {
        // Every map in it has texts as keys, so this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What [`to_json`](Self::to_json) made.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn from_json(text: &str) -> serde_json::Result<Self> {
        let position: Self = serde_json::from_str(text)?;
        if position.version > VERSION {
            let version = position.version;
            let problem = format!("it is of version {version}, which this program does not know");
            return Err(serde::de::Error::custom(problem));
        }
        Ok(position)
    }
}

/// Where a listener keeps its position: a file by [`FilePosition`], or a store of your own.
///
/// ```
/// use ftrack_follow::{BoxError, Position, PositionStore};
///
/// /// Keeps the position with the program's other state.
/// struct InState(Option<String>);
///
/// impl PositionStore for InState {
///     fn load(&mut self) -> Result<Option<Position>, BoxError> {
///         Ok(self.0.as_deref().map(Position::from_json).transpose()?)
///     }
///
///     fn store(&mut self, position: &Position) -> Result<(), BoxError> {
///         self.0 = Some(position.to_json());
///         Ok(())
///     }
/// }
/// ```
pub trait PositionStore: Send {
    /// The position that was stored last; nothing if none ever was.
    ///
    /// # Errors
    /// Whatever keeps it from being read: the listener does not start.
    fn load(&mut self) -> Result<Option<Position>, BoxError>;

    /// Keeps a position. When it returns, what the position says is acknowledged: it must still be there after a crash.
    ///
    /// # Errors
    /// Whatever keeps it from being stored. It is tried again.
    fn store(&mut self, position: &Position) -> Result<(), BoxError>;
}

/// A position in a file, which is replaced whole and synced to the disk.
///
/// While it lives no other listener can use the file: it is locked by another file beside it (`NAME.lock`), which ends
/// with the process.
pub struct FilePosition {
    path: PathBuf,
    _lock: Lock,
}

impl FilePosition {
    /// A position in this file, which need not exist. Its folder has to.
    ///
    /// # Errors
    /// [`Error::InUse`] if another listener uses it, [`Error::File`] if the lock cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let lock = Lock::try_take(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// Reads the position in a file, for looking at it while a listener uses it.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Content`] if there is no position in it.
    pub fn read(path: impl AsRef<Path>) -> Result<Option<Position>> {
        let path = path.as_ref();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::file("read", path)(error)),
        };
        let position = Position::from_json(&text).map_err(|error| Error::Content {
            path: path.to_owned(),
            expected: "position of a listener",
            problem: error.to_string(),
        })?;
        Ok(Some(position))
    }
}

impl PositionStore for FilePosition {
    fn load(&mut self) -> Result<Option<Position>, BoxError> {
        Ok(Self::read(&self.path)?)
    }

    fn store(&mut self, position: &Position) -> Result<(), BoxError> {
        let text = position.to_json();
        Ok(replace(&self.path, text.as_bytes(), Durability::Synced)?)
    }
}

impl fmt::Debug for FilePosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("FilePosition")
            .field(&self.path)
            .finish()
    }
}

/// A position in memory: for listeners that catch up after gaps, and not after restarts. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryPosition(Arc<Mutex<Option<Position>>>);

impl MemoryPosition {
    /// No position yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The position that was stored last.
    pub fn get(&self) -> Option<Position> {
        self.0.lock().clone()
    }
}

impl PositionStore for MemoryPosition {
    fn load(&mut self) -> Result<Option<Position>, BoxError> {
        Ok(self.get())
    }

    fn store(&mut self, position: &Position) -> Result<(), BoxError> {
        *self.0.lock() = Some(position.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_in_a_file_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("position");
        let mut store = FilePosition::open(&path).unwrap();
        assert_eq!(store.load().unwrap(), None);
        let mut position = Position::at(7);
        position.done.insert(9);
        position.server = Some("http://studio".to_owned());
        position.time = Some("2026-11-30T09:00:00".to_owned());
        store.store(&position).unwrap();
        drop(store);
        let mut store = FilePosition::open(&path).unwrap();
        let found = store.load().unwrap().unwrap();
        assert_eq!(found, position);
        assert_eq!(
            (found.last_row(), found.time()),
            (7, Some("2026-11-30T09:00:00"))
        );
        assert!(found.is_done(9) && !found.is_done(8));
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "the position and its lock");
    }

    #[test]
    fn two_listeners_cannot_use_one_position() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("position");
        let first = FilePosition::open(&path).unwrap();
        let error = FilePosition::open(&path).unwrap_err();
        assert!(matches!(error, Error::InUse { .. }), "{error}");
        drop(first);
        assert!(FilePosition::open(&path).is_ok());
    }

    #[test]
    fn what_is_no_position_is_not_taken_for_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("position");
        for text in [
            "",
            "{",
            "[]",
            r#"{"version": 2, "server": null, "done": {"floor": 1}, "time": null}"#,
        ] {
            std::fs::write(&path, text).unwrap();
            let error = FilePosition::open(&path).unwrap().load().unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("is not a position of a listener"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("position");
        let error = FilePosition::open(path).unwrap_err();
        assert!(error.to_string().ends_with("position.lock"), "{error}");
    }
}
