//! What all requests share of the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Budget, Cancel, Pool, Semaphore};
use crate::limits::ServerLimits;

/// What all requests share of the machine.
#[derive(Debug)]
pub(crate) struct Resources {
    /// What clients may ask for.
    pub(crate) limits: Arc<ServerLimits>,
    semaphore: Arc<Semaphore>,
    /// Bytes of answers that are not sent yet.
    answers: Arc<Pool>,
    /// Bytes of requests that are not answered yet.
    pub(crate) bodies: Arc<Pool>,
    is_stopping: Arc<AtomicBool>,
}

impl Default for Resources {
    fn default() -> Self {
        Self::new(ServerLimits::default())
    }
}

impl Resources {
    pub(crate) fn new(limits: ServerLimits) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::for_machine()),
            answers: Arc::new(Pool::new(limits.answers_bytes)),
            bodies: Arc::new(Pool::new(limits.requests_bytes)),
            is_stopping: Arc::default(),
            limits: Arc::new(limits),
        }
    }

    /// For a request that somebody waits for.
    pub(crate) fn cancel(&self) -> Cancel {
        Cancel::new(&self.is_stopping)
    }

    /// What a request may take.
    pub(crate) fn budget(&self, cancel: Cancel) -> Budget {
        Budget::new(&self.limits, cancel, &self.semaphore, &self.answers)
    }

    /// Ends the requests that are under way.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }
}
