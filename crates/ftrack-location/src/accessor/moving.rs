//! Files under other names, for storages that know nothing better than to copy them.

use std::io;

use super::{Accessor, AccessorError, CreateOptions, Result};

/// Copies and removes. If the file cannot be removed, its copy is: then nothing has happened.
pub(super) fn rename<A>(accessor: &A, from: &str, to: &str) -> Result<()>
where
    A: Accessor + ?Sized,
{
    copy(accessor, from, to)?;
    let Err(error) = accessor.remove(from) else {
        return Ok(());
    };
    if let Err(left) = accessor.remove(to) {
        tracing::warn!(resource_identifier = to, error = %left, "a copy is left over");
    }
    Err(error)
}

fn copy<A>(accessor: &A, from: &str, to: &str) -> Result<()>
where
    A: Accessor + ?Sized,
{
    let mut reader = accessor.open(from)?;
    let mut options = CreateOptions::new();
    if let Some(size) = reader.size() {
        options = options.size(size);
    }
    let mut upload = accessor.create(to, &options)?;
    io::copy(&mut reader, &mut upload)
        .map_err(|error| AccessorError::from_io("rename", from, error))?;
    upload.finish()
}

/// Renames twice, and back again if the second time fails.
pub(super) fn replace<A>(accessor: &A, staged: &str, target: &str, backup: &str) -> Result<()>
where
    A: Accessor + ?Sized,
{
    accessor.rename(target, backup)?;
    let Err(error) = accessor.rename(staged, target) else {
        return Ok(());
    };
    if let Err(left) = accessor.rename(backup, target) {
        tracing::warn!(resource_identifier = backup, error = %left, "a file that was to be replaced is left under another name");
    }
    Err(error)
}
