//! Files of this machine under other names, and in the place of others.

use std::fs;
use std::io;
use std::path::Path;

use super::is_absence;
use super::publish::publish;
use crate::accessor::{AccessorError, Result};

/// A path, and the resource identifier that it comes from.
pub(super) type Named<'a> = (&'a Path, &'a str);

pub(super) fn rename(from: Named<'_>, to: Named<'_>) -> Result<()> {
    check_file(from)?;
    publish(from.0, to.0).map_err(|error| failed(to, error))
}

/// Gives the old file a second name before the new one takes its first: so there always is a whole file at `target`.
pub(super) fn replace(staged: Named<'_>, target: Named<'_>, backup: Named<'_>) -> Result<()> {
    check_file(staged)?;
    check_file(target)?;
    match fs::hard_link(target.0, backup.0) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(failed(backup, error));
        }
        // File systems without second names, and files of others, for which systems refuse them.
        Err(_) => return replace_by_names(staged, target, backup),
    }
    fs::rename(staged.0, target.0).map_err(|error| {
        if let Err(left) = fs::remove_file(backup.0) {
            tracing::warn!(path = %backup.0.display(), error = %left, "a second name of a file is left over");
        }
        failed(target, error)
    })
}

/// In two steps, between which there is nothing at `target`.
fn replace_by_names(staged: Named<'_>, target: Named<'_>, backup: Named<'_>) -> Result<()> {
    publish(target.0, backup.0).map_err(|error| failed(backup, error))?;
    publish(staged.0, target.0).map_err(|error| {
        if let Err(left) = publish(backup.0, target.0) {
            tracing::warn!(path = %backup.0.display(), error = %left, "a file that was to be replaced is left under another name");
        }
        failed(target, error)
    })
}

/// Looks at the entry itself: a link is renamed as a link.
fn check_file((path, resource_identifier): Named<'_>) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(AccessorError::invalid(
            resource_identifier,
            "it is not a file",
        )),
        Ok(_) => Ok(()),
        Err(error) if is_absence(&error) => Err(AccessorError::not_found(resource_identifier)),
        Err(error) => Err(AccessorError::from_io(
            "inspect",
            resource_identifier,
            error,
        )),
    }
}

/// What is renamed is there, so it is the folder of the other name that is missing.
fn failed((_, resource_identifier): Named<'_>, error: io::Error) -> AccessorError {
    if is_absence(&error) {
        AccessorError::parent_not_found(resource_identifier)
    } else {
        AccessorError::from_io("rename", resource_identifier, error)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Named, replace, replace_by_names};
    use crate::accessor::{AccessorError, Result};

    fn check(replace: fn(Named<'_>, Named<'_>, Named<'_>) -> Result<()>) {
        let folder = tempfile::tempdir().unwrap();
        let [staged, target, backup] =
            ["staged", "target", "backup"].map(|name| folder.path().join(name));
        fs::write(&staged, "new").unwrap();
        let run = || {
            replace(
                (&staged, "staged"),
                (&target, "target"),
                (&backup, "backup"),
            )
        };
        let error = run().unwrap_err();
        assert!(
            matches!(error, AccessorError::ResourceNotFound { .. }),
            "{error}"
        );
        assert_eq!(fs::read(&staged).unwrap(), b"new");

        fs::write(&target, "old").unwrap();
        fs::write(&backup, "other").unwrap();
        let error = run().unwrap_err();
        assert!(
            matches!(error, AccessorError::ResourceExists { .. }),
            "{error}"
        );
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(fs::read(&backup).unwrap(), b"other");

        fs::remove_file(&backup).unwrap();
        run().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read(&backup).unwrap(), b"old");
        assert!(!staged.exists());
    }

    #[test]
    fn the_old_file_is_kept_by_a_second_name() {
        check(replace);
    }

    #[test]
    fn the_old_file_is_kept_where_there_are_no_second_names() {
        check(|staged, target, backup| {
            super::check_file(staged)?;
            super::check_file(target)?;
            replace_by_names(staged, target, backup)
        });
    }
}
