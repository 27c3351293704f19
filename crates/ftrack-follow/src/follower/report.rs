//! What a listener tells of its health.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::Utc;
use ftrack_session::Session;

use crate::error::{Error, Result};
use crate::health::{Endpoint, Health, ListenerState};
use crate::inputs::Finished;
use crate::settings::Watch;

/// How often it is told.
const PERIOD: Duration = Duration::from_secs(1);

/// Gathers the health of a listener and tells it.
pub(super) struct Report {
    health: Health,
    file: Option<PathBuf>,
    endpoint: Option<Endpoint>,
    watch: Option<Watch>,
    next: Instant,
}

impl Report {
    /// Opens what it is told by: an address that cannot be used is an error at once.
    pub(super) fn new(
        session: &Session,
        expression: &str,
        file: Option<PathBuf>,
        address: Option<&str>,
        watch: Option<Watch>,
    ) -> Result<Self> {
        let now = Utc::now();
        let health = Health {
            pid: std::process::id(),
            started: now,
            updated: now,
            server: session.server_url().to_owned(),
            expression: expression.to_owned(),
            log_is_readable: true,
            ..Health::default()
        };
        if let Some(file) = &file {
            health.write(file)?;
        }
        let endpoint = address.map(Endpoint::open).transpose()?;
        if let Some(endpoint) = &endpoint {
            tracing::info!(address = %endpoint.address(), "the health of the listener is told here");
            endpoint.set(&health);
        }
        Ok(Self {
            health,
            file,
            endpoint,
            watch,
            next: Instant::now(),
        })
    }

    /// A handler, or something else, has failed.
    pub(super) fn failed(&mut self, problem: String) {
        self.health.failures += 1;
        self.health.last_error = Some(problem);
    }

    /// A task is done with.
    pub(super) fn finished(&mut self, finished: Finished) {
        if finished.is_dead {
            self.health.failures += 1;
            self.health.given_up += 1;
            return;
        }
        self.health.handled += 1;
        self.health.caught_up += u64::from(finished.is_caught_up);
        self.health.last_handled = Some(Utc::now());
    }

    /// Tells how the listener is doing, if it is time or the state is new.
    pub(super) fn tell(&mut self, state: ListenerState, fill: impl FnOnce(&mut Health)) {
        let now = Instant::now();
        if self.next > now && self.health.state == state {
            return;
        }
        self.next = now + PERIOD;
        self.health.state = state;
        self.health.updated = Utc::now();
        fill(&mut self.health);
        if let Some(file) = &self.file
            && let Err(error) = self.health.write(file)
        {
            tracing::warn!(%error, "the health of the listener cannot be told");
        }
        if let Some(endpoint) = &self.endpoint {
            endpoint.set(&self.health);
        }
        if let Some(watch) = &mut self.watch {
            watch(&self.health);
        }
    }

    /// Why the listener ends.
    pub(super) fn ends_by(&mut self, error: &Error) {
        self.health.last_error = Some(crate::dead_letters::reason(error));
    }
}
