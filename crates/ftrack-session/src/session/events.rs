//! The session's event hub, and the events of the session itself.

use std::sync::Arc;

use ftrack_event::{Event, EventHub};

use super::Session;
use crate::error::{Error, ErrorKind, Result};

/// The session has started: everything is there. Published synchronously, with the session attached.
const READY: &str = "ftrack.api.session.ready";

/// The session was reset. Published synchronously, with the session attached.
const RESET: &str = "ftrack.api.session.reset";

impl Session {
    /// The session's event hub (product documentation, "Handling events"). It is not connected unless the builder was
    /// told so; subscribing works all the same, and synchronous events stay in the process.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let hub = session.event_hub();
    /// hub.connect()?;
    /// hub.subscribe("topic=ftrack.update", |event| {
    ///     println!("{}", event.data["entities"]);
    ///     Ok(None)
    /// })?;
    /// hub.wait(std::time::Duration::from_secs(5))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn event_hub(&self) -> &EventHub {
        &self.unit.connection.event_hub
    }

    /// Tells the subscribers in this process that the session is ready.
    pub(crate) fn publish_ready(&self) -> Result<()> {
        self.publish_own(READY)
    }

    /// Tells the subscribers in this process that the session was reset.
    pub(crate) fn publish_reset(&self) {
        if let Err(error) = self.publish_own(RESET) {
            tracing::warn!(%error, "the reset of the session could not be told");
        }
    }

    /// Tells the subscribers in this process something about the session, which they find attached.
    pub(crate) fn publish_own(&self, topic: &str) -> Result<()> {
        if self.is_hosted() {
            return Ok(());
        }
        let event = Event::new(topic).attach("session", Arc::new(self.clone()));
        self.event_hub().publish_synchronously(event)?;
        Ok(())
    }
}

impl From<ftrack_event::Error> for Error {
    fn from(error: ftrack_event::Error) -> Self {
        use ftrack_event::Error as Hub;
        let kind = match &error {
            Hub::NotConnected
            | Hub::AlreadyConnected
            | Hub::Connect { .. }
            | Hub::Refused { .. } => ErrorKind::EventHubConnection,
            Hub::NotUnique { .. } => ErrorKind::NotUnique,
            Hub::NotFound { .. } => ErrorKind::NotFound,
            Hub::NoReply { .. } => ErrorKind::Timeout,
            Hub::InvalidOptions { .. } | Hub::InvalidSubscriber { .. } => {
                ErrorKind::InvalidArgument
            }
            Hub::InvalidEvent { .. } => ErrorKind::EventHubPacket,
            Hub::InvalidSubscription { .. } | Hub::InvalidTarget { .. } => ErrorKind::Parse,
            _ => ErrorKind::EventHub,
        };
        let retryable = error.is_retryable();
        let converted = Self::new(kind, error.to_string()).with_retryable(retryable);
        let converted = match &error {
            Hub::NotUnique { id } | Hub::NotFound { id } => {
                converted.with_detail("id", id.as_str())
            }
            Hub::NoReply { event_id, .. } | Hub::NotDelivered { event_id, .. } => {
                converted.with_detail("event_id", event_id.as_str())
            }
            Hub::Connect { origin, .. } | Hub::Refused { origin, .. } => {
                converted.with_detail("server", origin.as_str())
            }
            Hub::InvalidSubscription { source, .. } | Hub::InvalidTarget { source, .. } => {
                converted.with_detail("syntax", source.render())
            }
            _ => converted,
        };
        converted.standing_for(error)
    }
}
