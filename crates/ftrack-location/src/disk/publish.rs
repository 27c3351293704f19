//! Giving a file its name without replacing another.

use std::fs;
use std::io;
use std::path::Path;

/// Renames `staged` to `target`, both in one folder. If there is something at `target`, also since a moment ago, it
/// fails with [`io::ErrorKind::AlreadyExists`].
pub(super) fn publish(staged: &Path, target: &Path) -> io::Result<()> {
    match rename_without_replacing(staged, target) {
        Some(result) => result,
        None => publish_by_link(staged, target),
    }
}

/// `None` if this system or this file system has no such operation.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_without_replacing(staged: &Path, target: &Path) -> Option<io::Result<()>> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, staged, CWD, target, RenameFlags::NOREPLACE) {
        Ok(()) => Some(Ok(())),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
        Err(error) => Some(Err(error.into())),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_without_replacing(_: &Path, _: &Path) -> Option<io::Result<()>> {
    None
}

/// A second name for a file is never given to where there is one already, so it does the same in two steps.
fn publish_by_link(staged: &Path, target: &Path) -> io::Result<()> {
    if let Err(error) = fs::hard_link(staged, target) {
        return Err(match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported => io::Error::new(
                io::ErrorKind::Unsupported,
                "this file system can neither rename without replacing nor make hard links",
            ),
            _ => error,
        });
    }
    if let Err(error) = fs::remove_file(staged) {
        tracing::warn!(path = %staged.display(), %error, "a staged file was published and is left over");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{self, ErrorKind};
    use std::path::Path;

    use super::{publish, publish_by_link};

    fn check(publish: fn(&Path, &Path) -> io::Result<()>) {
        let folder = tempfile::tempdir().unwrap();
        let [staged, target] = ["staged", "target"].map(|name| folder.path().join(name));

        fs::write(&staged, "new").unwrap();
        publish(&staged, &target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(!staged.exists());

        fs::write(&staged, "newer").unwrap();
        let error = publish(&staged, &target).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read(&staged).unwrap(), b"newer");
    }

    #[test]
    fn a_rename_replaces_nothing() {
        check(publish);
    }

    #[test]
    fn a_link_replaces_nothing() {
        check(publish_by_link);
    }
}
