//! The session: everything goes through it.

mod actions;
mod builder;
mod call;
mod commit;
mod create;
mod ensure;
mod environment;
mod events;
mod hosted;
mod load;
mod recorder;
mod start;
mod unit;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ftrack_entity::{
    Arrival, EntityState, EntityType, Identity, IdentityMap, Key, Operation, Record, Retention,
    Schema, Value,
};
use ftrack_event::EventHub;
use ftrack_transport::{ApiKey, RetryPolicy, Transport};
use parking_lot::Mutex;

pub(crate) use self::actions::text_of;
pub use self::builder::SessionBuilder;
pub(crate) use self::call::{Channel, Purpose, Sent, accepted, accepted_json};
pub use self::commit::Committed;
use self::hosted::LocationListener;
pub(crate) use self::hosted::{Hosted, WeakConnection};
pub(crate) use self::recorder::Recorder;
pub use self::start::ServerInformation;
use self::unit::Unit;
pub use self::unit::WeakSession;
use crate::cache::CacheKeys;
use crate::custom_attributes::Configurations;
use crate::customise::Types;
use crate::entity::Companions;
use crate::fetch::{thread_fetch_policy, thread_recording};
use crate::location::LocationRegistry;
use crate::plugin::Library;
use crate::query_result::{QueryResult, QueryText};
use crate::shared::Shared;
use crate::trace::Traces;
use crate::{Entity, Error, ErrorKind, FetchPolicy, Result, ThreadSetting, Trace};

/// A connection to an ftrack server, and what is known of its entities.
///
/// A session follows the unit of work pattern: queries are issued at once, changes are recorded and sent together by
/// [`commit`](Self::commit). See the product documentation, "Understanding sessions".
///
/// A `Session` is a handle: clones share everything, and threads may use it at the same time.
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::Session;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::builder().demo(true).start()?;
/// let session = Session::builder()
///     .server_url(server.url())
///     .api_user(server.user())
///     .api_key(server.api_key())
///     .connect()?;
/// for project in session.query("Project") {
///     println!("{}", project?.get::<String>("name")?);
/// }
/// session.close();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    /// One pointer, because every entity carries it.
    unit: Shared<Unit>,
}

/// What all units of work of a session share: the way to the server, and what the server is like.
pub(crate) struct Connection {
    pub(crate) transport: Arc<dyn Transport>,
    event_hub: EventHub,
    pub(crate) api_user: String,
    pub(crate) api_key: Option<ApiKey>,
    /// How patient to be, where the user said so.
    pub(crate) retry: Option<RetryPolicy>,
    types: Types,
    information: ServerInformation,
    page_size: u64,
    traces: Traces,
    configurations: Configurations,
    cache_keys: CacheKeys,
    locations: LocationRegistry,
    /// Whether the server was seen to spell entities out at each of their places where it is asked to.
    spells_out: AtomicBool,
    closed: AtomicBool,
    /// Whether it stands for the session of a program, in a library.
    is_hosted: bool,
    /// The plugins in libraries.
    libraries: Mutex<Vec<Arc<Library>>>,
    /// Who is told of locations that are configured.
    listener: OnceLock<LocationListener>,
}

impl Session {
    /// A builder for a session; what it is not told is read from the environment.
    pub fn builder() -> SessionBuilder {
        SessionBuilder::default()
    }

    /// A session for the server, user and key of the environment: `FTRACK_SERVER`, `FTRACK_API_USER` (else the user
    /// of the operating system) and `FTRACK_API_KEY`.
    ///
    /// # Errors
    ///
    /// As [`SessionBuilder::connect`].
    pub fn from_env() -> Result<Self> {
        Self::builder().connect()
    }

    /// The address of the server, without a trailing `/`.
    pub fn server_url(&self) -> &str {
        self.unit.connection.transport.server_url()
    }

    /// The user whose credentials are used.
    pub fn api_user(&self) -> &str {
        &self.unit.connection.api_user
    }

