//! Rows on disk: every batch is there, completely, before it is answered.
//!
//! After an error nobody can tell from the outside whether the batch is there: the database may have failed before or
//! after the moment that counts. So it is opened anew and asked for the number of its last batch. Where that cannot be
//! done either, the next batch tries again, and stores everything if what is there is not what it should be.

pub(crate) mod access;
mod error;
mod key_file;
mod layout;
mod load;
mod quiet;
mod row;
mod sequence;
mod staged;
mod tables;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use redb::{Builder, Database, DatabaseError};

use self::error::DiskError;
pub(crate) use self::key_file::KeyFile;
pub(crate) use self::layout::EncodedChange;
use self::sequence::SequenceFile;
pub(crate) use self::staged::{Stage, WORTH};
use self::tables::RawRow;
pub(crate) use self::tables::{Step, encode};
use crate::catalog::Catalog;
use crate::credentials::HashedKey;
use crate::error::{Error, Result};
use crate::store::Store;

/// What the database may keep in memory, in bytes.
const CACHE_SIZE: usize = 32 * 1024 * 1024;
const FILE_NAME: &str = "ftrack.redb";

/// The data of one folder.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
    beside: SequenceFile,
    open: Open,
}

/// How a database is opened; tests put something that fails in between.
type Open = fn(&Builder, &Path) -> Result<Database, DatabaseError>;

#[derive(Debug)]
struct State {
    /// Nothing after an error, until it could be opened anew.
    database: Option<Database>,
    /// How many batches were stored, as everybody was told.
    sequence: u64,
    /// The number of the last batch that was on disk when it was opened, or since then.
    stored_last: u64,
    /// Whether there is a batch on disk that everybody was told is not.
    is_doubtful: bool,
    /// How often it was cleared what is put aside: what is put aside since then is there.
    cleared: u64,
    /// Whether anything may be put aside.
    is_staged: bool,
}

impl State {
    /// Notes that everything up to this number is there.
    fn stored(&mut self, sequence: u64) {
        self.sequence = sequence;
        self.stored_last = sequence;
        self.is_doubtful = false;
    }
}

