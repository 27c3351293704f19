//! Files that are replaced whole, and locks between processes.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

pub(crate) use ftrack_session::extension::Durability;
use ftrack_session::extension::replace_file;

use crate::error::{Error, Result};

/// Replaces a file: whoever opens it finds the old or the new content, and never a part of it.
pub(crate) fn replace(path: &Path, content: &[u8], durability: Durability) -> Result<()> {
    replace_file(path, content, durability).map_err(Error::file("write", path))
}

/// Keeps other processes from using a file, until this is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes it, or says that somebody else has it.
    pub(crate) fn try_take(path: &Path) -> Result<Self> {
        let beside = beside(path);
        let file = open(&beside)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(Error::file("lock", beside)(source)),
        }
    }

    /// Waits until nobody else has it, and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self> {
        let beside = beside(path);
        let file = open(&beside)?;
        file.lock().map_err(Error::file("lock", beside))?;
        Ok(Self { _file: file })
    }
}

/// The file itself is replaced, so the lock is on one beside it, which stays.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

fn open(path: &Path) -> Result<File> {
    let options = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path);
    options.map_err(Error::file("open", path))
}
