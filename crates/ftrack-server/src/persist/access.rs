//! Folders and files that only their owner may read.

use std::io::{self, Write};
use std::path::Path;

/// Makes a folder that only its owner may look into. One that was there already stays as it is, unless it is empty:
/// what is in it may be shared with others on purpose.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let is_ours = match create(path) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::read_dir(path)?.next().is_none()
        }
        Err(error) => return Err(error),
    };
    if is_ours {
        close(path, 0o700)?;
    }
    Ok(())
}

/// Takes the rights of everybody but the owner on a file away.
pub(crate) fn close_file(path: &Path) -> io::Result<()> {
    close(path, 0o600)
}

/// Writes a file that only its owner may read: all of it, or it stays as it was.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    // What an earlier attempt left behind would keep its rights.
    let _ = std::fs::remove_file(&beside);
    let mut file = open_file(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

/// Opens a file to be written from its beginning; a new one can be read by its owner only.
pub(super) fn open_file(path: &Path) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn close(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn close(_path: &Path, _mode: u32) -> io::Result<()> {
    // Folders of a user are theirs alone on such systems unless they say otherwise.
    Ok(())
}
