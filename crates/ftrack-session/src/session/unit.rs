//! Units of work: entities and operations that are committed together.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use ftrack_cache::LayeredCache;
use ftrack_entity::{AttributePosition, EntityTypeName, IdentityMap, OperationLog, Retention};
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;

use super::commit_lock::CommitLock;
use super::handle::Entity;
use super::loads::Loads;
use super::{Connection, Session};
use crate::error::Result;
use crate::fetch::FetchPolicy;

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// The entities of a unit of work, and what was done to them.
pub(crate) struct Unit {
    pub(crate) connection: Arc<Connection>,
    /// Tells units apart in the settings of threads.
    pub(crate) number: u64,
    /// For entities that were decoded and belong to no session yet: the session that they were decoded by. What they
    /// refer to and do not bring along is looked up there.
    parent: Option<WeakSession>,
    pub(crate) records: IdentityMap,
    pub(crate) log: Mutex<OperationLog>,
    /// Held during a commit, so that commits of one unit go one after the other.
    pub(crate) commits: CommitLock,
    pub(crate) loads: Loads,
    /// The sizes of the largest collections that were loaded, by type and position of the attribute.
    pub(crate) sizes: Mutex<FxHashMap<(EntityTypeName, AttributePosition), usize>>,
    pub(crate) fetch_policy: RwLock<FetchPolicy>,
    /// Whether operations are recorded, on threads that have no setting of their own.
    pub(crate) recording: AtomicBool,
    /// The records as a cache, and the user's caches below. Made when the first session of the unit is.
    pub(crate) layers: OnceLock<LayeredCache<String, Entity>>,
}

impl Unit {
    pub(crate) fn new(
        connection: Arc<Connection>,
        fetch_policy: FetchPolicy,
        retention: Retention,
    ) -> Self {
        Self {
            connection,
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            parent: None,
            records: IdentityMap::with_retention(retention),
            log: Mutex::new(OperationLog::new()),
            commits: CommitLock::default(),
            loads: Loads::default(),
            sizes: Mutex::default(),
            fetch_policy: RwLock::new(fetch_policy),
            recording: AtomicBool::new(true),
            layers: OnceLock::new(),
        }
    }

    /// Drops recorded operations; if there are any, that is worth a warning.
    pub(crate) fn drop_pending(&self, doing: &str) {
        let pending = self.log.lock().take();
        if !pending.is_empty() {
            tracing::warn!(
                operations = pending.len(),
                "{doing} a session with uncommitted operations"
            );
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        self.drop_pending("dropping");
        // What is detached has the number of its session.
        if self.parent.is_some() {
            return;
        }
        for state in self.connection.states.all() {
            state.unit_ended(self.number);
        }
    }
}

/// A handle that does not keep its session alive: for what the session itself holds, such as caches and handlers.
#[derive(Clone)]
pub struct WeakSession {
    unit: Weak<Unit>,
}

impl WeakSession {
    /// The session, if it is still there.
    pub fn upgrade(&self) -> Option<Session> {
        Some(Session {
            unit: self.unit.upgrade()?.into(),
        })
    }
}

impl std::fmt::Debug for WeakSession {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WeakSession")
    }
}

impl Session {
    /// A handle that does not keep the session alive.
    ///
    /// ```
    /// # fn example(session: ftrack_session::Session) {
    /// let weak = session.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(session);
    /// assert!(weak.upgrade().is_none());
    /// # }
    /// ```
    pub fn downgrade(&self) -> WeakSession {
        WeakSession {
            unit: self.unit.downgrade(),
        }
    }

    /// A session for entities in `records` that are detached from this one: their values are their own, and nothing of
    /// them is ever part of a commit of this session.
    pub(crate) fn detached(&self, records: IdentityMap) -> Self {
        let connection = Arc::clone(&self.unit.connection);
        let policy = *self.unit.fetch_policy.read();
        let mut unit = Unit::new(connection, policy, Retention::All);
        // Settings of a thread hold for detached entities as well.
        unit.number = self.unit.number;
        unit.parent = Some(self.downgrade());
        unit.records = records;
        Self {
            unit: Arc::new(unit).into(),
        }
    }

    /// The session that detached entities were decoded by.
    pub(super) fn parent(&self) -> Option<Self> {
        self.unit.parent.as_ref()?.upgrade()
    }

    /// The entity in this unit of work that is the same as `entity` in another, with the values that the server sent
    /// for it. What was set on it and not committed stays where it is.
    ///
    /// # Errors
    ///
    /// [`UnrecognisedEntityType`](crate::ErrorKind::UnrecognisedEntityType) if this server has no such type.
    pub fn attach(&self, entity: &Entity) -> Result<Entity> {
        let definition = self.definition(entity.entity_type())?;
        let record = self
            .unit
            .records
            .get_or_insert(entity.identity(), definition);
        if !self.owns(entity) {
            record.adopt(entity.record());
        }
        Ok(self.entity_of(record))
    }
}
