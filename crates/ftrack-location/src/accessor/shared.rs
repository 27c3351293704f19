//! Accessors that are shared.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Accessor, CreateOptions, ResourceReader, Result, Upload};

/// What is shared does what it does alone: for those who have an accessor as `Arc<dyn Accessor>` and need one.
///
/// ```
/// use std::sync::Arc;
///
/// use ftrack_location::{Accessor, MemoryAccessor};
///
/// fn is_empty(accessor: impl Accessor) -> bool {
///     accessor.exists("plate.exr").is_ok_and(|exists| !exists)
/// }
///
/// let accessor: Arc<dyn Accessor> = Arc::new(MemoryAccessor::new());
/// assert!(is_empty(Arc::clone(&accessor)));
/// ```
impl<T: Accessor + ?Sized> Accessor for Arc<T> {
    fn list(&self, resource_identifier: &str) -> Result<Vec<String>> {
        (**self).list(resource_identifier)
    }

    fn exists(&self, resource_identifier: &str) -> Result<bool> {
        (**self).exists(resource_identifier)
    }

    fn is_file(&self, resource_identifier: &str) -> Result<bool> {
        (**self).is_file(resource_identifier)
    }

    fn is_container(&self, resource_identifier: &str) -> Result<bool> {
        (**self).is_container(resource_identifier)
    }

    fn is_sequence(&self, resource_identifier: &str) -> Result<bool> {
        (**self).is_sequence(resource_identifier)
    }

    fn open_at(&self, resource_identifier: &str, offset: u64) -> Result<ResourceReader> {
        (**self).open_at(resource_identifier, offset)
    }

    fn open(&self, resource_identifier: &str) -> Result<ResourceReader> {
        (**self).open(resource_identifier)
    }

    fn create(
        &self,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> Result<Box<dyn Upload>> {
        (**self).create(resource_identifier, options)
    }

    fn remove(&self, resource_identifier: &str) -> Result<()> {
        (**self).remove(resource_identifier)
    }

    fn remove_container(&self, resource_identifier: &str) -> Result<()> {
        (**self).remove_container(resource_identifier)
    }

    fn rename(&self, resource_identifier: &str, target: &str) -> Result<()> {
        (**self).rename(resource_identifier, target)
    }

    fn replace(&self, staged: &str, target: &str, backup: &str) -> Result<()> {
        (**self).replace(staged, target, backup)
    }

    fn make_container(&self, resource_identifier: &str, recursive: bool) -> Result<()> {
        (**self).make_container(resource_identifier, recursive)
    }

    fn container(&self, resource_identifier: &str) -> Result<String> {
        (**self).container(resource_identifier)
    }

    fn filesystem_path(&self, resource_identifier: &str) -> Result<PathBuf> {
        (**self).filesystem_path(resource_identifier)
    }

    fn url(&self, resource_identifier: &str) -> Result<String> {
        (**self).url(resource_identifier)
    }

    fn thumbnail_url(&self, resource_identifier: &str, size: Option<u32>) -> Result<String> {
        (**self).thumbnail_url(resource_identifier, size)
    }

    fn local_path(&self, resource_identifier: &str) -> Option<PathBuf> {
        (**self).local_path(resource_identifier)
    }
}
