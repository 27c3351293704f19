//! A cache in a folder.

mod closing;
mod failure;
mod frame;
mod scope;
mod store;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::frame::Frame;
pub use self::scope::scoped_folder;
use self::store::Store;
use crate::cache::Cache;
use crate::error::{Error, Result};

/// Keeps bytes under text keys in a folder, so that they survive the program.
///
/// Put a [`SerialisedCache`](crate::SerialisedCache) in front to keep other values than bytes, and
/// a [`LayeredCache`](crate::LayeredCache) with a memory cache on top to read them quickly.
///
/// **Being killed.** Entries are written to disk twice a second, by [`flush`](Self::flush), and
/// when the cache is dropped. A program that is killed loses at most what was not written yet;
/// each key then has its old value, its new one or none, but never a wrong one.
///
/// **Damage.** Each value has a checksum. An entry that does not match it goes to the log as a
/// warning and counts as missing. If the database itself is damaged, that is a warning too: all
/// reads are misses, all writes are [`Error::Corrupt`], and the next one who opens the folder
/// starts with an empty cache. Some kinds of damage show as panics inside the database. They are
/// caught, which needs a program that is built to unwind (the default).
///
/// **Age.** What others changed at the source meanwhile the cache cannot know. Entries carry the
/// time at which they were set; see [`age`](Self::age) and [`FileCacheOptions::maximum_age`].
///
/// **Sharing.** One cache at a time has a folder open; for all others, in this process or another,
/// opening it is [`Error::Locked`] at once. See [`scoped_folder`] for one folder each.
///
/// The files lie in a folder below the given one that is named after their format. A new format
/// will be another folder, and what is in the old one stays there.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// use ftrack_cache::{Cache, FileCache};
///
/// let cache = FileCache::open(folder)?;
/// cache.set("frames".into(), b"96".to_vec())?;
/// drop(cache);
///
/// let cache = FileCache::open(folder)?;
/// assert_eq!(cache.get(&"frames".to_owned())?.as_deref(), Some(&b"96"[..]));
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
pub struct FileCache {
    store: Store,
    options: FileCacheOptions,
}

/// How a [`FileCache`] behaves.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// use std::time::Duration;
///
/// use ftrack_cache::FileCacheOptions;
///
/// let day = Duration::from_secs(24 * 60 * 60);
/// let cache = FileCacheOptions::new().maximum_age(day).open(folder)?;
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileCacheOptions {
    maximum_age: Option<Duration>,
    now: fn() -> SystemTime,
}

impl FileCacheOptions {
    /// The defaults: entries of any age are good.
    pub fn new() -> Self {
        Self {
            maximum_age: None,
            now: SystemTime::now,
        }
    }

    /// Entries that were set longer ago than this count as missing, and so do entries that seem to
    /// be from the future, since their age is not known. A memory cache in front keeps what it has
    /// read for as long as it lives, whatever the age.
    pub fn maximum_age(mut self, age: Duration) -> Self {
        self.maximum_age = Some(age);
        self
    }

    /// Opens the cache in `folder`, which is created if it is not there. A damaged cache is
    /// emptied first.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] within 100 ms if the folder is open already, [`Error::ReadOnly`] if it
    /// may not be written to, [`Error::Full`] if there is no room, [`Error::Io`] if the system
    /// refuses in another way, [`Error::Corrupt`] if a fresh database fails too.
    pub fn open(self, folder: impl AsRef<Path>) -> Result<FileCache> {
        Ok(FileCache {
            store: Store::open(folder.as_ref())?,
            options: self,
        })
    }
}

