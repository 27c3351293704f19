//! Where state files are, and who may use them.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use etcetera::BaseStrategy;
use sha2::{Digest, Sha256};

use crate::server_accessor::fingerprint::hex;
use crate::server_accessor::options::UploadState;

/// After this a state that nobody came back to is removed. Storage services forget the parts sooner.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// How many files of a folder are looked at for that.
const MOST_LOOKED_AT: usize = 1_000;

/// What states of ours are called.
const EXTENSION: &str = "upload";

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// Somebody else sends the same file.
    #[error("the same file is being uploaded already")]
    InUse,
    /// There is no folder to keep it in.
    #[error("there is no cache folder to keep its state in")]
    NoFolder,
    /// The system does not let us.
    #[error("its state cannot be kept in {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// The path of the state of this key; `source` is the path of what is uploaded, where there is one.
pub(super) fn path(
    state: &UploadState,
    key: &str,
    source: Option<&str>,
) -> Result<PathBuf, PlaceError> {
    let folder = match (state, source) {
        (UploadState::Folder(folder), _) => folder.clone(),
        (UploadState::BesideSource, Some(source)) => {
            let folder = Path::new(source).parent().unwrap_or(Path::new("."));
            return Ok(folder.join(format!(".ftrack-{key}.{EXTENSION}")));
        }
        _ => {
            let folders = etcetera::choose_base_strategy().map_err(|_| PlaceError::NoFolder)?;
            folders.cache_dir().join("ftrack-rust").join("uploads-v1")
        }
    };
    Ok(folder.join(format!("{key}.{EXTENSION}")))
}

/// A name for what these texts say together.
pub(crate) fn key(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    hex(digest.finalize().get(..16).unwrap_or_default())
}

/// Opens the file for us alone, and makes it if it is not there. The lock ends with the file, or with the process.
pub(super) fn open(path: &Path) -> Result<File, PlaceError> {
    let failed = |source| PlaceError::Io {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
        make_folder(folder).map_err(failed)?;
    }
    // Whoever had it may have removed it between our opening and our locking: then it is another file by now.
    for _ in 0..100 {
        let file = open_file(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) if is_at(&file, path) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PlaceError::InUse),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(PlaceError::InUse)
}

fn open_file(path: &Path) -> io::Result<File> {
    // What is not a file, such as a named pipe, would be waited for forever.
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other(
            "something that is not a file is in the way",
        ));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether it is this file that is at the path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Whether it is this file that is at the path. Here a file that is open keeps its name.
#[cfg(windows)]
fn is_at(_: &File, path: &Path) -> bool {
    path.is_file()
}

/// Whether a file is called as a state of ours is. In folders of users, other files may have the same extension.
fn is_state_name(name: &str) -> bool {
    let Some((key, EXTENSION)) = name.rsplit_once('.') else {
        return false;
    };
    let key = key.strip_prefix(".ftrack-").unwrap_or(key);
    key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Removes states that nobody came back to, beside the one at this path.
pub(super) fn remove_old(path: &Path) {
    let Some(entries) = path.parent().and_then(|folder| fs::read_dir(folder).ok()) else {
        return;
    };
    let now = SystemTime::now();
    for entry in entries.take(MOST_LOOKED_AT).flatten() {
        let candidate = entry.path();
        let is_state = entry.file_name().to_str().is_some_and(is_state_name);
        let age = |metadata: fs::Metadata| now.duration_since(metadata.modified().ok()?).ok();
        let is_old = || entry.metadata().ok().and_then(age) > Some(LIFETIME);
        if candidate != path
            && is_state
            && is_old()
            && let Ok(file) = File::open(&candidate)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(&candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_used_by_one_at_a_time_and_read_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let state = UploadState::Folder(folder.path().join("not/yet"));
        let path = path(&state, &key(&["a"]), None).unwrap();
        let first = open(&path).unwrap();
        assert!(matches!(open(&path), Err(PlaceError::InUse)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
        }
        drop(first);
        let second = open(&path).unwrap();
        // Removed and made again: the lock is that of the new file.
        fs::remove_file(&path).unwrap();
        let third = open(&path).unwrap();
        assert!(!is_at(&second, &path) && is_at(&third, &path));
    }

    #[test]
    fn keys_tell_their_parts_apart() {
        assert_eq!(key(&["ab", "c"]).len(), 32);
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
    }

    #[test]
    fn a_state_can_be_beside_its_file() {
        let beside = path(&UploadState::BesideSource, "k", Some("/plates/a.mov")).unwrap();
        assert_eq!(beside, Path::new("/plates/.ftrack-k.upload"));
        let folder = UploadState::Folder("/states".into());
        let there = path(&folder, "k", Some("/plates/a.mov")).unwrap();
        assert_eq!(there, Path::new("/states/k.upload"));
    }

    #[test]
    fn states_that_nobody_comes_back_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let state = |what: &str| format!("{}.upload", key(&[what]));
        let (old, used, young) = (state("old"), state("used"), state("young"));
        let beside = format!(".ftrack-{}", state("beside"));
        let others = ["other.txt", "scans.upload"];
        let long_ago = SystemTime::now() - 2 * LIFETIME;
        for name in [&*old, &*beside, &*used, &*young, others[0], others[1]] {
            let file = File::create(at(name)).unwrap();
            if name != young {
                file.set_modified(long_ago).unwrap();
            }
        }
        let used_by_somebody = open(&at(&used)).unwrap();
        remove_old(&at(&state("new")));
        drop(used_by_somebody);
        let is_there = |name: &str| at(name).exists();
        assert!(!is_there(&old) && !is_there(&beside));
        assert!(is_there(&used) && is_there(&young));
        assert!(others.into_iter().all(is_there), "files of somebody else");
    }
}
