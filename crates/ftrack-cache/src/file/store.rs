//! The database below a file cache, with its faults kept in.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::closing;
use super::failure::{Failure, system_error};
use crate::error::BoxError;
use crate::error::{Error, Result};

/// The form of the files. Another form is another folder, so programs of different age do not
/// spoil each other's caches.
const FORMAT: &str = "v1";
/// How much of the database is kept in memory, in bytes.
const PAGE_MEMORY: u64 = 64 * 1024 * 1024;
/// A database that was just closed in this process may hold its files for a moment.
const LOCK_TIMEOUT: Duration = Duration::from_millis(30);
const BUSY_TIMEOUT: Duration = Duration::from_millis(60);
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// A damaged database may never finish writing.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(30);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database, locked against everybody else.
///
/// The database panics on some kinds of damage. Nothing of that gets out: a store that saw damage
/// does nothing any more, and marks its folder so that the next one begins with an empty database.
pub(super) struct Store {
    /// The folder as the user named it.
    path: PathBuf,
    /// The folder of this format.
    folder: PathBuf,
    /// Taken out on closing only.
    database: Option<sled::Db>,
    lock: File,
    damaged: AtomicBool,
}

impl Store {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let folder = path.join(FORMAT);
        fs::create_dir_all(&folder).map_err(|error| system_error(path, error))?;
        let lock = acquire_lock(path, &folder)?;
        if damage_mark(&folder).exists() {
            tracing::warn!(path = %path.display(), "a damaged cache was found and is emptied");
            discard(path, &folder)?;
        }
        let database = match open_database(path, &folder) {
            Err(Error::Corrupt { source, .. }) => {
                let error: &dyn std::error::Error = &*source;
                tracing::warn!(error, path = %path.display(), "a cache is damaged and is emptied");
                discard(path, &folder)?;
                open_database(path, &folder)
            }
            other => other,
        }?;
        let path = path.to_owned();
        Ok(Self {
            path,
            folder,
            database: Some(database),
            lock,
            damaged: AtomicBool::new(false),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets `work` use the database.
    pub(super) fn run<T>(&self, work: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T> {
        let Some(database) = self.usable() else {
            return Err(corrupt(&self.path, "damage was found before"));
        };
        match catch_unwind(AssertUnwindSafe(|| work(database))) {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.failed(error.into())),
            Err(_) => Err(self.condemn("the database panicked".into())),
        }
    }

    /// Writes everything to disk.
    pub(super) fn flush(&self) -> Result<()> {
        let Some(database) = self.usable().cloned() else {
            return Err(corrupt(&self.path, "damage was found before"));
        };
        let flushed = within(FLUSH_TIMEOUT, move || database.flush());
        self.flushed(flushed)
    }

    /// Writes everything to disk and gives the folder free. Does nothing the second time.
    pub(super) fn close(&mut self) -> Result<()> {
        let Some(database) = self.database.take() else {
            return Ok(());
        };
        let is_damaged = self.damaged.load(Ordering::SeqCst);
        let folder = self.folder.clone();
        let flushed = within(CLOSE_TIMEOUT, move || {
            let flushed = if is_damaged {
                Ok(0)
            } else {
                closing::close(&database, &folder)
            };
            drop(database);
            flushed
        });
        let closed = self.flushed(flushed);
        // Said explicitly, because a child process that is just being started may share the file.
        let unlocked = self
            .lock
            .unlock()
            .map_err(|error| system_error(&self.path, error));
        closed.and(unlocked)
    }

    /// How many bytes the files have.
    pub(super) fn size_on_disk(&self) -> Result<u64> {
        size_below(&self.folder).map_err(|error| system_error(&self.path, error))
    }

    fn usable(&self) -> Option<&sled::Db> {
        self.database
            .as_ref()
            .filter(|_| !self.damaged.load(Ordering::SeqCst))
    }

    fn flushed(&self, flushed: io::Result<thread::Result<sled::Result<usize>>>) -> Result<()> {
        match flushed {
            Ok(Ok(Ok(_))) => Ok(()),
            Ok(Ok(Err(error))) => Err(self.failed(error.into())),
            Ok(Err(_)) => Err(self.condemn("the database panicked".into())),
            Err(error) => Err(system_error(&self.path, error)),
        }
    }

    fn failed(&self, failure: Failure) -> Error {
        match failure {
            Failure::Damage(source) => self.condemn(source),
            Failure::Busy => Error::Locked {
                path: self.path.clone(),
            },
            Failure::System(error) => system_error(&self.path, error),
        }
    }

    /// Stops using the database, for now and for those who open the folder later.
    fn condemn(&self, source: BoxError) -> Error {
        if !self.damaged.swap(true, Ordering::SeqCst) {
            let error: &dyn std::error::Error = &*source;
            tracing::warn!(
                error,
                path = %self.path.display(),
                "a cache is damaged; it is empty until it is opened again"
            );
            if let Err(error) = File::create(damage_mark(&self.folder)) {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "a damaged cache could not be marked");
            }
        }
        Error::Corrupt {
            path: self.path.clone(),
            source,
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(
                error,
                "a cache could not be written completely when it was closed"
            );
        }
    }
}

fn corrupt(path: &Path, source: impl Into<BoxError>) -> Error {
    Error::Corrupt {
        path: path.to_owned(),
        source: source.into(),
    }
}

fn damage_mark(folder: &Path) -> PathBuf {
    folder.join("damaged")
}

fn database_folder(folder: &Path) -> PathBuf {
    folder.join("entries")
}

/// The database has a lock of its own, but looks at its files before it takes it, and we may want
/// to delete them.
fn acquire_lock(path: &Path, folder: &Path) -> Result<File> {
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("lock"))
        .map_err(|error| system_error(path, error))?;
    let started = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            // A process that is being started holds what its parent has open for a moment, and so a lock that the
            // parent has let go.
            Err(TryLockError::WouldBlock) if started.elapsed() < LOCK_TIMEOUT => {
                thread::sleep(BUSY_PAUSE);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(system_error(path, error)),
        }
    }
}