impl Default for FileCacheOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl FileCache {
    /// Opens the cache in `folder` with the default options.
    ///
    /// # Errors
    ///
    /// As [`FileCacheOptions::open`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        FileCacheOptions::new().open(folder)
    }

    /// The folder as it was given.
    pub fn path(&self) -> &Path {
        self.store.path()
    }

    /// Writes to disk what is not there yet.
    ///
    /// # Errors
    ///
    /// [`Error::Full`], [`Error::Io`] or [`Error::Corrupt`] if that fails; [`Error::Io`] also if
    /// it takes more than 30 s.
    pub fn flush(&self) -> Result<()> {
        self.store.flush()
    }

    /// Writes to disk what is not there yet and gives the folder free. Dropping the cache does the
    /// same, but can only log a failure.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush), after 10 s. The folder is free in any case unless the database
    /// does not finish.
    pub fn close(mut self) -> Result<()> {
        self.store.close()
    }

    /// Returns how many bytes the files of the cache have. Removing entries does not give room
    /// back at once.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder cannot be read.
    pub fn size_on_disk(&self) -> Result<u64> {
        self.store.size_on_disk()
    }

    /// Returns how long ago the value of `key` was set, by the clock of the system; zero if it
    /// seems to be from the future, and `None` if there is no such entry or it is too old.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// use ftrack_cache::{Cache, FileCache};
    ///
    /// let cache = FileCache::open(folder.path())?;
    /// cache.set("frames".into(), b"96".to_vec())?;
    /// assert!(cache.age("frames")?.is_some_and(|age| age.as_secs() < 60));
    /// # Ok::<(), ftrack_cache::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn age(&self, key: &str) -> Result<Option<Duration>> {
        let now = self.now();
        self.read(key, |frame| {
            Duration::from_millis(now.saturating_sub(frame.written))
        })
    }

    /// Removes the entries that are too old by now, and returns how many there were. Reading one
    /// removes it as well, so this is for those that nobody reads.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    pub fn remove_expired(&self) -> Result<usize> {
        let stored = self
            .store
            .run(|database| database.iter().collect::<sled::Result<Vec<_>>>())?;
        let mut removed = 0;
        for (key, bytes) in stored {
            if frame::read(&key, &bytes).is_some_and(|frame| self.is_expired(&frame)) {
                self.discard(&key, &bytes)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Finds the entry of `key` and returns what `pick` takes from it. An entry that is not good
    /// any more is removed.
    fn read<T>(&self, key: &str, pick: impl FnOnce(&Frame<'_>) -> T) -> Result<Option<T>> {
        let stored = match self.store.run(|database| database.get(key)) {
            Ok(Some(stored)) => stored,
            Ok(None) | Err(Error::Corrupt { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(frame) = self.good(key.as_bytes(), &stored) {
            return Ok(Some(pick(&frame)));
        }
        self.discard(key.as_bytes(), &stored)?;
        Ok(None)
    }

    /// Removes an entry unless somebody has replaced it meanwhile.
    fn discard(&self, key: &[u8], stored: &[u8]) -> Result<()> {
        let swapped = self
            .store
            .run(|database| database.compare_and_swap(key, Some(stored), None::<&[u8]>));
        match swapped {
            Ok(_) | Err(Error::Corrupt { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Returns what `pick` takes from all entries that are good.
    fn read_all<T>(&self, pick: impl Fn(String, &Frame<'_>) -> T) -> Result<Vec<T>> {
        let picked = self.store.run(|database| {
            let mut picked = Vec::new();
            for entry in database.iter() {
                let (key, stored) = entry?;
                let good = self.good(&key, &stored);
                if let (Some(frame), Ok(key)) = (good, String::from_utf8(key.to_vec())) {
                    picked.push(pick(key, &frame));
                }
            }
            Ok(picked)
        });
        match picked {
            Err(Error::Corrupt { .. }) => Ok(Vec::new()),
            other => other,
        }
    }

    /// Takes a stored entry apart unless it is damaged or too old.
    fn good<'a>(&self, key: &[u8], stored: &'a [u8]) -> Option<Frame<'a>> {
        let frame = frame::read(key, stored);
        if frame.is_none() {
            let key = String::from_utf8_lossy(key);
            let path = self.path().display();
            tracing::warn!(%key, %path, "a cache entry is damaged and counts as missing");
        }
        frame.filter(|frame| !self.is_expired(frame))
    }

    fn is_expired(&self, frame: &Frame<'_>) -> bool {
        self.options.maximum_age.is_some_and(|maximum| {
            let age = self.now().checked_sub(frame.written);
            age.is_none_or(|age| Duration::from_millis(age) > maximum)
        })
    }

    /// Now, in milliseconds since 1970.
    fn now(&self) -> u64 {
        let since = (self.options.now)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn frame(&self, key: &str, value: &[u8]) -> Vec<u8> {
        frame::write(key.as_bytes(), self.now(), value)
    }
}

impl Cache<String, Vec<u8>> for FileCache {
    fn get(&self, key: &String) -> Result<Option<Vec<u8>>> {
        self.read(key, |frame| frame.value.to_vec())
    }

    fn set(&self, key: String, value: Vec<u8>) -> Result<()> {
        let stored = self.frame(&key, &value);
        self.store
            .run(|database| database.insert(key, stored))
            .map(drop)
    }

    fn remove(&self, key: &String) -> Result<()> {
        let removed = self.store.run(|database| database.remove(key))?;
        let good = removed.is_some_and(|stored| self.good(key.as_bytes(), &stored).is_some());
        if good {
            Ok(())
        } else {
            Err(Error::key_not_found(key))
        }
    }

    fn keys(&self) -> Result<Vec<String>> {
        self.read_all(|key, _| key)
    }

    fn values(&self) -> Result<Vec<Vec<u8>>> {
        self.read_all(|_, frame| frame.value.to_vec())
    }

    fn set_if_absent(&self, key: String, value: Vec<u8>) -> Result<()> {
        // Removes an entry that is not good any more.
        if self.age(&key)?.is_some() {
            return Ok(());
        }
        let stored = self.frame(&key, &value);
        self.store
            .run(|database| database.compare_and_swap(key, None::<&[u8]>, Some(stored)))
            .map(drop)
    }
}

impl fmt::Debug for FileCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FileCache")
            .field("path", &self.path())
            .field("maximum_age", &self.options.maximum_age)
            .finish_non_exhaustive()
    }
}
