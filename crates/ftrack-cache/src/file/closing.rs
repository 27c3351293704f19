//! A proof that what was written is still there.
//!
//! Some damage makes the database forget at every opening what was written after a certain place,
//! without saying so. Therefore it counts its closings, and the count is also kept in a file of
//! its own, written later. A database that knows of fewer closings than the file has lost entries.

use std::fs;
use std::path::{Path, PathBuf};

/// The tree beside the one with the entries.
const TREE: &str = "closings";
const KEY: &str = "count";

/// Whether the database knows of all closings that were completed.
pub(super) fn knows_all(database: &sled::Db, folder: &Path) -> sled::Result<bool> {
    let completed = fs::read_to_string(count_file(folder)).ok();
    let completed = completed.and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(known(database)? >= completed)
}

/// Writes everything to disk, and counts that as a closing.
pub(super) fn close(database: &sled::Db, folder: &Path) -> sled::Result<usize> {
    let count = known(database)?.saturating_add(1);
    database
        .open_tree(TREE)?
        .insert(KEY, &count.to_le_bytes())?;
    let flushed = database.flush()?;
    // Cut short, the number is too small, which proves less but nothing wrong.
    fs::write(count_file(folder), count.to_string())?;
    Ok(flushed)
}

fn known(database: &sled::Db) -> sled::Result<u64> {
    let stored = database.open_tree(TREE)?.get(KEY)?;
    let bytes = stored.and_then(|stored| <[u8; 8]>::try_from(&*stored).ok());
    Ok(bytes.map_or(0, u64::from_le_bytes))
}

pub(super) fn count_file(folder: &Path) -> PathBuf {
    folder.join("closings")
}
