//! What is to be handled.

use ftrack_event::Event;

use crate::followed::Origin;

/// An event on its way to the handler.
#[derive(Debug)]
pub(crate) struct Task {
    /// Tells it from all others of this run.
    pub(crate) number: u64,
    /// Those with the same key are handled in order, one after the other.
    pub(crate) key: String,
    pub(crate) event: Event,
    pub(crate) origin: Origin,
}
