//! Units of work: entities and operations that are committed together.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use ftrack_cache::LayeredCache;
use ftrack_entity::{IdentityMap, OperationLog, Retention};
use parking_lot::{Mutex, RwLock};

use super::load::Loads;
use super::{Connection, Session};
use crate::{Entity, FetchPolicy, Result};

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// The entities of a unit of work, and what was done to them.
pub(super) struct Unit {
    pub(super) connection: Arc<Connection>,
    /// Tells units apart in the settings of threads.
    pub(super) number: u64,
    pub(super) records: IdentityMap,
    pub(super) log: Mutex<OperationLog>,
    /// Held during a commit, so that commits of one unit go one after the other.
    pub(super) committing: Mutex<()>,
    pub(super) loads: Loads,
    pub(super) fetch_policy: RwLock<FetchPolicy>,
    /// Whether operations are recorded, on threads that have no setting of their own.
    pub(super) recording: AtomicBool,
    /// The records as a cache, and the user's caches below. Made when the first session of the unit is.
    layers: OnceLock<LayeredCache<String, Entity>>,
}

impl Unit {
    pub(super) fn new(
        connection: Arc<Connection>,
        fetch_policy: FetchPolicy,
        retention: Retention,
    ) -> Self {
        Self {
            connection,
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            records: IdentityMap::with_retention(retention),
            log: Mutex::new(OperationLog::new()),
            committing: Mutex::new(()),
            loads: Loads::default(),
            fetch_policy: RwLock::new(fetch_policy),
            recording: AtomicBool::new(true),
            layers: OnceLock::new(),
        }
    }

    /// Drops recorded operations; if there are any, that is worth a warning.
    pub(super) fn drop_pending(&self, doing: &str) {
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
        self.connection.locations.forget_unit(self.number);
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

    pub(crate) fn layers(&self) -> &LayeredCache<String, Entity> {
        self.unit
            .layers
            .get_or_init(|| crate::cache::layers(self.downgrade(), []))
    }

    /// A session of its own for one thread or task: it shares connection and schema, but has entities and an
    /// operation log of its own, so that no commit sends what another thread has only half done.
    ///
    /// Entities belong to the session that they come from; [`attach`](Self::attach) brings one over.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let unit = session.begin();
    /// unit.attach(task)?.set("description", "changed on its own")?;
    /// unit.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin(&self) -> Self {
        let unit = Unit::new(
            Arc::clone(&self.unit.connection),
            self.fetch_policy(),
            self.records().retention(),
        );
        let begun = Self {
            unit: Arc::new(unit).into(),
        };
        let lower = self.layers().layers().into_iter().skip(1);
        begun
            .layers()
            .set_layers(begun.layers().layers().into_iter().chain(lower));
        begun.know_builtin_locations();
        begun
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
