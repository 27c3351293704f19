//! Files under other names, and in the place of others; for storages that do that.

use super::support::{holds, is, refuses, same, works, write};
use super::{Case, Outcome, Storage};
use crate::accessor::{Accessor, AccessorError};

pub(super) const CASES: &[Case] = &[
    ("a file gets another name", renaming),
    ("a rename replaces nothing", renaming_to_what_exists),
    (
        "a file takes the place of another, which is kept",
        replacing,
    ),
    (
        "a replacement that cannot be changes nothing",
        replacing_nothing,
    ),
];

/// Whether the storage can rename: those that cannot say so, and are done.
fn can_rename(accessor: &dyn Accessor, from: &str, to: &str) -> Result<bool, String> {
    match accessor.rename(from, to) {
        Err(AccessorError::UnsupportedOperation { .. }) => Ok(false),
        outcome => works("rename", outcome).map(|()| true),
    }
}

fn gone(accessor: &dyn Accessor, name: &str) -> Outcome {
    refuses(
        &format!("open {name:?}, which has another name"),
        accessor.open(name),
        is!(ResourceNotFound),
    )
}

fn renaming(storage: Storage<'_>) -> Outcome {
    let [from, to] = ["from.exr", "to.exr"].map(|name| storage.name(name));
    let Storage { accessor, .. } = storage;
    write(accessor, &from, b"pixels")?;
    if !can_rename(accessor, &from, &to)? {
        return Ok(());
    }
    holds(accessor, &to, b"pixels")?;
    gone(accessor, &from)?;
    refuses(
        "rename what is missing",
        accessor.rename(&from, &storage.name("other.exr")),
        is!(ResourceNotFound),
    )
}

fn renaming_to_what_exists(storage: Storage<'_>) -> Outcome {
    let [from, to, probe] = ["from.exr", "kept.exr", "probe.exr"].map(|name| storage.name(name));
    let Storage { accessor, .. } = storage;
    write(accessor, &probe, b"pixels")?;
    if !can_rename(accessor, &probe, &from)? {
        return Ok(());
    }
    write(accessor, &to, b"other pixels")?;
    refuses(
        "rename to what exists",
        accessor.rename(&from, &to),
        is!(ResourceExists),
    )?;
    holds(accessor, &from, b"pixels")?;
    holds(accessor, &to, b"other pixels")
}

fn replacing(storage: Storage<'_>) -> Outcome {
    let [staged, target, backup] =
        ["new.exr", "plate.exr", "old.exr"].map(|name| storage.name(name));
    let Storage { accessor, .. } = storage;
    write(accessor, &staged, b"new pixels")?;
    write(accessor, &target, b"old")?;
    match accessor.replace(&staged, &target, &backup) {
        Err(AccessorError::UnsupportedOperation { .. }) => return Ok(()),
        outcome => works("replace", outcome)?,
    }
    holds(accessor, &target, b"new pixels")?;
    holds(accessor, &backup, b"old")?;
    gone(accessor, &staged)?;
    let found = works("ask for existence", accessor.exists(&staged))?;
    same("the staged file being there", &found, &false)
}

fn replacing_nothing(storage: Storage<'_>) -> Outcome {
    let [staged, target, backup, probe] =
        ["new.exr", "plate.exr", "old.exr", "probe.exr"].map(|name| storage.name(name));
    let Storage { accessor, .. } = storage;
    write(accessor, &probe, b"new pixels")?;
    if !can_rename(accessor, &probe, &staged)? {
        return Ok(());
    }
    refuses(
        "replace what is missing",
        accessor.replace(&staged, &target, &backup),
        is!(ResourceNotFound),
    )?;
    holds(accessor, &staged, b"new pixels")?;
    write(accessor, &target, b"old")?;
    write(accessor, &backup, b"somebody's")?;
    refuses(
        "replace a file where the old one cannot be kept",
        accessor.replace(&staged, &target, &backup),
        is!(ResourceExists),
    )?;
    holds(accessor, &staged, b"new pixels")?;
    holds(accessor, &target, b"old")?;
    holds(accessor, &backup, b"somebody's")
}
