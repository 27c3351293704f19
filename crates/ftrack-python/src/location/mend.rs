//! Publishing files anew, taking frames out of sequences, and copying files to a folder.

use std::path::PathBuf;

use ftrack::{AddOptions, DownloadOptions, Entity, RemoveOptions};
use pyo3::prelude::*;

use super::structure::InSession;
use super::watch::{CancellationToken, Watch};
use super::{cause, place};
use crate::handle::{EntityHandle, SessionCore};
use crate::interrupt::wait;

/// Objects for entities.
type Objects<'py> = Vec<Bound<'py, PyAny>>;

/// The location of this name, which is made if the server has none.
#[pyfunction]
pub(crate) fn ensure_location<'py>(
    session: &Bound<'py, SessionCore>,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let engine = session.get().session()?;
    let location = wait(session.py(), || engine.ensure_location(name))?;
    crate::handle::object(session, location.entity().clone())
}

/// Publishes a component anew in a location that was configured: the components whose files were replaced, and the
/// frames that were added. If `quick`, several files are copied at once.
#[pyfunction]
#[pyo3(signature = (session, component, path, location, quick, progress=None, cancellation=None))]
pub(crate) fn mend_component<'py>(
    session: &Bound<'py, SessionCore>,
    component: &Bound<'py, EntityHandle>,
    path: PathBuf,
    location: &Bound<'py, EntityHandle>,
    quick: bool,
    progress: Option<Py<PyAny>>,
    cancellation: Option<&Bound<'py, CancellationToken>>,
) -> PyResult<(Objects<'py>, Objects<'py>)> {
    let py = session.py();
    let engine = session.get().session()?;
    let (entity, place) = (component.get().entity(), place(location)?);
    let watch = Watch::new(py, progress, cancellation)?;
    let transfer = super::quickly(watch.transfer(), quick);
    let options = AddOptions::new().transfer(transfer);
    let _current = InSession::new(session);
    let done = wait(py, || {
        Ok(engine.mend_component_with(entity, &path, &place, &options))
    });
    let mended = watch.outcome(done)?;
    let mended = mended.map_err(|error| cause::raise(py, &error))?;
    let objects = |entities: Vec<Entity>| {
        let entities = entities.into_iter();
        entities
            .map(|entity| crate::handle::object(session, entity))
            .collect::<PyResult<Vec<_>>>()
    };
    Ok((objects(mended.replaced)?, objects(mended.added)?))
}

/// Takes frames out of a sequence; their files stay if they are only to be forgotten.
#[pyfunction]
pub(crate) fn drop_frames(
    session: &Bound<'_, SessionCore>,
    sequence: &Bound<'_, EntityHandle>,
    frames: Vec<i64>,
    forget: bool,
) -> PyResult<()> {
    let py = session.py();
    let engine = session.get().session()?;
    let entity = sequence.get().entity();
    let options = RemoveOptions::new().forget(forget);
    let _current = InSession::new(session);
    let dropped = wait(py, || Ok(engine.drop_frames(entity, frames, &options)))?;
    dropped.map_err(|error| cause::raised_or_made(py, &error))
}

/// Copies the files of a component from a location that was configured to a folder: where they are now, how many files
/// and how many bytes.
#[pyfunction]
#[pyo3(signature = (session, component, folder, location, quick, progress=None, cancellation=None))]
pub(crate) fn download_component(
    session: &Bound<'_, SessionCore>,
    component: &Bound<'_, EntityHandle>,
    folder: PathBuf,
    location: &Bound<'_, EntityHandle>,
    quick: bool,
    progress: Option<Py<PyAny>>,
    cancellation: Option<&Bound<'_, CancellationToken>>,
) -> PyResult<(String, u64, u64)> {
    let py = session.py();
    let engine = session.get().session()?;
    let entity = component.get().entity();
    let watch = Watch::new(py, progress, cancellation)?;
    let options = DownloadOptions::new()
        .location(&place(location)?)
        .transfer(super::quickly(watch.transfer(), quick));
    let _current = InSession::new(session);
    let done = wait(py, || Ok(engine.download_with(entity, &folder, &options)));
    let downloaded = watch.outcome(done)?;
    let downloaded = downloaded.map_err(|error| cause::raise(py, &error))?;
    let path = downloaded.path.to_string_lossy().into_owned();
    Ok((path, downloaded.files, downloaded.bytes))
}
