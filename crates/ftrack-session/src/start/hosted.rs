//! Sessions of plugins in shared libraries, which stand for the program's.

use std::sync::{Arc, Weak};

use ftrack_entity::Retention;
use ftrack_event::EventHub;
use ftrack_transport::{ApiKey, Transport};

use crate::fetch::FetchPolicy;
use crate::location::{LocationConfiguration, LocationRegistry};
use crate::session::Connection;

/// What a session of a library is made from.
pub struct Hosted<'a> {
    /// The program's transport.
    pub transport: Arc<dyn Transport>,
    /// The program's event hub.
    pub event_hub: EventHub,
    /// The user whose credentials the program uses.
    pub api_user: String,
    /// The key, where there is one.
    pub api_key: Option<ApiKey>,
    /// What the server said of itself, as JSON.
    pub information: serde_json::Value,
    /// How many entities a request for a query's results asks for.
    pub page_size: u64,
    /// What reading an attribute that is not loaded does.
    pub fetch_policy: FetchPolicy,
    /// How long records are kept.
    pub retention: Retention,
    /// What the server answers to `query_schemas`, or nothing, if it is to be asked.
    pub schemas: &'a [u8],
}

/// The connection of a session, which this does not keep.
pub struct WeakConnection(pub(super) Weak<Connection>);

impl WeakConnection {
    /// The way to the server, if the session is still there.
    pub fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::clone(&self.0.upgrade()?.transport))
    }

    /// The event hub, if the session is still there.
    pub fn event_hub(&self) -> Option<EventHub> {
        Some(self.0.upgrade()?.event_hub.clone())
    }

    /// Configures the location with this id, if the session is still there.
    pub fn configure_location(&self, id: &str, configuration: LocationConfiguration) {
        if let Some(connection) = self.0.upgrade() {
            let locations = connection.states.get::<LocationRegistry>();
            let before = locations.configure(id, |_| configuration);
            drop(before);
        }
    }
}

impl std::fmt::Debug for Hosted<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Hosted")
            .field("api_user", &self.api_user)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for WeakConnection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WeakConnection")
    }
}
