//! Going back to the files of an earlier moment.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::Files;

impl Files {
    /// All files of components, pictures of them included.
    pub(crate) fn list(&self) -> FxHashSet<PathBuf> {
        let mut found = FxHashSet::default();
        for group in entries(&self.folder.join("components")) {
            found.extend(entries(&group));
        }
        found
    }

    /// Removes the files that came after a list was made, and forgets the uploads under way. What was removed since
    /// does not come back.
    pub(crate) fn rewind(&self, kept: &FxHashSet<PathBuf>) {
        let tokens: Vec<String> = self.uploads.lock().keys().cloned().collect();
        for token in tokens {
            self.abort(&token);
        }
        for path in self.list().difference(kept) {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(%error, path = %path.display(), "a file stays where it is");
            }
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}
