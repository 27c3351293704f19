//! What a listener is told when it begins, and what it says when it ends.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ftrack_session::Session;

use crate::health::Health;
use crate::pool::Retries;
use crate::position::PositionStore;
use crate::stopper::FollowStopper;

/// Where a listener begins that has no position yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StartAt {
    /// With what happens from now on.
    #[default]
    Now,
    /// With all that the server remembers.
    Oldest,
    /// With what happened at this time of the server's clock, or after it.
    Time(DateTime<Utc>),
}

/// Why [`Follow::run`](crate::Follow::run) has ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FollowEnded {
    /// It was stopped, and what was in hand is done and acknowledged.
    Stopped,
    /// It was stopped, and handlers failed or were still running when the time for that was over. What they handle is
    /// not acknowledged.
    Interrupted,
}

/// What is to be followed, and how.
pub(crate) struct Settings {
    pub(crate) session: Session,
    pub(crate) expression: String,
    pub(crate) store: Box<dyn PositionStore>,
    pub(crate) start: StartAt,
    pub(crate) concurrency: usize,
    pub(crate) retries: Retries,
    pub(crate) health_file: Option<PathBuf>,
    pub(crate) health_address: Option<String>,
    pub(crate) on_health: Option<Watch>,
    pub(crate) stop_within: Duration,
    pub(crate) stopper: FollowStopper,
}

/// What is told of the health.
pub(crate) type Watch = Box<dyn FnMut(&Health) + Send>;
