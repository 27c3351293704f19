//! What extensions may ask of a session besides what everybody may.

use std::sync::Arc;

use ftrack_entity::Retention;
use ftrack_transport::Transport;

use super::builder::ServerConnection;
use super::hosted::{Hosted, WeakConnection};
use super::{fetch_schemas, information};
use crate::error::Result;
use crate::location::LocationConfiguration;
use crate::session::{Change, Connection, Extension, Session, TypeChanges, Types};
use crate::storage_scenario::Locations;
use crate::trace::Traces;

/// What extensions may ask of a session besides what everybody may.
pub trait Internals {
    /// A session in a library. It has entities and a log of operations of its own, as a unit of work has; the rest is
    /// the program's. It publishes nothing by itself.
    ///
    /// # Errors
    ///
    /// The errors of asking for the schemas, and of reading them.
    fn hosted(hosted: Hosted<'_>) -> Result<Session>;

    /// From now on tells `extension` what becomes of the session; at once that it is closed, if it is.
    fn extend(&self, extension: Arc<dyn Extension>);

    /// The way to the server.
    fn transport(&self) -> Arc<dyn Transport>;

    /// The connection, which this does not keep.
    fn downgrade_connection(&self) -> WeakConnection;

    /// How many entities a request for a query's results asks for.
    fn page_size(&self) -> u64;

    /// How long records are kept.
    fn retention(&self) -> Retention;

    /// The types that were changed when they were built.
    fn built_types(&self) -> &[TypeChanges];

    /// Takes the types as another session has built them.
    ///
    /// # Errors
    ///
    /// A type that the server does not have, or a change that cannot be made.
    fn take_over_types(&self, types: Vec<(String, Vec<Change>)>) -> Result<()>;

    /// Tells `listener` of every location that is configured from now on, with its id. There is one listener.
    fn on_location_configured(
        &self,
        listener: impl Fn(&str, &LocationConfiguration) + Send + Sync + 'static,
    );
}

impl Internals for Session {
    fn hosted(hosted: Hosted<'_>) -> Result<Self> {
        let traces = Traces::default();
        let fetched;
        let mut schemas = hosted.schemas;
        if schemas.is_empty() {
            fetched = fetch_schemas(&*hosted.transport, &traces)?;
            schemas = &fetched;
        }
        let types = Types::new(ftrack_entity::Schema::from_json(schemas)?);
        let server = ServerConnection {
            transport: hosted.transport,
            event_hub: hosted.event_hub,
            api_user: hosted.api_user,
        };
        let mut connection = Connection::new(server, types, information(hosted.information)?);
        connection.api_key = hosted.api_key;
        connection.page_size = hosted.page_size;
        connection.traces = traces;
        connection.is_hosted = true;
        let session = connection.into_session(hosted.fetch_policy, hosted.retention);
        session.know_builtin_locations();
        session.add_extension(Arc::new(Locations));
        Ok(session)
    }

    fn extend(&self, extension: Arc<dyn Extension>) {
        self.add_extension(extension);
    }

    fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.unit.connection.transport)
    }

    fn downgrade_connection(&self) -> WeakConnection {
        WeakConnection(Arc::downgrade(&self.unit.connection))
    }

    fn page_size(&self) -> u64 {
        self.unit.connection.page_size
    }

    fn retention(&self) -> Retention {
        self.records().retention()
    }

    fn built_types(&self) -> &[TypeChanges] {
        self.entity_types().changes()
    }

    fn take_over_types(&self, types: Vec<(String, Vec<Change>)>) -> Result<()> {
        self.take_over_changes(types)?;
        self.forget_entities("customising the entity types of");
        self.know_builtin_locations();
        Ok(())
    }

    fn on_location_configured(
        &self,
        listener: impl Fn(&str, &LocationConfiguration) + Send + Sync + 'static,
    ) {
        self.location_registry().set_listener(listener);
    }
}
