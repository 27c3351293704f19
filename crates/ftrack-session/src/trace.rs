//! What a session sent, and from where in the program.

use std::panic::Location;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

/// One request to the server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TracedRequest {
    /// How many actions it carried.
    pub actions: usize,
    /// What it was for: `query`, `commit`, `load` (on access), `populate`, or the name of an action.
    pub purpose: &'static str,
    /// The size of the request's body, in bytes.
    pub bytes_sent: usize,
    /// The size of the answer's body, in bytes.
    pub bytes_received: usize,
    /// The time from sending to the whole answer.
    pub duration: Duration,
    /// The line of the program that asked.
    pub caller: &'static Location<'static>,
    /// For how many entities an attribute was loaded that was read and not known; 0 for any other request.
    pub entities: usize,
    /// Why it was loaded for one entity and not for its siblings too, where that is so.
    pub alone: Option<&'static str>,
}

/// The requests that sessions send while this exists, so that a program or a test can say "at most two".
///
/// Made by [`Session::trace`](crate::Session::trace), or before a session starts by [`Trace::new`] and given to
/// [`SessionBuilder::trace`](crate::SessionBuilder::trace).
#[derive(Debug, Default)]
pub struct Trace {
    requests: Arc<Mutex<Vec<TracedRequest>>>,
}

impl Trace {
    /// A trace that no session knows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The requests so far, in the order of their answers.
    pub fn requests(&self) -> Vec<TracedRequest> {
        self.requests.lock().clone()
    }

    /// How many requests there were.
    pub fn request_count(&self) -> usize {
        self.requests.lock().len()
    }

    /// How many actions the requests carried.
    pub fn action_count(&self) -> usize {
        self.requests
            .lock()
            .iter()
            .map(|request| request.actions)
            .sum()
    }

    /// How many bytes the bodies of the requests had.
    pub fn bytes_sent(&self) -> usize {
        self.requests
            .lock()
            .iter()
            .map(|request| request.bytes_sent)
            .sum()
    }

    /// How many bytes the bodies of the answers had.
    pub fn bytes_received(&self) -> usize {
        self.requests
            .lock()
            .iter()
            .map(|request| request.bytes_received)
            .sum()
    }
}

/// The traces of a session that are being taken.
#[derive(Debug, Default)]
pub(crate) struct Traces(Mutex<Vec<Weak<Mutex<Vec<TracedRequest>>>>>);

impl Traces {
    pub(crate) fn begin(&self) -> Trace {
        let trace = Trace::new();
        self.join(&trace);
        trace
    }

    /// Tells `trace` of the requests from now on.
    pub(crate) fn join(&self, trace: &Trace) {
        self.0.lock().push(Arc::downgrade(&trace.requests));
    }

    pub(crate) fn add(&self, request: &TracedRequest) {
        self.0.lock().retain(|trace| {
            let Some(trace) = trace.upgrade() else {
                return false;
            };
            trace.lock().push(request.clone());
            true
        });
    }
}
