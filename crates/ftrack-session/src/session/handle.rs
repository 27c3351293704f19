//! The handle of an entity.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ftrack_entity::{EntityState, EntityType, Identity, Record, Value};

use super::Session;
use super::held::HeldRecords;
use crate::fetch::FetchPolicy;
use crate::shared::Shared;

/// An entity: a task, a user, a version, anything that the server has a type for.
///
/// A handle that is cheap to clone. All handles of one entity in one session share its values; equality and hash are
/// those of server and identity. Attributes that are not loaded are loaded when they are read, as the session's
/// [`FetchPolicy`](crate::FetchPolicy) says. See the product documentation, "Working with entities".
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// let task = session.query("Task").first()?.unwrap();
/// let name: String = task.get("name")?;
/// let status: String = task.get("status.name")?;
/// let parent: Option<ftrack_session::Entity> = task.get("parent")?;
/// task.set("description", format!("{name}: {status}"))?;
/// session.commit()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Entity {
    pub(crate) session: Session,
    pub(crate) record: Shared<Record>,
    /// `None` where the session keeps everything anyway.
    pub(crate) held: Option<Shared<HeldRecords>>,
    /// What reading does that is not loaded, where that was said of this handle or the query it comes from.
    pub(crate) policy: Option<FetchPolicy>,
}

impl Entity {
    pub(crate) fn new(
        session: Session,
        record: Arc<Record>,
        held: Option<Shared<HeldRecords>>,
    ) -> Self {
        Self {
            session,
            record: record.into(),
            held,
            policy: None,
        }
    }

    pub(crate) fn with_policy(mut self, policy: Option<FetchPolicy>) -> Self {
        self.policy = policy;
        self
    }

    /// Keeps what was loaded through this entity as long as the entity itself.
    pub(crate) fn keep(&self, records: &ftrack_entity::MergedRecords) {
        if let Some(held) = &self.held {
            held.add(records);
        }
    }

    /// Keeps a record as long as the entity itself.
    pub(crate) fn keep_record(&self, record: Arc<Record>) {
        if let Some(held) = &self.held {
            held.hold(record);
        }
    }

    /// The session that the entity belongs to.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Type and primary key.
    pub fn identity(&self) -> &Identity {
        self.record.identity()
    }

    /// The name of the entity's concrete type, such as `Task`.
    pub fn entity_type(&self) -> &'static str {
        self.identity().entity_type().as_str()
    }

    /// The entity's type: which attributes it has.
    pub fn definition(&self) -> &Arc<EntityType> {
        self.record.entity_type()
    }

    /// The text of the primary key; composite keys are joined by `, `.
    pub fn id(&self) -> String {
        self.identity().key().to_string()
    }

    /// What recorded operations make of the entity; `None` if there are none on it.
    pub fn state(&self) -> Option<EntityState> {
        self.session.state_of(self.identity())
    }

    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// The record, for those who keep it.
    pub(crate) fn shared_record(&self) -> Arc<Record> {
        self.record.to_arc()
    }

    /// Whether both are handles of one record.
    pub(crate) fn shares_record(&self, other: &Self) -> bool {
        self.record.is(&other.record)
    }
}

impl PartialEq for Entity {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity() && self.session.shares_server(&other.session)
    }
}

impl Eq for Entity {}

impl Hash for Entity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// The type and key, as in `<User(0154901c-eaf9-11e5-b165-00505681ec7a)>`.
impl fmt::Debug for Entity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.identity())
    }
}

/// A reference to the entity.
impl From<&Entity> for Value {
    fn from(entity: &Entity) -> Self {
        Self::Reference(entity.identity().clone())
    }
}

/// A reference to the entity.
impl From<Entity> for Value {
    fn from(entity: Entity) -> Self {
        Self::from(&entity)
    }
}