    /// The API key that is used, where there is one; its text takes an explicit [`ApiKey::expose`].
    pub fn api_key(&self) -> Option<&ApiKey> {
        self.unit.connection.api_key.as_ref()
    }

    /// What the server said of itself when the session started.
    pub fn server_information(&self) -> &ServerInformation {
        &self.unit.connection.information
    }

    /// The entity types of the server (product documentation, "Understanding sessions", Entity types), as they were
    /// [customised](SessionBuilder::customise).
    pub fn schema(&self) -> &Schema {
        self.unit.connection.types.schema()
    }

    /// The names of the entity types of the server.
    pub fn types(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.schema()
            .types()
            .map(|entity_type| entity_type.name().as_str())
    }

    /// A query, which is sent when its results are read.
    ///
    /// Takes text or a [`ftrack_query::Query`]. Without projections the type's default projections are asked for.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let active = session.query("select name from Project where status is active").all()?;
    /// let first = session.query("Task where name like \"anim%\"").first()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn query(&self, query: impl Into<QueryText>) -> QueryResult {
        QueryResult::new(self.clone(), query.into())
    }

    /// The entity of this type with this key: the known one, else one of the session's caches, else the one that the
    /// server has, else `None`.
    ///
    /// The key of most types is one id; composite ones are made by [`Key::composite`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] for an unknown type, [`ErrorKind::InvalidArgument`] for a key with
    /// another number of parts than the type's primary key, and the errors of a query.
    #[track_caller]
    pub fn get(&self, entity_type: &str, key: impl Into<Key>) -> Result<Option<Entity>> {
        let entity_type = self.schema().entity_type(entity_type)?;
        let key = key.into();
        entity_type.check_key(&key)?;
        let identity = Identity::new(entity_type.name(), key);
        if let Some(record) = self.unit.records.get(&identity) {
            return Ok(Some(self.entity_of(record)));
        }
        if self.has_lower_layers()
            && let Some(entity) = self.recall(&identity)
        {
            return Ok(Some(entity));
        }
        let conditions = crate::query_text::key_conditions(entity_type, identity.key());
        let mut rows = self
            .query(format!("{} where {conditions}", entity_type.name()))
            .all()?;
        Ok((!rows.is_empty()).then(|| rows.swap_remove(0)))
    }

    /// The entity of this identity, whether or not anything is known of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no such type.
    pub fn entity(&self, identity: &Identity) -> Result<Entity> {
        if let Some(record) = self.unit.records.get(identity) {
            return Ok(self.entity_of(record));
        }
        let entity_type = self.schema().entity_type(identity.entity_type().as_str())?;
        Ok(self.entity_of(self.unit.records.get_or_insert(identity, entity_type)))
    }

    /// Records that `entity` is deleted. The server deletes what belongs to it when that is committed. Deleting twice is
    /// fine; what is known of the entity can still be read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the entity belongs to another session.
    pub fn delete(&self, entity: &Entity) -> Result<()> {
        if !self.owns(entity) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{entity:?} belongs to another session and cannot be deleted by this one"),
            ));
        }
        if entity.state() != Some(EntityState::Deleted) {
            self.recorder().delete(&entity.shared_record());
        }
        Ok(())
    }

    /// Forgets every recorded operation and every value that was set and not committed. Entities that were created
    /// and not committed are gone. A commit of another thread that is under way is waited for: what it sends is
    /// committed or, if it fails, rolled back.
    pub fn rollback(&self) {
        let _none_under_way = self.unit.committing.lock();
        let mut log = self.unit.log.lock();
        let created = log.records_in(EntityState::Created);
        let operations = log.take();
        for recorded in &operations {
            recorded.operation.record().clear_local();
        }
        for record in created {
            self.unit.records.remove(record.identity());
        }
        for recorded in operations {
            // Created and then deleted: not among those in the state "created", but not on the server either.
            if let Operation::Create { record, .. } = recorded.operation {
                self.unit.records.remove(record.identity());
            }
        }
    }

    /// Forgets everything: recorded operations and all entities. The connection, the schema and the configurations of
    /// locations are kept, and plugins may configure locations anew.
    pub fn reset(&self) {
        self.unit.connection.configurations.forget();
        self.forget_entities("resetting");
        self.unit.connection.locations.forget_unit(self.unit.number);
        for library in self.libraries() {
            library.reset();
        }
        self.configure_locations_again();
        self.publish_reset();
    }

    /// The recorded operations that have not been committed, oldest first.
    pub fn recorded_operations(&self) -> Vec<Operation> {
        self.unit
            .log
            .lock()
            .operations()
            .iter()
            .map(|recorded| recorded.operation.clone())
            .collect()
    }

    /// The entities that were created and not committed.
    pub fn created(&self) -> Vec<Entity> {
        self.entities_in(EntityState::Created)
    }

    /// The entities that were changed and not committed.
    pub fn modified(&self) -> Vec<Entity> {
        self.entities_in(EntityState::Modified)
    }

    /// The entities that were deleted and not committed.
    pub fn deleted(&self) -> Vec<Entity> {
        self.entities_in(EntityState::Deleted)
    }

    /// Sets what reading an attribute that is not loaded does, for every thread that has no setting of its own.
    pub fn set_fetch_policy(&self, policy: FetchPolicy) {
        *self.unit.fetch_policy.write() = policy;
    }

    /// What reading an attribute that is not loaded does on this thread.
    pub fn fetch_policy(&self) -> FetchPolicy {
        self.policy_or(None)
    }

    /// The policy of this thread, else `own`, else that of the session.
    pub(crate) fn policy_or(&self, own: Option<FetchPolicy>) -> FetchPolicy {
        thread_fetch_policy(self.unit.number)
            .or(own)
            .unwrap_or_else(|| *self.unit.fetch_policy.read())
    }

    /// Switches auto-population on or off for this thread, until the result is dropped.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, user: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let _off = session.auto_populating(false);
    /// assert!(user.value("email")?.is_not_set());
    /// # Ok(())
    /// # }
    /// ```
    pub fn auto_populating(&self, auto_populate: bool) -> ThreadSetting {
        let policy = if auto_populate {
            FetchPolicy::Siblings
        } else {
            FetchPolicy::Off
        };
        self.fetching(policy)
    }

    /// Sets the fetch policy for this thread, until the result is dropped.
    pub fn fetching(&self, policy: FetchPolicy) -> ThreadSetting {
        ThreadSetting::fetch(self.unit.number, policy)
    }

    /// Switches the recording of operations on or off for every thread that has no setting of its own.
    pub fn set_operation_recording(&self, record: bool) {
        self.unit.recording.store(record, Ordering::Release);
    }

    /// Switches the recording of operations on or off for this thread, until the result is dropped. What is changed
    /// while it is off is never sent.
    pub fn operation_recording(&self, record: bool) -> ThreadSetting {
        ThreadSetting::recording(self.unit.number, record)
    }

    /// Counts the requests that are sent from now on, until the result is dropped.
    pub fn trace(&self) -> Trace {
        self.unit.connection.traces.begin()
    }

    /// Whether the session was closed.
    pub fn closed(&self) -> bool {
        self.unit.connection.closed.load(Ordering::Acquire)
    }

    /// Closes the session and all its units of work: what needs the server fails from now on with
    /// [`ErrorKind::ConnectionClosed`]. Recorded operations are dropped with a warning. Closing twice is fine.
    pub fn close(&self) {
        if self.unit.connection.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.forget_entities("closing");
        // The caches go with the session: files are flushed, and what they hold of the session is let go.
        self.layers().set_layers([]);
        self.close_libraries();
        self.event_hub().close();
        self.unit.connection.locations.clear();
        self.unit.connection.transport.close();
    }

    fn entities_in(&self, state: EntityState) -> Vec<Entity> {
        let records = self.unit.log.lock().records_in(state);
        records
            .into_iter()
            .map(|record| self.entity_of(record))
            .collect()
    }

    pub(crate) fn entity_of(&self, record: Arc<Record>) -> Entity {
        let companions =
            (self.records().retention() == Retention::Held).then(|| Shared::from(Arc::default()));
        Entity::new(self.clone(), record, companions)
    }

    /// The entity of this identity, if anything is known of it.
    pub(crate) fn known(&self, identity: &Identity) -> Option<Entity> {
        let record = self.unit.records.get(identity)?;
        Some(self.entity_of(record))
    }

    /// The entity of this identity, which came with others.
    pub(crate) fn entity_among(
        &self,
        identity: &Identity,
        companions: Option<&Shared<Companions>>,
    ) -> Result<Entity> {
        if let Some(record) = self.unit.records.get(identity) {
            return Ok(Entity::new(self.clone(), record, companions.cloned()));
        }
        let definition = self.definition(identity.entity_type().as_str())?;
        let record = self.unit.records.get_or_insert(identity, definition);
        Ok(Entity::new(self.clone(), record, companions.cloned()))
    }

    /// What holds the records of one answer, where that is needed.
    pub(crate) fn companions(&self, arrival: &Arrival) -> Option<Shared<Companions>> {
        (self.records().retention() == Retention::Held).then(|| {
            let companions = Companions::default();
            companions.add(arrival);
            Arc::new(companions).into()
        })
    }

    /// Whether both talk to the same server; sessions of one connection need not compare addresses.
    pub(crate) fn shares_server(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.unit.connection, &other.unit.connection)
            || self.server_url() == other.server_url()
    }

    pub(crate) fn entity_types(&self) -> &Types {
        &self.unit.connection.types
    }

    /// Forgets all entities, and with a warning what was done to them and not committed.
    pub(crate) fn forget_entities(&self, doing: &str) {
        self.unit.drop_pending(doing);
        self.unit.records.clear();
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.unit.connection
    }

    pub(crate) fn owns(&self, entity: &Entity) -> bool {
        self.unit.is(&entity.session().unit)
    }

    pub(crate) fn state_of(&self, identity: &Identity) -> Option<EntityState> {
        self.unit.log.lock().state(identity)
    }

    pub(crate) fn records_operations(&self) -> bool {
        let everywhere = self.unit.recording.load(Ordering::Acquire);
        thread_recording(self.unit.number).unwrap_or(everywhere)
    }

    /// Sets a local value, recorded as an operation unless recording is off.
    pub(crate) fn set_value(&self, record: &Arc<Record>, position: u16, value: Value) {
        self.recorder().set(record, position, value);
    }

    pub(crate) fn definition(&self, name: &str) -> Result<&Arc<EntityType>> {
        Ok(self.schema().entity_type(name)?)
    }

    /// Whether the server is known to spell entities out at each of their places where it is asked to.
    pub(crate) fn spells_out(&self) -> &AtomicBool {
        &self.unit.connection.spells_out
    }

    pub(crate) fn page_size(&self) -> u64 {
        self.unit.connection.page_size
    }

    /// What is known of the configurations of custom attributes.
    pub(crate) fn configuration_memo(&self) -> &Configurations {
        &self.unit.connection.configurations
    }

    pub(crate) fn cache_keys(&self) -> &CacheKeys {
        &self.unit.connection.cache_keys
    }

    /// What is known of locations besides their entities.
    pub(crate) fn location_registry(&self) -> &LocationRegistry {
        &self.unit.connection.locations
    }

    /// Tells the units of work of a session apart.
    pub(crate) fn unit_number(&self) -> u64 {
        self.unit.number
    }

    pub(crate) fn records(&self) -> &IdentityMap {
        &self.unit.records
    }
}

impl Connection {
    pub(crate) fn channel(&self) -> Channel<'_> {
        Channel {
            transport: &*self.transport,
            traces: &self.traces,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.closed.load(Ordering::Acquire) {
            self.event_hub.close();
            self.transport.close();
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("server_url", &self.server_url())
            .field("api_user", &self.api_user())
            .field("closed", &self.closed())
            .finish_non_exhaustive()
    }
}
