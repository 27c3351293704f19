//! Telling others what was added and removed.

use ftrack_event::{ConnectionState, Event, OnError, PublishOptions};
use serde_json::json;

use super::Location;
use crate::entity::Entity;
use crate::session::Session;

/// Locations are to be configured. Published synchronously, with the session attached.
const CONFIGURE_LOCATION: &str = "ftrack.api.session.configure-location";

impl Session {
    /// Lets the subscribers in this process configure locations.
    pub(crate) fn publish_configure_location(&self) -> crate::error::Result<()> {
        self.publish_own(CONFIGURE_LOCATION)
    }
}

impl Location {
    /// Publishes an event of `topic` for each of the components. Without a connection nobody hears of them, and that
    /// is not an error.
    pub(super) fn publish<'a>(
        &self,
        topic: &str,
        components: impl IntoIterator<Item = &'a Entity>,
    ) {
        let hub = self.session().event_hub();
        if hub.status().state == ConnectionState::Disconnected {
            return;
        }
        let location = self.id();
        for component in components {
            let event = Event::new(topic)
                .with_data(json!({"component_id": component.id(), "location_id": location}));
            let options = PublishOptions::new().on_error(OnError::Ignore);
            // Errors are ignored as asked, so there is none.
            drop(hub.publish_with(event, options));
        }
    }
}
