//! Locations of Python in the engine, which copies and registers for them: all components of a call, or none.
//!
//! What a program has given a location (accessor, structure, transformer) stays an object of Python that the location
//! holds; the engine knows it weakly, so that nothing is kept alive in a circle that Python cannot see.

mod accessor;
mod bring;
mod cause;
mod mend;
mod structure;
mod upload;
mod watch;

use ftrack::location::transfer::TransferOptions;
use ftrack::{
    AddOptions, Entity, Location, LocationConfiguration, LocationKind, RemoveOptions, Source,
    UploadOptions,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

pub(crate) use self::bring::{sync_location, verify_location};
pub(crate) use self::mend::{download_component, drop_frames, ensure_location, mend_component};
pub(crate) use self::structure::NativeStructure;
pub(crate) use self::upload::UploadControlCore;
pub(crate) use self::watch::CancellationToken;

use self::accessor::PythonAccessor;
use self::structure::{InSession, PythonStructure, PythonTransformer};
use self::watch::Watch;
use crate::accessor::NativeAccessor;
use crate::handle::{EntityHandle, SessionCore};
use crate::interrupt::wait;

/// Tells the engine how this program uses a location: what happens to files there, and the accessor, the structure and
/// the transformer, each of the engine or of Python.
///
/// Objects of Python that cannot be referred to weakly raise `TypeError`.
#[pyfunction]
#[pyo3(signature = (location, kind, accessor, structure, transformer=None))]
pub(crate) fn configure_location(
    location: &Bound<'_, EntityHandle>,
    kind: &str,
    accessor: Option<&Bound<'_, PyAny>>,
    structure: &Bound<'_, PyAny>,
    transformer: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let mut configuration = LocationConfiguration::new().kind(kind_of(kind)?);
    if let Some(accessor) = accessor {
        configuration = match accessor.cast::<NativeAccessor>() {
            Ok(native) => configuration.accessor(native.get().shared()),
            Err(_) => configuration.accessor(PythonAccessor::new(accessor)?),
        };
    }
    configuration = match structure.cast::<NativeStructure>() {
        Ok(native) => native.get().give(configuration),
        Err(_) => configuration.structure(PythonStructure::new(structure)?),
    };
    if let Some(transformer) = transformer {
        let transformer = PythonTransformer::new(transformer)?;
        configuration = configuration.resource_identifier_transformer(transformer);
    }
    place(location)?.configure(configuration);
    Ok(())
}

fn kind_of(name: &str) -> PyResult<LocationKind> {
    Ok(match name {
        "managed" => LocationKind::Managed,
        "unmanaged" => LocationKind::Unmanaged,
        "memory" => LocationKind::Memory,
        "origin" => LocationKind::Origin,
        "server" => LocationKind::Server,
        _ => {
            return Err(PyValueError::new_err(format!(
                "{name:?} is not a kind of locations"
            )));
        }
    })
}

/// Adds components to a location that was configured, each from its source: another location, or a path. If `quick`,
/// several files are copied at once. Files that are there already are replaced if that is wanted. What is sent to the
/// server can be paused by `upload_control`.
#[pyfunction]
#[expect(
    clippy::too_many_arguments,
    reason = "they are the arguments of a method of Python, by name"
)]
#[pyo3(signature = (
    session, location, components, sources, recursive, quick, replace=false, progress=None, cancellation=None,
    upload_control=None
))]
pub(crate) fn add_components(
    session: &Bound<'_, SessionCore>,
    location: &Bound<'_, EntityHandle>,
    components: Vec<Bound<'_, EntityHandle>>,
    sources: Vec<Bound<'_, PyAny>>,
    recursive: bool,
    quick: bool,
    replace: bool,
    progress: Option<Py<PyAny>>,
    cancellation: Option<&Bound<'_, CancellationToken>>,
    upload_control: Option<&Bound<'_, UploadControlCore>>,
) -> PyResult<()> {
    let py = session.py();
    let place = place(location)?;
    let components = entities(&components);
    let sources: Vec<Source> = sources.iter().map(source).collect::<PyResult<_>>()?;
    let watch = Watch::new(py, progress, cancellation)?;
    let mut upload = UploadOptions::new();
    if let Some(control) = upload_control {
        upload = upload.control(control.get().shared());
    }
    let options = AddOptions::new()
        .recursive(recursive)
        // What is registered is what scripts have said, which the original does not compare.
        .check_sizes(false)
        .replace(replace)
        .upload(upload)
        .transfer(quickly(watch.transfer(), quick));
    let _current = InSession::new(session);
    let done = wait(py, || {
        Ok(place.add_components(&components, sources, &options))
    });
    let added = watch.outcome(done)?;
    added.map_err(|error| cause::raise(py, &error))
}

/// Removes components from a location that was configured, with their files unless these are only to be forgotten.
#[pyfunction]
#[pyo3(signature = (session, location, components, recursive, forget=false))]
pub(crate) fn remove_components(
    session: &Bound<'_, SessionCore>,
    location: &Bound<'_, EntityHandle>,
    components: Vec<Bound<'_, EntityHandle>>,
    recursive: bool,
    forget: bool,
) -> PyResult<()> {
    let py = session.py();
    let place = place(location)?;
    let components = entities(&components);
    let options = RemoveOptions::new().recursive(recursive).forget(forget);
    let _current = InSession::new(session);
    let removed = wait(py, || {
        Ok(place.remove_components_with(&components, &options))
    })?;
    removed.map_err(|error| cause::raised_or_made(py, &error))
}

/// The resource identifiers of components in a location that was configured.
#[pyfunction]
pub(crate) fn resource_identifiers(
    session: &Bound<'_, SessionCore>,
    location: &Bound<'_, EntityHandle>,
    components: Vec<Bound<'_, EntityHandle>>,
) -> PyResult<Vec<String>> {
    let py = session.py();
    let place = place(location)?;
    let components = entities(&components);
    let _current = InSession::new(session);
    let found = wait(py, || Ok(place.resource_identifiers(&components)))?;
    found.map_err(|error| cause::raised_or_made(py, &error))
}

/// The location that an entity is.
fn place(location: &Bound<'_, EntityHandle>) -> PyResult<Location> {
    let place = Location::try_from(location.get().entity());
    place.map_err(|error| crate::error::raise(location.py(), &error))
}

fn entities(objects: &[Bound<'_, EntityHandle>]) -> Vec<Entity> {
    objects
        .iter()
        .map(|object| object.get().entity().clone())
        .collect()
}

/// Where a component comes from.
fn source(object: &Bound<'_, PyAny>) -> PyResult<Source> {
    if let Ok(path) = object.cast::<PyString>() {
        return Ok(Source::from(path.to_cow()?.as_ref()));
    }
    Ok(Source::from(place(object.cast()?)?))
}

/// Several files at once, or one after the other.
fn quickly(options: TransferOptions, quick: bool) -> TransferOptions {
    if quick { options } else { options.parallel(1) }
}
