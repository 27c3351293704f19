//! Events that could not be handled.

mod lines;
mod there;

use std::fmt;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ftrack_event::Event;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use self::lines::{Line, Lines};
use self::there::There;
use crate::error::{BoxError, Error, Result};
use crate::files::{Durability, Lock, replace};
use crate::followed::{Followed, Origin};
use crate::stopper::FollowStopper;

/// How many letters a list may have by default.
const LIMIT: usize = 10_000;

/// How large the file may become.
const MAX_BYTES: u64 = 256 << 20;

/// An event that could not be handled, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DeadLetter {
    /// The name of the letter in its list: the id of the event, `#`, and when the event was given up, in microseconds
    /// since 1970.
    pub id: String,
    /// When it was given up, by the clock of this machine.
    pub failed_at: DateTime<Utc>,
    /// How often the handler was called.
    pub attempts: u32,
    /// The error of the last attempt.
    pub error: String,
    /// Where the event came from.
    pub origin: Origin,
    /// The key within which events keep their order: see [`Followed::key`](crate::Followed::key).
    pub key: String,
    /// The event.
    pub event: Event,
}

impl DeadLetter {
    /// The event as the handler got it.
    fn followed(&self) -> Followed {
        Followed {
            event: self.event.clone(),
            origin: self.origin,
            attempt: self.attempts.saturating_add(1),
            key: self.key.clone(),
        }
    }
}

/// The outcome of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Replayed {
    /// How many were handled now and are no longer in the list.
    pub handled: usize,
    /// How many failed again and stay.
    pub failed: usize,
}

/// A list of [dead letters](DeadLetter) in a file of JSON lines. Clones are the same list.
///
/// A letter is on the disk before its event is acknowledged. The list has a [limit](Self::limit); when it is full the
/// listener stops rather than throw an event away. Several processes may use a list at once: one may listen while
/// another looks at it or replays it. One replays at a time.
///
/// ```
/// use ftrack_follow::DeadLetters;
///
/// # fn main() -> ftrack_follow::Result<()> {
/// # let folder = tempfile::tempdir().map_err(|source| ftrack_follow::Error::Thread { source })?;
/// # let path = folder.path().join("dead-letters.jsonl");
/// let letters = DeadLetters::open(path)?;
/// for letter in letters.all()? {
///     println!("{} {}: {}", letter.failed_at, letter.event.topic, letter.error);
/// }
/// let replayed = letters.replay(|followed| {
///     println!("{}", followed.event().data);
///     Ok(())
/// })?;
/// assert_eq!(replayed.failed, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DeadLetters(Arc<Inner>);

struct Inner {
    path: PathBuf,
    limit: usize,
    /// How many letters there were when the file had a size, so that it is not read anew for each.
    counted: Mutex<Option<(u64, usize)>>,
}

