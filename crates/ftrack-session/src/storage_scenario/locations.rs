//! Configuring the locations of a session, when it starts and when it is reset.

use super::{publish_activation, register};
use crate::error::Result;
use crate::location::LocationConfiguration;
use crate::session::{Extension, Session};

/// Keeps the locations of a session configured when it is reset.
pub(crate) struct Locations;

impl Extension for Locations {
    fn reset(&self, session: &Session) {
        if let Err(error) = session.configure_locations() {
            tracing::warn!(%error, "locations could not be configured again");
        }
    }
}

impl Session {
    /// Makes the built-in locations known and configures them, then that of the server's storage scenario and those
    /// that the session's maker named, and then lets plugins configure theirs.
    pub(crate) fn configure_named_locations(
        &self,
        named: Vec<(String, LocationConfiguration)>,
    ) -> Result<()> {
        self.know_builtin_locations();
        register(self)?;
        publish_activation(self)?;
        for (name_or_id, configuration) in named {
            self.location(&name_or_id)?.configure(configuration);
        }
        self.publish_configure_location()
    }

    /// Configures the locations once more, as when the session started: makes the built-in ones known, activates the
    /// server's storage scenario, and publishes `ftrack.api.session.configure-location`, for plugins that were
    /// registered since or that look at something which has changed. What is configured stays as it is, unless they
    /// change it.
    ///
    /// A session does that by itself when it starts and when it is [reset](Self::reset).
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// session.event_hub().subscribe("topic=ftrack.api.session.configure-location", |event| {
    ///     // …
    /// #   drop(event.clone());
    ///     Ok(None)
    /// })?;
    /// session.configure_locations()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the storage scenario, such as [`ErrorKind::Server`](crate::ErrorKind::Server). Handlers that fail are
    /// logged.
    pub fn configure_locations(&self) -> Result<()> {
        self.know_builtin_locations();
        if self.is_hosted() {
            // The program sees to the rest.
            return Ok(());
        }
        publish_activation(self)?;
        self.publish_configure_location()
    }
}
