//! The session: everything goes through it.

mod actions;
mod cache_keys;
mod call;
mod commit_lock;
mod configurations;
mod events;
mod extension;
mod extensions;
mod handle;
mod held;
mod information;
mod loads;
mod recorder;
mod states;
mod types;
mod unit;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftrack_entity::{
    AttributePosition, EntityState, EntityType, EntityTypeName, Identity, IdentityMap,
    MergedRecords, Operation, Record, Retention, Schema, Value,
};
use ftrack_event::EventHub;
use ftrack_transport::{ApiKey, RetryPolicy, Transport};
use parking_lot::Mutex;

pub(crate) use self::actions::text_of;
pub(crate) use self::cache_keys::CacheKeys;
pub use self::cache_keys::entity_key;
pub(crate) use self::call::{Channel, Purpose, Sent, accepted, accepted_json};
pub(crate) use self::configurations::{CONFIGURATION, Configuration, Configurations};
pub use self::extension::{Extension, Starting};
pub use self::handle::Entity;
pub(crate) use self::held::HeldRecords;
pub use self::information::ServerInformation;
pub(crate) use self::recorder::Recorder;
pub(crate) use self::states::{State, States};
pub(crate) use self::types::Types;
pub use self::types::{Change, Hook, TypeChanges};
pub(crate) use self::unit::Unit;
pub use self::unit::WeakSession;
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::{FetchPolicy, ThreadSetting, thread_fetch_policy, thread_recording};
use crate::shared::Shared;
use crate::trace::{Trace, Traces};

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
/// let session = ftrack_session::SessionBuilder::new()
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
    pub(crate) unit: Shared<Unit>,
}

/// What all units of work of a session share: the way to the server, and what the server is like.
pub(crate) struct Connection {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) event_hub: EventHub,
    pub(crate) api_user: String,
    pub(crate) api_key: Option<ApiKey>,
    /// When requests are tried again, where the program has set it.
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) types: Types,
    pub(crate) information: ServerInformation,
    pub(crate) page_size: u64,
    pub(crate) sibling_rows: usize,
    pub(crate) traces: Traces,
    pub(crate) configurations: Configurations,
    pub(crate) cache_keys: CacheKeys,
    /// What the floors above keep here.
    pub(crate) states: States,
    /// Whether the server was seen to spell entities out at each of their places where it is asked to.
    pub(crate) spells_out: AtomicBool,
    pub(crate) closed: AtomicBool,
    /// Whether it stands for the session of a program, in a library.
    pub(crate) is_hosted: bool,
    /// Who is told what becomes of the session.
    pub(crate) extensions: Mutex<Vec<Arc<dyn Extension>>>,
}

impl Session {
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
    /// [customised](crate::SessionBuilder::customise).
    pub fn schema(&self) -> &Schema {
        self.unit.connection.types.schema()
    }

    /// The names of the entity types of the server.
    pub fn types(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.schema().names().map(EntityTypeName::as_str)
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

    /// Records that `entity` is deleted. The server deletes what belongs to it when that is committed. Deleting twice
    /// is fine; what is known of the entity can still be read.
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
        let _none_under_way = self.unit.commits.take();
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
        for state in self.unit.connection.states.all() {
            state.unit_ended(self.unit.number);
        }
        for extension in self.extensions() {
            extension.reset(self);
        }
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

    /// How many operations are recorded and not committed.
    pub fn operation_count(&self) -> usize {
        self.unit.log.lock().operations().len()
    }

    /// Forgets the recorded operations, so that they are never sent. Unlike [`rollback`](Self::rollback) it leaves
    /// entities as they are, with the values that were set.
    pub fn discard_operations(&self) {
        self.unit.log.lock().take();
    }

    /// Takes the operation that was recorded last out of those to be sent, and leaves its entity as it is.
    pub fn pop_operation(&self) -> Option<Operation> {
        let last = self.unit.log.lock().pop();
        last.map(|recorded| recorded.operation)
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

    /// Sets what happens when an attribute is read that is not loaded, for every thread that has no setting of its own.
    pub fn set_fetch_policy(&self, policy: FetchPolicy) {
        *self.unit.fetch_policy.write() = policy;
    }

    /// What happens when an attribute is read on this thread that is not loaded.
    pub fn fetch_policy(&self) -> FetchPolicy {
        self.policy_or(None)
    }

    /// The policy of this thread, else `own`, else that of the session.
    pub(crate) fn policy_or(&self, own: Option<FetchPolicy>) -> FetchPolicy {
        thread_fetch_policy(self.unit.number)
            .or(own)
            .unwrap_or_else(|| *self.unit.fetch_policy.read())
    }

    /// Switches auto-population on or off for this thread, until the result is dropped. On, what is not loaded is
    /// loaded as the session is [configured](Self::set_fetch_policy): for single entities or for their siblings too.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, user: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let _off = session.auto_populating(false);
    /// assert!(user.value("email")?.is_not_set());
    /// # Ok(())
    /// # }
    /// ```
    pub fn auto_populating(&self, auto_populate: bool) -> ThreadSetting {
        let policy = match *self.unit.fetch_policy.read() {
            _ if !auto_populate => FetchPolicy::Off,
            FetchPolicy::Single => FetchPolicy::Single,
            _ => FetchPolicy::Siblings,
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
        if let Some(layers) = self.unit.layers.get() {
            layers.set_layers([]);
        }
        self.close_extensions();
        self.event_hub().close();
        for state in self.unit.connection.states.all() {
            state.closed();
        }
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
        let held =
            (self.records().retention() == Retention::Held).then(|| Shared::from(Arc::default()));
        Entity::new(self.clone(), record, held)
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
        held: Option<&Shared<HeldRecords>>,
    ) -> Result<Entity> {
        if let Some(record) = self.unit.records.get(identity) {
            return Ok(Entity::new(self.clone(), record, held.cloned()));
        }
        if let Some(parent) = self.parent() {
            return parent.entity_among(identity, None);
        }
        let definition = self.definition(identity.entity_type().as_str())?;
        let record = self.unit.records.get_or_insert(identity, definition);
        Ok(Entity::new(self.clone(), record, held.cloned()))
    }

    /// What holds the records of one answer, where that is needed.
    pub(crate) fn held(&self, records: &MergedRecords) -> Option<Shared<HeldRecords>> {
        (self.records().retention() == Retention::Held).then(|| {
            let held = HeldRecords::default();
            held.add(records);
            Arc::new(held).into()
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
    pub(crate) fn set_value(
        &self,
        record: &Arc<Record>,
        position: AttributePosition,
        value: Value,
    ) {
        self.recorder().set(record, position, value);
    }

    pub(crate) fn definition(&self, name: &str) -> Result<&Arc<EntityType>> {
        Ok(self.schema().entity_type(name)?)
    }

    /// Whether the server is known to spell entities out at each of their places where it is asked to.
    pub(crate) fn spells_out(&self) -> &AtomicBool {
        &self.unit.connection.spells_out
    }

    /// How many rows of collections are loaded at a time for the siblings of an entity.
    pub(crate) fn sibling_rows(&self) -> usize {
        self.unit.connection.sibling_rows
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
