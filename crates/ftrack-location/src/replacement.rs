//! New files in the place of old ones, all of them or none.

mod left_over;

use std::sync::Arc;

pub use self::left_over::LeftOver;

use self::left_over::{Kind, name_beside};
use crate::accessor::{Accessor, AccessorError, Result};
use crate::identifier;

/// Puts new files in the place of old ones, all of them or none.
///
/// New data is written beside the old first, under the names that [`stage`](Self::stage) gives. When all of it is
/// there,
/// [`swap`](Self::swap) puts it in place and keeps what was there. If whatever follows fails, [`undo`](Self::undo)
/// brings the old files back; else [`complete`](Self::complete) removes them.
///
/// A program that is killed leaves either the old or the new file under each name, on storages that can do that
/// ([`Accessor::replace`]), and files beside them that [`LeftOver::from_name`] knows by their names.
///
/// ```
/// use std::io::{Read, Write};
/// use std::sync::Arc;
///
/// use ftrack_location::{Accessor, CreateOptions, MemoryAccessor, Replacement};
///
/// let storage = Arc::new(MemoryAccessor::new());
/// let write = |identifier: &str, content: &[u8]| {
///     let mut upload = storage.create(identifier, &CreateOptions::new())?;
///     upload.write_all(content).expect("memory can be written");
///     upload.finish()
/// };
/// write("plate.exr", b"wrong")?;
///
/// let mut replacement = Replacement::new(storage.clone());
/// write(&replacement.stage("plate.exr"), b"right")?;
/// replacement.swap()?;
/// let left = replacement.complete();
/// assert!(left.is_empty());
///
/// let mut content = String::new();
/// storage.open("plate.exr")?.read_to_string(&mut content).expect("memory can be read");
/// assert_eq!(content, "right");
/// assert_eq!(storage.list("")?, ["plate.exr"]);
/// # Ok::<(), ftrack_location::AccessorError>(())
/// ```
#[must_use = "what was staged and kept stays until it is completed or undone"]
pub struct Replacement {
    accessor: Arc<dyn Accessor>,
    unique: String,
    files: Vec<File>,
}

/// A file that gets another content.
struct File {
    target: String,
    staged: String,
    backup: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The new file is beside the old one, or on its way there.
    Staged,
    /// The storage was told to put the new file in place, and may have done a part of that.
    Begun,
    /// The new file is where nothing was.
    Placed,
    /// The new file is in place, and the old one is kept.
    Swapped,
}

impl Replacement {
    /// Of files in this storage.
    pub fn new(accessor: Arc<dyn Accessor>) -> Self {
        Self {
            accessor,
            unique: identifier::unique(),
            files: Vec::new(),
        }
    }

    /// The resource identifier under which the new content of `target` is to be written. It is in the same container,
    /// is called like no other file, and begins with a dot.
    pub fn stage(&mut self, target: &str) -> String {
        let beside = |kind| name_beside(target, kind, &self.unique);
        let file = File {
            target: target.to_owned(),
            staged: beside(Kind::New),
            backup: beside(Kind::Old),
            state: State::Staged,
        };
        let staged = file.staged.clone();
        self.files.push(file);
        staged
    }

    /// Whether there is nothing to replace.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Puts all new files in place, and keeps the old ones beside them.
    ///
    /// # Errors
    ///
    /// What the storage says of the first file that could not be put in place. Call [`undo`](Self::undo) then.
    pub fn swap(&mut self) -> Result<()> {
        for file in &mut self.files {
            file.swap(&*self.accessor)?;
        }
        Ok(())
    }

    /// Brings the old files back and removes the new ones, wherever each of them is. Gives back the resource
    /// identifiers of what the storage left beside or in place against our will: usually nothing.
    pub fn undo(self) -> Vec<String> {
        let mut left = Vec::new();
        for file in self.files.iter().rev() {
            file.undo(&*self.accessor, &mut left);
        }
        left
    }

    /// Removes the old files, now that the new ones are in place. Gives back the resource identifiers of those that
    /// could not be removed: usually none.
    pub fn complete(self) -> Vec<String> {
        let kept = self.files.into_iter();
        let kept = kept.filter(|file| file.state == State::Swapped);
        kept.filter(|file| !remove(&*self.accessor, &file.backup))
            .map(|file| file.backup)
            .collect()
    }

    /// Where the old files are kept, after a swap: by the resource identifiers that they had.
    pub fn backups(&self) -> impl Iterator<Item = (&str, &str)> {
        let swapped = self
            .files
            .iter()
            .filter(|file| file.state == State::Swapped);
        swapped.map(|file| (file.target.as_str(), file.backup.as_str()))
    }
}

impl File {
    fn swap(&mut self, accessor: &dyn Accessor) -> Result<()> {
        if accessor.exists(&self.target)? {
            self.state = State::Begun;
            accessor.replace(&self.staged, &self.target, &self.backup)?;
            self.state = State::Swapped;
        } else {
            accessor.rename(&self.staged, &self.target)?;
            self.state = State::Placed;
        }
        Ok(())
    }

    fn undo(&self, accessor: &dyn Accessor, left: &mut Vec<String>) {
        if self.state == State::Placed && !remove(accessor, &self.target) {
            left.push(self.target.clone());
        }
        if matches!(self.state, State::Begun | State::Swapped) && self.restore(accessor).is_err() {
            left.push(self.backup.clone());
        }
        if !remove(accessor, &self.staged) {
            left.push(self.staged.clone());
        }
    }

    /// Puts the old file in its place again, whatever is there. Where no old file is kept, nothing was replaced.
    fn restore(&self, accessor: &dyn Accessor) -> Result<()> {
        if !accessor.exists(&self.backup)? {
            return Ok(());
        }
        if !accessor.exists(&self.target)? {
            return accessor.rename(&self.backup, &self.target);
        }
        // What is in place now makes room, and goes with what was staged.
        remove(accessor, &self.staged);
        accessor.replace(&self.backup, &self.target, &self.staged)
    }
}

/// Whether there is nothing at `resource_identifier` any more.
fn remove(accessor: &dyn Accessor, resource_identifier: &str) -> bool {
    match accessor.remove(resource_identifier) {
        Ok(()) | Err(AccessorError::ResourceNotFound { .. }) => true,
        Err(error) => {
            tracing::warn!(resource_identifier, %error, "a file is left over");
            false
        }
    }
}

impl std::fmt::Debug for Replacement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Replacement")
            .field("files", &self.files.len())
            .finish_non_exhaustive()
    }
}
