//! Files that are replaced whole.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Whether a file has to survive a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// It and its folder are written to the disk before this returns.
    Synced,
    /// The system writes it when it likes.
    Lazy,
}

/// Replaces a file, whose folder must be there: whoever opens it finds the old or the new content, and never a part of
/// it. If that fails, the old one stays and nothing is left beside it.
///
/// # Errors
///
/// What the system says.
pub fn replace_file(path: &Path, content: &[u8], durability: Durability) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ftrack-");
    // As any other new file: the umask says who may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    if durability == Durability::Synced {
        file.as_file().sync_all()?;
    }
    file.persist(path).map_err(|error| error.error)?;
    if durability == Durability::Synced && cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_stays_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        for (content, durability) in [("old", Durability::Lazy), ("new", Durability::Synced)] {
            replace_file(&path, content.as_bytes(), durability).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        // A folder cannot be replaced by a file.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("inside"), "").unwrap();
        assert!(replace_file(&taken, b"new", Durability::Lazy).is_err());
        assert!(taken.join("inside").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        let nowhere = folder.path().join("no/such/folder");
        assert!(replace_file(&nowhere, b"new", Durability::Lazy).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_by_whom_the_umask_says() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let [ours, plain] = ["ours", "plain"].map(|name| folder.path().join(name));
        replace_file(&ours, b"", Durability::Lazy).unwrap();
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
