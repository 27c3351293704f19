//! From resource identifiers to paths, and never out of the prefix.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::is_absence;
use crate::accessor::{AccessorError, Result};
use crate::windows;

/// The folder that everything is in, if there is one.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// Absolute, without `.` and `..`.
    prefix: Option<PathBuf>,
    symlinks_may_lead_out: bool,
}

impl Root {
    pub(super) fn new(prefix: Option<PathBuf>) -> Self {
        Self {
            prefix,
            symlinks_may_lead_out: false,
        }
    }

    pub(super) fn allow_symlinks_out(&mut self, allowed: bool) {
        self.symlinks_may_lead_out = allowed;
    }

    pub(super) fn prefix(&self) -> Option<&Path> {
        self.prefix.as_deref()
    }

    /// The path of a resource by its text alone.
    pub(super) fn path(&self, resource_identifier: &str) -> Result<PathBuf> {
        if resource_identifier.contains('\0') {
            return Err(AccessorError::ResourceIdentifier {
                resource_identifier: resource_identifier.to_owned(),
                reason: "it contains a NUL character".into(),
            });
        }
        let Some(prefix) = &self.prefix else {
            let path = PathBuf::from(resource_identifier);
            check_names(&path, resource_identifier)?;
            return Ok(path);
        };
        // An absolute identifier takes the place of the prefix here, and so does one with a drive letter.
        let path = normalise(&prefix.join(resource_identifier));
        match path.strip_prefix(prefix) {
            Ok(below) => check_names(below, resource_identifier)?,
            Err(_) => {
                return Err(AccessorError::outside(
                    resource_identifier,
                    "it leads out of the prefix",
                ));
            }
        }
        Ok(path)
    }

    /// The path of a resource whose content is read: no link on the way and at its end leads out.
    pub(super) fn existing(&self, resource_identifier: &str) -> Result<PathBuf> {
        let path = self.path(resource_identifier)?;
        self.check_links(&path, resource_identifier)?;
        Ok(if path.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            path
        })
    }

    /// The path of an entry that is made or removed: no link on the way leads out, and it is not the prefix itself.
    pub(super) fn entry(&self, resource_identifier: &str) -> Result<PathBuf> {
        let path = self.path(resource_identifier)?;
        let is_prefix = self.prefix.as_ref() == Some(&path);
        match path.parent() {
            Some(container) if !is_prefix && path.file_name().is_some() => {
                self.check_links(container, resource_identifier)?;
                Ok(path)
            }
            _ => Err(AccessorError::invalid(
                resource_identifier,
                "it is not an entry of a container",
            )),
        }
    }

    fn check_links(&self, path: &Path, resource_identifier: &str) -> Result<()> {
        let Some(prefix) = self.prefix.as_ref().filter(|_| !self.symlinks_may_lead_out) else {
            return Ok(());
        };
        let failed = |error: io::Error| {
            AccessorError::from_io("resolve the links of", resource_identifier, error)
        };
        if !has_link(prefix, path).map_err(failed)? || leads_inside(prefix, path).map_err(failed)? {
            return Ok(());
        }
        Err(AccessorError::outside(
            resource_identifier,
            "a symbolic link leads out of the prefix",
        ))
    }
}

/// What is written to `nul` or to a stream of another file is lost or hidden, so such names are refused where they are
/// special. Elsewhere they are names like any other.
fn check_names(path: &Path, resource_identifier: &str) -> Result<()> {
    match windows::fault(&path.to_string_lossy()).filter(|_| cfg!(windows)) {
        Some(reason) => Err(AccessorError::ResourceIdentifier {
            resource_identifier: resource_identifier.to_owned(),
            reason: reason.into(),
        }),
        None => Ok(()),
    }
}

/// Whether there is a symbolic link on the way from `prefix` to `path`. Mostly there is none, and then nothing else
/// needs to be looked up.
fn has_link(prefix: &Path, path: &Path) -> io::Result<bool> {
    let mut way = prefix.to_owned();
    for component in path.strip_prefix(prefix).unwrap_or(path).components() {
        way.push(component);
        match fs::symlink_metadata(&way) {
            Ok(metadata) if metadata.is_symlink() => return Ok(true),
            Ok(_) => {}
            // There is nothing below what does not exist.
            Err(error) if is_absence(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// Whether `path` is below `prefix` once all links are resolved.
fn leads_inside(prefix: &Path, path: &Path) -> io::Result<bool> {
    let real_prefix = prefix.canonicalize()?;
    // What does not exist yet can only be made below the last folder that does.
    for ancestor in path.ancestors() {
        match ancestor.canonicalize() {
            Ok(real) => return Ok(real.starts_with(&real_prefix)),
            Err(error) if is_absence(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// `path` without `.` and `..`, by its text alone.
pub(super) fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // The parent of the root is the root.
            Component::ParentDir => {
                normal.pop();
            }
            component => normal.push(component),
        }
    }
    normal
}