impl DeadLetters {
    /// The list in this file, which need not exist. Its folder has to.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Content`] if something else is in it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let letters = Self(Arc::new(Inner {
            path: path.into(),
            limit: LIMIT,
            counted: Mutex::default(),
        }));
        letters.tidy()?;
        Ok(letters)
    }

    /// The same list with another limit: how many letters there may be. Defaults to 10,000.
    pub fn limit(self, letters: usize) -> Self {
        Self(Arc::new(Inner {
            path: self.0.path.clone(),
            limit: letters,
            counted: Mutex::default(),
        }))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// All letters, oldest first.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read, [`Error::Content`] if something else is in it.
    pub fn all(&self) -> Result<Vec<DeadLetter>> {
        let _lock = self.lock()?;
        Ok(Lines::read(&self.0.path)?.letters)
    }

    /// How many letters there are.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub fn len(&self) -> Result<usize> {
        let _lock = self.lock()?;
        self.count()
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Gives each letter to `handler`, oldest first. What is handled leaves the list at once; what fails stays, with
    /// the new reason. Letters that come meanwhile are left for the next time; those that somebody removes meanwhile
    /// are left out.
    ///
    /// # Errors
    /// [`Error::Replaying`] if somebody replays the list already: no event is handled by two at once. [`Error::File`]
    /// if the file cannot be read or written, [`Error::Content`] if something else is in it.
    pub fn replay(&self, handler: impl Fn(&Followed) -> Result<(), BoxError>) -> Result<Replayed> {
        self.replay_until_stopped(&FollowStopper::default(), handler)
    }

    /// As [`replay`](Self::replay), until `stopper` says that it has to end: then nothing more is given to `handler`,
    /// and a letter whose handling fails for that stays as it is.
    ///
    /// # Errors
    /// As [`replay`](Self::replay).
    pub fn replay_until_stopped(
        &self,
        stopper: &FollowStopper,
        handler: impl Fn(&Followed) -> Result<(), BoxError>,
    ) -> Result<Replayed> {
        // The list itself is not locked while the handler runs: the listener can go on.
        let _replaying = self.lock_replays()?;
        let mut replayed = Replayed::default();
        let mut there = There::default();
        for letter in self.all()? {
            if stopper.is_stopped() {
                break;
            }
            if !there.has(self, &letter)? {
                continue;
            }
            let outcome = handler(&letter.followed());
            if outcome.is_err() && stopper.is_stopped() {
                break;
            }
            if self.settle(&letter, outcome, &mut there)? {
                replayed.handled += 1;
            } else {
                replayed.failed += 1;
            }
        }
        self.tidy()?;
        Ok(replayed)
    }

    /// Takes out a letter that is handled, or notes why it is not, unless somebody has removed it; whether it is
    /// handled.
    fn settle(
        &self,
        letter: &DeadLetter,
        outcome: Result<(), BoxError>,
        there: &mut There,
    ) -> Result<bool> {
        let _lock = self.lock()?;
        let is_handled = outcome.is_ok();
        if !there.has_locked(self, letter)? {
            return Ok(is_handled);
        }
        let mut lines = vec![Line::Done(letter.id.clone())];
        if let Err(error) = outcome {
            let mut again = letter.clone();
            again.attempts = again.attempts.saturating_add(1);
            again.error = reason(&*error);
            again.failed_at = Utc::now();
            lines.push(Line::Letter(Box::new(again)));
        }
        self.append_locked(&lines)?;
        there.is_as_left(self);
        Ok(is_handled)
    }

    /// Takes letters out of the list by their ids, without handling them; how many there were.
    ///
    /// # Errors
    /// As [`replay`](Self::replay).
    pub fn remove(&self, ids: &[String]) -> Result<usize> {
        let _lock = self.lock()?;
        let lines = Lines::read(&self.0.path)?;
        let (gone, left): (Vec<_>, Vec<_>) = lines
            .letters
            .into_iter()
            .partition(|letter| ids.contains(&letter.id));
        if !gone.is_empty() {
            self.rewrite(&left)?;
        }
        Ok(gone.len())
    }

    /// Adds an event that could not be handled.
    pub(crate) fn add(&self, followed: &Followed, error: String) -> Result<()> {
        let _lock = self.lock()?;
        let (count, limit) = (self.count()?, self.0.limit);
        let size = std::fs::metadata(&self.0.path).map_or(0, |file| file.len());
        if count >= limit || size >= MAX_BYTES {
            let path = self.0.path.clone();
            return Err(Error::DeadLettersFull { path, limit });
        }
        let failed_at = Utc::now();
        let letter = DeadLetter {
            id: format!("{}#{}", followed.event.id, failed_at.timestamp_micros()),
            failed_at,
            attempts: followed.attempt,
            error,
            origin: followed.origin,
            key: followed.key.clone(),
            event: followed.event.clone(),
        };
        self.append_locked(&[Line::Letter(Box::new(letter))])?;
        let size = std::fs::metadata(&self.0.path).map_or(0, |file| file.len());
        *self.0.counted.lock() = Some((size, count + 1));
        Ok(())
    }

    /// Adds lines. What a crash has left of an unfinished one goes first.
    fn append_locked(&self, lines: &[Line]) -> Result<()> {
        let path = &self.0.path;
        let mut text = String::new();
        for line in lines {
            text.push_str(&line.to_json());
            text.push('\n');
        }
        let write = || {
            let mut file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .open(path)?;
            lines::seek_behind_last_line(&mut file)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(Error::file("write", path))
    }

    /// Rewrites the file if it has lines that no longer count.
    fn tidy(&self) -> Result<()> {
        let _lock = self.lock()?;
        let lines = Lines::read(&self.0.path)?;
        if lines.is_untidy {
            self.rewrite(&lines.letters)?;
        }
        Ok(())
    }

    fn rewrite(&self, letters: &[DeadLetter]) -> Result<()> {
        let mut text = String::new();
        for letter in letters {
            text.push_str(&Line::Letter(Box::new(letter.clone())).to_json());
            text.push('\n');
        }
        replace(&self.0.path, text.as_bytes(), Durability::Synced)
    }

    /// The caller holds the lock.
    fn count(&self) -> Result<usize> {
        let size = std::fs::metadata(&self.0.path).map_or(0, |file| file.len());
        let mut counted = self.0.counted.lock();
        if let Some((_, count)) = counted.filter(|counted| counted.0 == size) {
            return Ok(count);
        }
        let count = Lines::read(&self.0.path)?.letters.len();
        *counted = Some((size, count));
        Ok(count)
    }

    fn lock(&self) -> Result<Lock> {
        Lock::take(&self.0.path)
    }

    /// Keeps others from replaying the list.
    fn lock_replays(&self) -> Result<Lock> {
        let mut name = self.0.path.clone().into_os_string();
        name.push(".replay");
        Lock::try_take(Path::new(&name)).map_err(|error| match error {
            Error::InUse { .. } => Error::Replaying {
                path: self.0.path.clone(),
            },
            other => other,
        })
    }
}

impl fmt::Debug for DeadLetters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("DeadLetters")
            .field(&self.0.path)
            .finish()
    }
}

/// The text of an error and of its causes.
pub(crate) fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

#[cfg(test)]
mod tests;
