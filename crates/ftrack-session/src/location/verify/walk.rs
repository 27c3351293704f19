//! What there is in a storage besides what is registered.

use std::fs;
use std::path::PathBuf;

use ftrack_location::{Accessor, AccessorError};
use rustc_hash::FxHashSet;

/// The files that are not among those that are known, sorted; `None` if the storage does not list what is in it.
///
/// A folder that a link leads to is looked at once: under its own name, if it is in the storage itself. So links that
/// lead in circles come to an end.
pub(super) fn others(
    accessor: &dyn Accessor,
    known: &FxHashSet<String>,
) -> Result<Option<Vec<String>>, AccessorError> {
    let mut walk = Walk {
        accessor,
        known,
        found: Vec::new(),
        folders: vec![String::new()],
        links: Vec::new(),
        seen: FxHashSet::default(),
        followed: Vec::new(),
    };
    if !walk.run()? {
        return Ok(None);
    }
    walk.leave_out_what_links_name();
    walk.found.sort_unstable();
    Ok(Some(walk.found))
}

struct Walk<'a> {
    accessor: &'a dyn Accessor,
    known: &'a FxHashSet<String>,
    found: Vec<String>,
    /// The folders that the walk has yet to visit.
    folders: Vec<String>,
    /// Links to folders, which are looked at when there is no other folder left.
    links: Vec<String>,
    /// The folders that were looked at, where they really are.
    seen: FxHashSet<PathBuf>,
    /// All links to folders that were met.
    followed: Vec<String>,
}

impl Walk<'_> {
    /// Whether the storage lists what is in it.
    fn run(&mut self) -> Result<bool, AccessorError> {
        while let Some(container) = self.folders.pop().or_else(|| self.links.pop()) {
            if let Some(real) = self.real_path(&container)
                && !self.seen.insert(real)
            {
                continue;
            }
            let entries = match self.accessor.list(&container) {
                Ok(entries) => entries,
                Err(AccessorError::UnsupportedOperation { .. }) => return Ok(false),
                // It went meanwhile, or nothing was put here yet.
                Err(AccessorError::ResourceNotFound { .. }) => continue,
                Err(error) => return Err(error),
            };
            for entry in entries {
                self.look_at(entry)?;
            }
        }
        Ok(true)
    }

    fn look_at(&mut self, entry: String) -> Result<(), AccessorError> {
        if self.known.contains(&entry) {
            return Ok(());
        }
        if !self.accessor.is_container(&entry)? {
            self.found.push(entry);
        } else if self.is_link(&entry) {
            self.followed.push(entry.clone());
            self.links.push(entry);
        } else {
            self.folders.push(entry);
        }
        Ok(())
    }

    fn is_link(&self, entry: &str) -> bool {
        let path = self.accessor.local_path(entry);
        path.and_then(|path| fs::symlink_metadata(path).ok())
            .is_some_and(|metadata| metadata.is_symlink())
    }

    /// Where it really is, where that can be told.
    fn real_path(&self, resource_identifier: &str) -> Option<PathBuf> {
        let path = self.accessor.local_path(resource_identifier)?;
        fs::canonicalize(path).ok()
    }

    /// What is registered by way of a link is not something else.
    fn leave_out_what_links_name(&mut self) {
        let is_below = |known: &str, link: &str| {
            known
                .strip_prefix(link)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let named: FxHashSet<PathBuf> = self
            .known
            .iter()
            .filter(|known| self.followed.iter().any(|link| is_below(known, link)))
            .filter_map(|known| self.real_path(known))
            .collect();
        if named.is_empty() {
            return;
        }
        let found = std::mem::take(&mut self.found);
        let is_other = |entry: &String| {
            self.real_path(entry)
                .is_none_or(|real| !named.contains(&real))
        };
        self.found = found.into_iter().filter(is_other).collect();
    }
}
