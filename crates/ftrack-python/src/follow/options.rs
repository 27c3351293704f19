//! How a listener is made from the arguments of Python.

use std::path::PathBuf;
use std::time::Duration;

use ftrack::chrono::DateTime;
use ftrack::follow::{BoxError, Follow, FollowEvents, Health, Position, PositionStore, StartAt};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::dead_letters::DeadLettersCore;
use super::raise;
use crate::handle::SessionCore;
use crate::options::given;

/// The listener with these arguments.
pub(super) fn follow(
    session: &Bound<'_, SessionCore>,
    expression: &str,
    options: &Bound<'_, PyDict>,
) -> PyResult<Follow> {
    let py = session.py();
    let given = |name: &str| given(options, name);
    let mut follow = session.get().session()?.follow(expression);
    if let Some(path) = given("position_file")? {
        let path: PathBuf = path.extract()?;
        // It may wait for the disk.
        follow = py
            .detach(|| follow.position_file(path))
            .map_err(|error| raise(py, error))?;
    }
    if let Some(store) = given("position_store")? {
        follow = follow.position_store(PythonStore(store.unbind()));
    }
    if let Some(letters) = given("dead_letters")? {
        follow = follow.dead_letters(letters.cast::<DeadLettersCore>()?.get().letters());
    }
    if let Some(start) = given("start_at")? {
        follow = follow.start_at(start_at(&start)?);
    }
    if let Some(threads) = given("concurrency")? {
        follow = follow.concurrency(threads.extract()?);
    }
    if let Some(retries) = given("retries")? {
        follow = follow.retries(retries.extract()?);
    }
    if let Some(backoff) = given("backoff")? {
        let (initial, max) = backoff.extract()?;
        follow = follow.backoff(seconds(initial)?, seconds(max)?);
    }
    if let Some(path) = given("health_file")? {
        follow = follow.health_file(path.extract::<PathBuf>()?);
    }
    if let Some(address) = given("health_endpoint")? {
        follow = follow.health_endpoint(address.extract::<String>()?);
    }
    if let Some(watch) = given("on_health")? {
        let watch = watch.unbind();
        follow = follow.on_health(move |health| tell(&watch, health));
    }
    if let Some(limit) = given("stop_within")? {
        follow = follow.stop_within(seconds(limit.extract()?)?);
    }
    Ok(follow)
}

/// `now`, `oldest`, or a time in seconds since 1970.
fn start_at(start: &Bound<'_, PyAny>) -> PyResult<StartAt> {
    if let Ok(time) = start.extract::<f64>() {
        let micros = Duration::try_from_secs_f64(time).ok();
        let micros = micros.and_then(|time| i64::try_from(time.as_micros()).ok());
        let time = micros.and_then(DateTime::from_timestamp_micros);
        return time
            .map(StartAt::Time)
            .ok_or_else(|| PyValueError::new_err(format!("{start} is not a time since 1970")));
    }
    match start.extract::<String>()?.as_str() {
        "now" => Ok(StartAt::Now),
        "oldest" => Ok(StartAt::Oldest),
        _ => Err(PyValueError::new_err(format!(
            "{start:?} is not where a listener begins: there are \"now\", \"oldest\" and times"
        ))),
    }
}

fn seconds(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("{seconds} seconds: {error}")))
}

/// Tells how the listener is doing. What goes wrong there does not end it.
fn tell(watch: &Py<PyAny>, health: &Health) {
    Python::attach(|py| {
        let told = ftrack::serde_json::to_value(health)
            .map_err(|error| PyValueError::new_err(error.to_string()))
            .and_then(|health| crate::json::to_python(py, &health))
            .and_then(|health| watch.bind(py).call1((health,)));
        if let Err(raised) = told {
            raised.write_unraisable(py, Some(watch.bind(py)));
        }
    });
}

/// A store of positions that is an object of Python: with the methods `load`, which returns text or `None`, and
/// `store`.
struct PythonStore(Py<PyAny>);

impl PositionStore for PythonStore {
    fn load(&mut self) -> Result<Option<Position>, BoxError> {
        let text = Python::attach(|py| {
            let loaded = self.0.bind(py).call_method0("load")?;
            loaded.extract::<Option<String>>()
        })?;
        Ok(text.as_deref().map(Position::from_json).transpose()?)
    }

    fn store(&mut self, position: &Position) -> Result<(), BoxError> {
        let text = position.to_json();
        Python::attach(|py| self.0.bind(py).call_method1("store", (text,)).map(drop))?;
        Ok(())
    }
}
