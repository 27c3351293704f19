//! The wizard for the storage that all machines of a studio mount.

use ftrack::CentralizedStorageWizard;
use pyo3::prelude::*;

use crate::handle::SessionCore;
use crate::interrupt::wait;

/// The form that comes after the one that was filled in with `values`, a mapping.
#[pyfunction]
pub(crate) fn storage_form<'py>(
    session: &Bound<'py, SessionCore>,
    values: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = session.py();
    let values = crate::json::from_python(values)?;
    let engine = session.get().session()?;
    let form = wait(py, || CentralizedStorageWizard::form(engine, &values))?;
    crate::json::to_python(py, &form)
}

/// What the scenario is called: a mapping of `id`, `name` and `description`.
#[pyfunction]
pub(crate) fn storage_description(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    crate::json::to_python(py, &CentralizedStorageWizard::description())
}

/// What is wrong with the storage of a scenario on this machine: text for its user, or nothing.
#[pyfunction]
pub(crate) fn storage_problem(
    py: Python<'_>,
    scenario: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    let scenario = crate::json::from_python(scenario)?;
    Ok(py.detach(|| CentralizedStorageWizard::problem(&scenario)))
}