fn open_database(path: &Path, folder: &Path) -> Result<sled::Db> {
    let started = Instant::now();
    let open = || -> sled::Result<_> {
        let config = sled::Config::new()
            .path(database_folder(folder))
            .cache_capacity(PAGE_MEMORY);
        let database = config.open()?;
        Ok(closing::knows_all(&database, folder)?.then_some(database))
    };
    loop {
        let opened = catch_unwind(AssertUnwindSafe(open))
            .map_err(|_| corrupt(path, "the database panicked on opening"))?;
        match opened.map_err(Failure::from) {
            Ok(Some(database)) => return Ok(database),
            Ok(None) => return Err(corrupt(path, "entries that were written are missing")),
            Err(Failure::Busy) if started.elapsed() < BUSY_TIMEOUT => thread::sleep(BUSY_PAUSE),
            Err(Failure::Busy) => {
                return Err(Error::Locked {
                    path: path.to_owned(),
                });
            }
            Err(Failure::System(error)) => return Err(system_error(path, error)),
            Err(Failure::Damage(source)) => return Err(corrupt(path, source)),
        }
    }
}

/// Removes the database and what is known of it, the mark last: if this is cut short, the next one
/// begins anew.
fn discard(path: &Path, folder: &Path) -> Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(system_error(path, error)),
        _ => Ok(()),
    };
    gone(fs::remove_file(closing::count_file(folder)))?;
    let database = database_folder(folder);
    if database.is_file() {
        gone(fs::remove_file(&database))?;
    } else {
        gone(fs::remove_dir_all(&database))?;
    }
    gone(fs::remove_file(damage_mark(folder)))
}

/// Does `work` on another thread and gives up waiting for it after `patience`. Returns, as joining
/// a thread does, whether it panicked.
fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::Result<T>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("ftrack-cache-flush".to_owned())
        .spawn(move || {
            // Nobody listens any more if it took too long.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
        })?;
    let late = |_| io::Error::new(ErrorKind::TimedOut, "the database does not finish");
    receiver.recv_timeout(patience).map_err(late)
}

fn size_below(folder: &Path) -> io::Result<u64> {
    let mut size = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => size += metadata.len(),
                // The database removes files while we look.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(size)
}
