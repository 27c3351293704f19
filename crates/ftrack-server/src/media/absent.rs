//! A server without the feature `media`.

use super::Wanted;
use super::unfinished;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::request_error::RequestError;
use crate::write::Batch;

/// The tasks of a batch: there are none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Requested {}

/// Refuses to encode.
pub(crate) fn request(
    _engine: &Engine,
    _caller: &Caller,
    _batch: &mut Batch<'_>,
    _wanted: Wanted<'_>,
    _requested: &mut Requested,
) -> Result<String, RequestError> {
    Err(RequestError::validation(
        "this server cannot encode media: it was built without the feature `media` of ftrack-server",
    ))
}

/// There is nothing to do.
pub(crate) fn queue(_engine: &Engine, _requested: Requested) {}

/// Ends the jobs that a server with the feature left behind.
pub(crate) fn start(engine: &Engine) {
    unfinished::give_up(engine);
}
