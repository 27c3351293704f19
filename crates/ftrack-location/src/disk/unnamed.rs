//! Files without a name, which get one when they are whole.
//!
//! Where the system has them, a program that is killed leaves nothing at all, and the folder is changed once for each
//! file: a name that is made and changed later costs a second change.

use std::fs::File;
use std::io;
use std::path::Path;

/// A new file without a name in `folder`, to be read and written. `None` if this system or this file system has none.
#[cfg(target_os = "linux")]
pub(super) fn create(folder: &Path) -> Option<io::Result<File>> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    use rustix::io::Errno;

    if !names_can_be_given() {
        return None;
    }
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    // What the system takes from this is its default for new files of this user.
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP | Mode::ROTH | Mode::WOTH;
    match openat(CWD, folder, flags, mode) {
        Ok(file) => Some(Ok(file.into())),
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOSYS) => None,
        Err(error) => Some(Err(error.into())),
    }
}

/// Gives `file` the name `target`. If there is something already, it fails with [`io::ErrorKind::AlreadyExists`].
#[cfg(target_os = "linux")]
pub(super) fn publish(file: &File, target: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;

    let opened = format!("{OPENED_FILES}/{}", file.as_raw_fd());
    Ok(linkat(CWD, opened, CWD, target, AtFlags::SYMLINK_FOLLOW)?)
}

/// Where the system shows the files that this process has open: the only way to one without a name.
#[cfg(target_os = "linux")]
const OPENED_FILES: &str = "/proc/self/fd";

#[cfg(target_os = "linux")]
fn names_can_be_given() -> bool {
    use std::sync::LazyLock;

    static KNOWN: LazyLock<bool> = LazyLock::new(|| Path::new(OPENED_FILES).is_dir());
    *KNOWN
}

#[cfg(not(target_os = "linux"))]
pub(super) fn create(_: &Path) -> Option<io::Result<File>> {
    None
}

#[cfg(not(target_os = "linux"))]
pub(super) fn publish(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
