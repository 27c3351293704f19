//! How fast an answer arrives.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::attempt::Deadline;
use super::failure;
use crate::error::{Error, Result, RetryStatistics};

/// What has to arrive of a file within the time-out, in bytes. Less is as good as nothing, and
/// nothing else bounds the time that a file takes. Calls have a deadline.
pub(super) const LEAST_OF_A_FILE: usize = 1024;

/// Watches an answer that arrives in pieces, and gives up one that drips.
pub(super) struct Pace {
    origin: String,
    limit: Duration,
    deadline: Option<Deadline>,
    least: usize,
    /// How long was waited, and how much arrived meanwhile, since there was last enough.
    waited: Duration,
    arrived: usize,
}

impl Pace {
    /// At least `least` bytes have to arrive within `limit`.
    pub(super) fn new(
        origin: String,
        limit: Duration,
        deadline: Option<Deadline>,
        least: usize,
    ) -> Self {
        Self {
            origin,
            limit,
            deadline,
            least,
            waited: Duration::ZERO,
            arrived: 0,
        }
    }

    /// The next piece of the body, or `None` at its end.
    pub(super) async fn next(&mut self, response: &mut reqwest::Response) -> Result<Option<Bytes>> {
        let started = Instant::now();
        let patience = started.checked_add(self.limit.saturating_sub(self.waited));
        let deadline = self.deadline.map(|deadline| deadline.at);
        let until = [patience, deadline].into_iter().flatten().min();
        let chunk = match until {
            Some(until) => match timeout_at(until, response.chunk()).await {
                Ok(chunk) => chunk,
                Err(_) => return Err(self.gave_up()),
            },
            None => response.chunk().await,
        };
        let chunk = chunk.map_err(|error| failure::body_error(error, &self.origin))?;
        self.waited += started.elapsed();
        self.arrived += chunk.as_ref().map_or(0, Bytes::len);
        if self.arrived >= self.least {
            self.waited = Duration::ZERO;
            self.arrived = 0;
        }
        Ok(chunk)
    }

    fn gave_up(&self) -> Error {
        let origin = self.origin.clone();
        match self.deadline {
            Some(deadline) if deadline.at <= Instant::now() => deadline.exceeded(origin, true),
            _ => Error::Timeout {
                origin,
                limit: self.limit,
                sent: true,
                statistics: RetryStatistics::default(),
            },
        }
    }
}
