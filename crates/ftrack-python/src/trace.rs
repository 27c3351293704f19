//! Counting requests.

use ftrack::Trace;
use pyo3::prelude::*;

/// The requests of a session.
#[pyclass(name = "TraceCore", module = "ftrack_rust._engine", frozen)]
pub struct TraceCore(pub(crate) Trace);

#[pymethods]
impl TraceCore {
    #[new]
    fn new() -> Self {
        Self(Trace::new())
    }

    /// How many requests were sent.
    #[getter]
    fn request_count(&self) -> usize {
        self.0.request_count()
    }

    /// Each request: what it was for, how many actions it had, the bytes sent and received, the seconds it took.
    #[getter]
    fn requests(&self) -> Vec<(&'static str, usize, usize, usize, f64)> {
        let requests = self.0.requests();
        let requests = requests.iter().map(|request| {
            (
                request.purpose,
                request.actions,
                request.bytes_sent,
                request.bytes_received,
                request.duration.as_secs_f64(),
            )
        });
        requests.collect()
    }
}