impl Disk {
    /// Opens the data of a folder, which is made where it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        Self::open_with(folder, |builder, path| builder.create(path))
    }

    fn open_with(folder: &Path, open: Open) -> Result<Self> {
        let unusable = |source| Error::DataFolder {
            path: folder.to_owned(),
            source,
        };
        access::make_folder(folder).map_err(unusable)?;
        let disk = Self {
            folder: folder.to_owned(),
            state: Mutex::new(State {
                database: None,
                sequence: 0,
                stored_last: 0,
                is_doubtful: false,
                cleared: 0,
                is_staged: false,
            }),
            beside: SequenceFile::new(folder),
            open,
        };
        let noted = disk.beside.read().map_err(unusable)?;
        disk.refuse_damage(noted)?;
        let (database, sequence) = disk.report(disk.opened())?;
        if let Some(noted) = noted.filter(|noted| *noted > sequence) {
            return Err(disk.corrupt(format!(
                "{} of the batches that were stored are missing: the file is damaged, or older than what is beside it",
                noted - sequence
            )));
        }
        access::close_file(&disk.file()).map_err(unusable)?;
        disk.beside.close().map_err(unusable)?;
        {
            let mut state = disk.state.lock();
            state.database = Some(database);
            state.stored(sequence);
        }
        Ok(disk)
    }

    /// A file without content, or none where batches were stored, is not what a new server begins with.
    fn refuse_damage(&self, noted: Option<u64>) -> Result<()> {
        match std::fs::metadata(self.file()) {
            Ok(found) if found.len() == 0 => {
                let reason = format!("{FILE_NAME} is empty; remove it to begin anew");
                Err(self.corrupt(reason))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && noted.is_some() => {
                let reason = format!("{FILE_NAME} is missing; use another folder to begin anew");
                Err(self.corrupt(reason))
            }
            _ => Ok(()),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE_NAME)
    }

    fn corrupt(&self, reason: String) -> Error {
        Error::Corrupt {
            path: self.folder.clone(),
            reason,
        }
    }

    /// The database, opened anew, and the number of its last batch.
    fn opened(&self) -> Result<(Database, u64), DiskError> {
        quiet::guard(|| {
            let mut builder = Database::builder();
            // All rows are in memory already: the database needs no room to keep them once more.
            builder.set_cache_size(CACHE_SIZE);
            // Damage is found when a server starts, not when somebody comes across it.
            builder.set_check_integrity_on_open(true);
            let database = (self.open)(&builder, &self.file())?;
            let sequence = tables::prepare(&database)?;
            Ok((database, sequence))
        })
    }

    /// Whether nothing was ever stored.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        self.read(tables::is_empty)
    }

    /// The rows of one entity type as they were written, by attribute name.
    pub(crate) fn raw_rows(&self, entity_type: &str) -> Result<Vec<RawRow>> {
        self.read(|database| tables::raw_rows(database, entity_type))
    }

    /// Fills a store with everything that is stored.
    pub(crate) fn load(&self, store: &mut Store) -> Result<()> {
        self.read(|database| load::load(database, store))
    }

    /// The hashed keys of all users.
    pub(crate) fn keys(&self) -> Result<Vec<(String, HashedKey)>> {
        self.read(tables::keys)
    }

    /// What was noted about the data under a name.
    pub(crate) fn fact(&self, name: &str) -> Result<Option<String>> {
        self.read(|database| tables::fact(database, name))
    }

    fn read<T>(&self, read: impl FnOnce(&Database) -> Result<T, DiskError>) -> Result<T> {
        let state = self.state.lock();
        let database = state.database.as_ref();
        let outcome = quiet::guard(|| read(database.ok_or(DiskError::Closed)?));
        self.report(outcome)
    }

    /// Stores what a batch changed; it is on disk when this returns, or nothing of it will ever be.
    ///
    /// `all_keys` are those of all users, for the case that everything has to be stored once more.
    pub(crate) fn write(
        &self,
        step: Step<'_>,
        all_keys: impl FnOnce() -> Vec<(String, HashedKey)>,
    ) -> Result<()> {
        let mut state = self.state.lock();
        let sequence = state.sequence + 1;
        let outcome = match self.ready(&mut state) {
            Ok(true) => {
                let cleared = state.cleared;
                let staged = step.staged.filter(|stage| stage.cleared == cleared);
                let step = Step { staged, ..step };
                self.attempt(&mut state, sequence, |database| {
                    tables::write(database, step, sequence)
                })
            }
            Ok(false) => {
                let mut keys = all_keys();
                keys.retain(|(user, _)| step.keys.iter().all(|(new, _)| new != user));
                keys.extend_from_slice(step.keys);
                state.cleared += 1;
                // A batch that was refused may be there: this one takes the number after it.
                self.attempt(&mut state, sequence + 1, |database| {
                    let changes = step.store.everything();
                    let whole = Step {
                        changes: &changes,
                        encoded: &[],
                        staged: None,
                        keys: &keys,
                        ..step
                    };
                    tables::replace(database, whole, sequence + 1)
                })
            }
            Err(error) => Err(error),
        };
        self.report(outcome)
    }

    /// Stores this and nothing else; all of it is on disk when this returns, or nothing changed.
    pub(crate) fn replace(&self, store: &Store, keys: &[(String, HashedKey)]) -> Result<()> {
        let changes = store.everything();
        let step = Step {
            keys,
            ..Step::new(store, &changes)
        };
        let mut state = self.state.lock();
        state.cleared += 1;
        // One number is left out, for a batch that was refused may have taken it.
        let sequence = state.sequence + 2;
        let outcome = self.ready(&mut state).and_then(|_| {
            self.attempt(&mut state, sequence, |database| {
                tables::replace(database, step, sequence)
            })
        });
        self.report(outcome)
    }

    /// Opens the database where an error closed it; whether what is there is what everybody was told.
    fn ready(&self, state: &mut State) -> Result<bool, DiskError> {
        if state.database.is_none() {
            let (database, stored) = self.opened()?;
            state.database = Some(database);
            state.cleared += 1;
            state.stored_last = stored;
            state.is_doubtful = stored != state.sequence;
        }
        Ok(!state.is_doubtful)
    }

    /// Does something that stores a batch under a number, and finds out whether that succeeded.
    fn attempt(
        &self,
        state: &mut State,
        sequence: u64,
        work: impl FnOnce(&Database) -> Result<(), DiskError>,
    ) -> Result<(), DiskError> {
        let outcome = self.within(state, work);
        let is_stored = match &outcome {
            Ok(()) => true,
            // What there is after an error was opened anew.
            Err(_) => state.database.is_some() && state.stored_last == sequence,
        };
        if !is_stored {
            return outcome;
        }
        if outcome.is_err() {
            tracing::warn!("a batch was stored although the database reported an error");
        }
        state.stored(sequence);
        self.beside.write(sequence);
        Ok(())
    }

    /// Does something with the database, which is opened anew after an error.
    fn within<T>(
        &self,
        state: &mut State,
        work: impl FnOnce(&Database) -> Result<T, DiskError>,
    ) -> Result<T, DiskError> {
        let database = state.database.take().ok_or(DiskError::Closed)?;
        let outcome = quiet::guard(|| work(&database));
        if outcome.is_ok() {
            state.database = Some(database);
            return outcome;
        }
        // It serves no more requests after an error, or makes no sense any more after a panic.
        quiet::guard(|| {
            drop(database);
            Ok(())
        })
        .ok();
        if let Err(again) = self.ready(state) {
            tracing::error!(error = ?again, "the database cannot be opened at the moment");
        }
        outcome
    }

    /// Puts changes aside, a piece at a time, for a batch that is going to be stored. Others store theirs meanwhile.
    pub(crate) fn put_aside(
        &self,
        catalog: &Catalog,
        changes: &[EncodedChange],
    ) -> Result<Option<Stage>> {
        self.settle()?;
        let mut stage = None;
        for piece in changes.chunks(staged::PIECE) {
            let mut state = self.state.lock();
            let outcome = self.ready(&mut state).and_then(|is_sound| {
                let current = Stage {
                    cleared: state.cleared,
                };
                if !is_sound || *stage.get_or_insert(current) != current {
                    return Ok(false);
                }
                state.is_staged = true;
                self.within(&mut state, |database| {
                    staged::put_aside(database, catalog, piece)
                })?;
                Ok(true)
            });
            if !self.report(outcome)? {
                return Ok(None);
            }
        }
        Ok(stage)
    }

    /// Moves what was put aside to where it belongs, a piece at a time, and forgets what no batch counts on.
    pub(crate) fn settle(&self) -> Result<()> {
        loop {
            let mut state = self.state.lock();
            if !state.is_staged {
                return Ok(());
            }
            let outcome = self.ready(&mut state).and_then(|is_sound| {
                if is_sound {
                    self.within(&mut state, staged::move_piece)
                } else {
                    // The next batch stores everything once more.
                    Ok(true)
                }
            });
            if self.report(outcome)? {
                state.is_staged = false;
                return Ok(());
            }
        }
    }

    /// Says where the error is.
    fn report<T>(&self, outcome: Result<T, DiskError>) -> Result<T> {
        let path = || self.folder.clone();
        outcome.map_err(|error| match error {
            DiskError::InUse => Error::DataFolderInUse { path: path() },
            DiskError::Database(source) => Error::Data {
                path: path(),
                source,
            },
            DiskError::Corrupt(reason) => self.corrupt(reason),
            DiskError::Panicked(message) => {
                self.corrupt(format!("the database cannot work with it: {message}"))
            }
            DiskError::Closed => self.corrupt("the database was closed after an error".to_owned()),
        })
    }
}
