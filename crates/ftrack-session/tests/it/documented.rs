//! The examples of the product documentation's chapters, one by one, with the number of requests that each takes.

mod entities;
mod migrating;
mod querying;
mod sessions;
mod tutorial;

use ftrack_session::Session;

/// What `example` gives back, after it took so many requests.
#[track_caller]
fn taking<T>(requests: usize, session: &Session, example: impl FnOnce() -> T) -> T {
    let trace = session.trace();
    let outcome = example();
    assert_eq!(trace.request_count(), requests, "{:#?}", trace.requests());
    outcome
}
