//! Pausing uploads.

use ftrack::UploadControl;
use pyo3::prelude::*;

/// How many bytes were sent, were there before, and are to be there; how many come in a second; how many seconds the
/// rest will take; and whether it is paused.
type Status = (u64, u64, u64, Option<u64>, Option<f64>, bool);

/// Pauses uploads and lets them go on, from any thread.
#[pyclass(module = "ftrack_rust._engine", subclass, frozen)]
pub struct UploadControlCore(UploadControl);

#[pymethods]
impl UploadControlCore {
    #[new]
    fn new() -> Self {
        Self(UploadControl::new())
    }

    fn pause(&self) {
        self.0.pause();
    }

    fn resume(&self) {
        self.0.resume();
    }

    #[getter]
    fn is_paused(&self) -> bool {
        self.0.is_paused()
    }

    fn _status(&self) -> Status {
        let status = self.0.status();
        (
            status.sent_bytes,
            status.resumed_bytes,
            status.total_bytes,
            status.bytes_per_second,
            status.remaining.map(|remaining| remaining.as_secs_f64()),
            status.paused,
        )
    }
}

impl UploadControlCore {
    /// The control, for the options of an upload.
    pub(super) fn shared(&self) -> UploadControl {
        self.0.clone()
    }
}
