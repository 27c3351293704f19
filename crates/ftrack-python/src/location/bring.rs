//! Comparing locations with what is registered in them, and bringing to one what another one has.

use ftrack::{RegisteredFile, SyncItem, SyncOptions, SyncReason};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::structure::InSession;
use super::watch::{CancellationToken, Watch};
use super::{cause, entities, place};
use crate::handle::{EntityHandle, SessionCore};
use crate::interrupt::wait;
use crate::options::given;

/// Id, type and name of a component, its resource identifier, and how many bytes are registered and found.
type FileRow = (String, String, String, String, Option<u64>, Option<u64>);

/// Id, type and name of a component, its resource identifier, its size, why it is brought, and the size that was found.
type ItemRow = (
    String,
    String,
    String,
    String,
    Option<u64>,
    &'static str,
    Option<u64>,
);

/// Looks for every file that is registered in a location that was configured: how many there are, those that are
/// missing, those of another size, those that nobody has registered (nothing if that cannot be said), and those that
/// were left over: resource identifiers, whether it is an old file, and what it is beside.
#[pyfunction]
pub(crate) fn verify_location<'py>(
    session: &Bound<'py, SessionCore>,
    location: &Bound<'py, EntityHandle>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = session.py();
    let place = place(location)?;
    let _current = InSession::new(session);
    let found = wait(py, || Ok(place.verify()))?;
    let found = found.map_err(|error| cause::raised_or_made(py, &error))?;
    let rows = |files: &[RegisteredFile]| files.iter().map(row).collect::<Vec<_>>();
    let left_over = found.left_over.iter().map(|left| {
        (
            left.resource_identifier.as_str(),
            left.is_old,
            left.target.as_str(),
        )
    });
    let verification = PyDict::new(py);
    verification.set_item("checked", found.checked)?;
    verification.set_item("missing", rows(&found.missing))?;
    verification.set_item("differing", rows(&found.differing))?;
    verification.set_item("unregistered", found.unregistered.as_ref())?;
    verification.set_item("left_over", left_over.collect::<Vec<_>>())?;
    Ok(verification)
}

fn row(file: &RegisteredFile) -> FileRow {
    (
        file.component_id.clone(),
        file.component_type.clone(),
        file.name.clone(),
        file.resource_identifier.clone(),
        file.registered_size,
        file.found_size,
    )
}

/// Brings to a location what another one has, both configured. `options` says what and how.
#[pyfunction]
pub(crate) fn sync_location<'py>(
    session: &Bound<'py, SessionCore>,
    location: &Bound<'py, EntityHandle>,
    source: &Bound<'py, EntityHandle>,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = session.py();
    let (target, source) = (place(location)?, place(source)?);
    let watch = watch(options)?;
    let sync = sync_options(options)?.cancellation(watch.token());
    let told = std::sync::Arc::clone(&watch);
    let sync = sync.progress(move |now| told.tell((now.checked, now.wanted, now.files, now.bytes)));
    let _current = InSession::new(session);
    let done = wait(py, || Ok(target.sync_from(&source, &sync)));
    let report = watch.outcome(done)?;
    let report = report.map_err(|error| cause::raise(py, &error))?;
    let failed = report.failed.iter().map(|failure| {
        let error = cause::raised_or_made(py, &failure.error);
        (item(&failure.item), error.into_value(py))
    });
    let failed: Vec<(ItemRow, Py<_>)> = failed.collect();
    let made = PyDict::new(py);
    made.set_item("checked", report.checked)?;
    made.set_item("wanted", report.wanted.iter().map(item).collect::<Vec<_>>())?;
    made.set_item("files", report.files)?;
    made.set_item("bytes", report.bytes)?;
    made.set_item("failed", failed)?;
    made.set_item("given_up", report.given_up)?;
    Ok(made)
}

fn watch(options: &Bound<'_, PyDict>) -> PyResult<std::sync::Arc<Watch>> {
    let progress = given(options, "progress")?.map(Bound::unbind);
    let cancellation = given(options, "cancellation")?;
    let cancellation = cancellation
        .as_ref()
        .map(|token| token.cast::<CancellationToken>());
    Watch::new(options.py(), progress, cancellation.transpose()?)
}

fn sync_options(options: &Bound<'_, PyDict>) -> PyResult<SyncOptions> {
    let flag = |name| given(options, name)?.map_or(Ok(false), |value| value.extract());
    let mut sync = SyncOptions::new()
        .checksum(flag("checksum")?)
        .dry_run(flag("dry_run")?);
    if let Some(project) = given(options, "project")? {
        sync = sync.project(project.extract::<String>()?);
    }
    if let Some(components) = given(options, "components")? {
        let components: Vec<Bound<'_, EntityHandle>> = components.extract()?;
        sync = sync.components(&entities(&components));
    }
    if let Some(parallel) = given(options, "parallel")? {
        sync = sync.parallel(parallel.extract()?);
    }
    Ok(sync)
}

fn item(item: &SyncItem) -> ItemRow {
    let (reason, found) = match item.reason {
        SyncReason::NotRegistered => ("not-registered", None),
        SyncReason::Missing => ("missing", None),
        SyncReason::OtherSize { found } => ("other-size", Some(found)),
        _ => ("other-content", None),
    };
    (
        item.component_id.clone(),
        item.component_type.clone(),
        item.name.clone(),
        item.resource_identifier.clone(),
        item.size,
        reason,
        found,
    )
}
