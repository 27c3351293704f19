//! Sessions of plugins in shared libraries, which stand for the program's.

use std::sync::{Arc, Weak};

use ftrack_event::EventHub;
use ftrack_transport::{ApiKey, Transport};

use super::start::{Parts, fetch_schemas, information};
use super::{Connection, Session};
use crate::cache::CacheKeys;
use crate::customise::{Change, Types};
use crate::plugin::Library;
use crate::trace::Traces;
use crate::{FetchPolicy, LocationConfiguration, Result, Retention};

/// Who is told of locations that are configured.
pub(super) type LocationListener = Box<dyn Fn(&str, &LocationConfiguration) + Send + Sync>;

/// What a session of a library is made from.
pub(crate) struct Hosted<'a> {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) event_hub: EventHub,
    pub(crate) api_user: String,
    pub(crate) api_key: Option<ApiKey>,
    pub(crate) information: serde_json::Value,
    pub(crate) page_size: u64,
    pub(crate) fetch_policy: FetchPolicy,
    pub(crate) retention: Retention,
    /// What the server answers to `query_schemas`, or nothing, if it is to be asked.
    pub(crate) schemas: &'a [u8],
}

/// The connection of a session, which this does not keep.
pub(crate) struct WeakConnection(Weak<Connection>);

impl WeakConnection {
    pub(crate) fn transport(&self) -> Option<Arc<dyn Transport>> {
        Some(Arc::clone(&self.0.upgrade()?.transport))
    }

    pub(crate) fn event_hub(&self) -> Option<EventHub> {
        Some(self.0.upgrade()?.event_hub.clone())
    }

    pub(crate) fn configure_location(&self, id: &str, configuration: LocationConfiguration) {
        if let Some(connection) = self.0.upgrade() {
            let before = connection.locations.configure(id, |_| configuration);
            drop(before);
        }
    }
}

impl Session {
    /// A session in a library. It has entities and a log of operations of its own, as a unit of work has; the rest is
    /// the program's. It publishes nothing by itself.
    pub(crate) fn hosted(hosted: Hosted<'_>) -> Result<Self> {
        let traces = Traces::default();
        let fetched;
        let mut schemas = hosted.schemas;
        if schemas.is_empty() {
            fetched = fetch_schemas(&*hosted.transport, &traces)?;
            schemas = &fetched;
        }
        let parts = Parts {
            types: Types::new(ftrack_entity::Schema::from_json(schemas)?),
            information: information(hosted.information)?,
            transport: hosted.transport,
            event_hub: hosted.event_hub,
            api_user: hosted.api_user,
            api_key: hosted.api_key,
            retry: None,
            page_size: hosted.page_size,
            traces,
            cache_keys: CacheKeys::default(),
            is_hosted: true,
        };
        let session = parts.assemble(hosted.fetch_policy, hosted.retention);
        session.know_builtin_locations();
        Ok(session)
    }

    /// Whether the session stands for that of a program, in a library.
    pub(crate) fn is_hosted(&self) -> bool {
        self.unit.connection.is_hosted
    }

    /// Tells this of every location that is configured from now on.
    pub(crate) fn on_location_configured(
        &self,
        listener: impl Fn(&str, &LocationConfiguration) + Send + Sync + 'static,
    ) {
        // There is one listener, set when the plugin is registered.
        let _ = self.unit.connection.listener.set(Box::new(listener));
    }

    pub(crate) fn tell_of_location(&self, id: &str, configuration: &LocationConfiguration) {
        if let Some(listener) = self.unit.connection.listener.get() {
            listener(id, configuration);
        }
    }

    pub(crate) fn downgrade_connection(&self) -> WeakConnection {
        WeakConnection(Arc::downgrade(&self.unit.connection))
    }

    /// Keeps a library that is registered, until the session is closed.
    pub(crate) fn keep_library(&self, library: Arc<Library>) {
        self.unit.connection.libraries.lock().push(library);
        if self.closed() {
            self.close_libraries();
        }
    }

    pub(crate) fn libraries(&self) -> Vec<Arc<Library>> {
        self.unit.connection.libraries.lock().clone()
    }

    pub(super) fn close_libraries(&self) {
        let libraries = std::mem::take(&mut *self.unit.connection.libraries.lock());
        for library in libraries {
            library.close();
        }
    }

    /// Takes the types as the program has made them.
    pub(crate) fn take_over_types(&self, types: Vec<(String, Vec<Change>)>) -> Result<()> {
        self.entity_types().take_over(types)?;
        self.forget_entities("customising the entity types of");
        self.know_builtin_locations();
        Ok(())
    }
}
