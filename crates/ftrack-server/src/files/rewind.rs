//! Going back to the files at the start of a server for tests.

use std::io;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::Files;

impl Files {
    /// Remembers the files that there are as those to go back to. From now on they are set aside where they would be
    /// removed.
    pub(crate) fn remember(&self) {
        let mut files = self.list();
        // Pictures can be made again, of whatever is there then.
        files.retain(|path| path.extension().is_none());
        let _ = self.start.set(files);
    }

    /// Puts everything as it was when it was remembered, and forgets the uploads under way.
    pub(crate) fn rewind(&self) {
        let tokens: Vec<String> = self.uploads.lock().keys().cloned().collect();
        for token in tokens {
            self.abort(&token);
        }
        let start = self.start.get();
        for path in self.list() {
            if start.is_none_or(|start| !start.contains(&path)) {
                note(&path, std::fs::remove_file(&path));
            }
        }
        for path in entries(&self.aside()) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            note(&path, std::fs::rename(&path, self.place(name)));
        }
    }

    /// Takes a file away that is to be there again after going back; whether it is such a file.
    pub(super) fn set_aside(&self, path: &Path) -> bool {
        let is_remembered = self.start.get().is_some_and(|start| start.contains(path));
        let (true, Some(name)) = (is_remembered, path.file_name()) else {
            return false;
        };
        let aside = self.aside();
        // What is there since then, in place of the first, need not come back.
        let target = aside.join(name);
        !target.exists()
            && std::fs::create_dir_all(&aside).is_ok()
            && std::fs::rename(path, target).is_ok()
    }

    /// Where files wait to be put back. They are of no use to another run of the server.
    fn aside(&self) -> PathBuf {
        self.staging().join("aside")
    }

    /// The files of components, and pictures of them.
    fn list(&self) -> FxHashSet<PathBuf> {
        let groups = entries(&self.folder.join("components"));
        let paths = groups.iter().flat_map(|group| entries(group));
        paths.collect()
    }
}

fn note(path: &Path, outcome: io::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, path = %path.display(), "a file stays where it is");
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}
