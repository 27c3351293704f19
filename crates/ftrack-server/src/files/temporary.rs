//! Folders of servers that keep nothing. A server removes its own when it stops, and those that others could not
//! remove, because they were killed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

/// What the names of these folders begin with; the rest is a uuid.
const PREFIX: &str = "ftrack-server-";

/// The file in a folder that its server holds a lock on, as long as it lives.
const LOCK: &str = "lock";

/// A folder that is made when it is needed, and goes with the server.
#[derive(Debug)]
pub(super) struct Temporary {
    path: PathBuf,
    /// The lock, once the folder is there.
    lock: Mutex<Option<File>>,
}

impl Temporary {
    /// A folder in another one, of which only the name is known so far.
    pub(super) fn new(parent: &Path) -> Self {
        let name = format!("{PREFIX}{}", uuid::Uuid::new_v4());
        Self {
            path: parent.join(name),
            lock: Mutex::new(None),
        }
    }

    /// Where it is, or will be.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it, if it is not there yet.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub(super) fn make(&self) -> io::Result<()> {
        let mut lock = self.lock.lock();
        if lock.is_some() {
            return Ok(());
        }
        // Under another name until it is locked: nobody must take it for that of a server that is gone.
        let draft = self.path.with_extension("new");
        fs::create_dir(&draft)?;
        let file = File::create_new(draft.join(LOCK))?;
        file.lock()?;
        fs::rename(&draft, &self.path)?;
        *lock = Some(file);
        self.remove_abandoned();
        Ok(())
    }

    /// Removes the folders of servers that are gone.
    fn remove_abandoned(&self) {
        let parent = self.path.parent().unwrap_or(&self.path);
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let path = entry.path();
            if path == self.path || !self.is_alike(&path) {
                continue;
            }
            // Whose lock can be taken, has nobody.
            if let Some(_lock) = abandoned(&path) {
                tracing::debug!(path = %path.display(), "the folder of a server that is gone is removed");
                let _ = fs::remove_dir_all(&path);
            }
        }
    }

    /// Whether a path is a folder, not a link to one, with such a name and of the same owner.
    fn is_alike(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        let id = name.and_then(|name| name.strip_prefix(PREFIX));
        let is_named = id.is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
        let (true, Ok(other), Ok(own)) = (
            is_named,
            fs::symlink_metadata(path),
            fs::symlink_metadata(&self.path),
        ) else {
            return false;
        };
        other.is_dir() && has_same_owner(&other, &own)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.lock().take() {
            // Some systems do not remove what is open.
            drop(lock);
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The lock of a folder, if nobody holds it.
fn abandoned(folder: &Path) -> Option<File> {
    let path = folder.join(LOCK);
    let is_file = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    let lock = is_file.then(|| File::open(path).ok()).flatten()?;
    lock.try_lock().is_ok().then_some(lock)
}

#[cfg(unix)]
fn has_same_owner(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    one.uid() == other.uid()
}

#[cfg(not(unix))]
fn has_same_owner(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    #[test]
    fn a_folder_is_made_when_needed_and_goes_with_its_server() -> io::Result<()> {
        let parent = tempfile::tempdir()?;
        let temporary = Temporary::new(parent.path());
        assert!(names(parent.path()).is_empty());
        temporary.make()?;
        temporary.make()?;
        assert_eq!(names(parent.path()), [temporary.path()]);
        fs::write(temporary.path().join("file"), "x")?;
        drop(temporary);
        assert!(names(parent.path()).is_empty());
        Ok(())
    }

    #[test]
    fn folders_of_servers_that_are_gone_are_removed_and_no_others() -> io::Result<()> {
        let parent = tempfile::tempdir()?;
        let alive = Temporary::new(parent.path());
        alive.make()?;
        let gone = Temporary::new(parent.path());
        gone.make()?;
        fs::write(gone.path().join("file"), "x")?;
        // As if it had been killed: the lock is gone, the folder is not.
        gone.lock.lock().take();
        let elsewhere = tempfile::tempdir()?;
        fs::write(elsewhere.path().join(LOCK), "")?;
        let others = [
            format!("{PREFIX}data"),
            format!("{PREFIX}{}", uuid::Uuid::new_v4()),
            uuid::Uuid::new_v4().to_string(),
        ];
        for (name, has_lock) in others.iter().zip([true, false, true]) {
            fs::create_dir(parent.path().join(name))?;
            if has_lock {
                fs::write(parent.path().join(name).join(LOCK), "")?;
            }
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(
            elsewhere.path(),
            parent
                .path()
                .join(format!("{PREFIX}{}", uuid::Uuid::new_v4())),
        )?;
        let before = names(parent.path()).len();
        Temporary::new(parent.path()).make()?;
        assert!(!gone.path().exists());
        assert!(alive.path().exists());
        assert!(elsewhere.path().join(LOCK).exists());
        assert_eq!(names(parent.path()).len(), before - 1);
        Ok(())
    }
}
