//! Points in time as `arrow` objects.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Datelike, FixedOffset, Offset, Timelike};
use ftrack::Timestamp;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use rustc_hash::FxHashMap;

/// How many objects are kept to be given again.
const KEPT: usize = 1_024;

/// Objects by microseconds since 1970 and the offset in seconds.
type Objects = FxHashMap<(i64, i32), Py<PyAny>>;

/// The objects that were made lately.
static MADE: LazyLock<Mutex<Objects>> = LazyLock::new(Mutex::default);

/// The `arrow` object for a point in time. These cannot be changed, and the days of a schedule are those of many tasks:
/// equal ones are one object, which takes less time and memory.
pub(crate) fn to_python(py: Python<'_>, time: Timestamp) -> PyResult<Bound<'_, PyAny>> {
    let local = time.to_offset();
    let offset = local.offset().fix().local_minus_utc();
    let key = (local.timestamp_micros(), offset);
    if let Some(object) = made().get(&key) {
        return Ok(object.bind(py).clone());
    }
    let object = make(py, &local, offset)?;
    let kept = object.clone().unbind();
    // Objects end when nothing is locked: that may run code of Python.
    let forgotten = keep(key, kept);
    drop(forgotten);
    Ok(object)
}

fn made() -> MutexGuard<'static, Objects> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps an object; all that were kept before, where they are too many.
fn keep(key: (i64, i32), object: Py<PyAny>) -> Objects {
    let mut made = made();
    let mut forgotten = Objects::default();
    if made.len() >= KEPT {
        forgotten = std::mem::take(&mut *made);
    }
    if let Some(equal) = made.insert(key, object) {
        forgotten.insert(key, equal);
    }
    forgotten
}

fn make<'py>(
    py: Python<'py>,
    local: &DateTime<FixedOffset>,
    offset: i32,
) -> PyResult<Bound<'py, PyAny>> {
    let zone = zone(py, offset)?;
    let date = local.date_naive();
    let clock = local.time();
    crate::known::arrow_class(py)?.call1((
        date.year(),
        date.month(),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.nanosecond() / 1000,
        zone,
    ))
}

/// The time zone object that `arrow` itself uses for an offset in seconds.
fn zone(py: Python<'_>, offset: i32) -> PyResult<Bound<'_, PyAny>> {
    static ZONES: PyOnceLock<(Py<PyAny>, Py<PyDict>)> = PyOnceLock::new();
    let (utc, others) = ZONES.get_or_try_init(py, || {
        let utc = py.import("arrow")?.getattr("get")?.call1((0,))?;
        PyResult::Ok((utc.getattr("tzinfo")?.unbind(), PyDict::new(py).unbind()))
    })?;
    if offset == 0 {
        return Ok(utc.bind(py).clone());
    }
    let others = others.bind(py);
    if let Some(known) = others.get_item(offset)? {
        return Ok(known);
    }
    let (sign, size) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
    let text = format!("{sign}{:02}:{:02}", size / 3600, size / 60 % 60);
    let parser = py.import("arrow.parser")?.getattr("TzinfoParser")?;
    let zone = parser.call_method1("parse", (text,))?;
    others.set_item(offset, &zone)?;
    Ok(zone)
}

/// The point in time that a Python object says, if it is one: `arrow` objects, `datetime`s, `date`s.
pub(crate) fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Option<Timestamp>> {
    let Ok(isoformat) = value.getattr(pyo3::intern!(value.py(), "isoformat")) else {
        return Ok(None);
    };
    let text: String = isoformat.call0()?.extract()?;
    let parsed = text.parse::<Timestamp>();
    parsed.map(Some).map_err(|_| {
        pyo3::exceptions::PyValueError::new_err(format!("{text:?} is not a point in time"))
    })
}
