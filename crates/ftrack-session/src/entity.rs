//! Entities: what a session hands out.

mod companions;
mod inspect;
mod map;
mod merge;
mod read;
mod view;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ftrack_entity::{AttributeKind, EntityState, EntityType, Identity, Record, Value};

pub(crate) use self::companions::Companions;
pub use self::inspect::EntityAttribute;
pub use self::merge::{EntityChange, ValueSide};
pub use self::read::FromAttribute;
use crate::shared::Shared;
use crate::{Collection, Error, ErrorKind, FetchPolicy, Result, Session};

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
    session: Session,
    record: Shared<Record>,
    /// `None` where the session keeps everything anyway.
    companions: Option<Shared<Companions>>,
    /// What reading does that is not loaded, where that was said of this handle or the query it comes from.
    policy: Option<FetchPolicy>,
}

impl Entity {
    pub(crate) fn new(
        session: Session,
        record: Arc<Record>,
        companions: Option<Shared<Companions>>,
    ) -> Self {
        Self {
            session,
            record: record.into(),
            companions,
            policy: None,
        }
    }

    pub(crate) fn with_policy(mut self, policy: Option<FetchPolicy>) -> Self {
        self.policy = policy;
        self
    }

    /// Another handle of the entity, with a fetch policy of its own: what reading an attribute does through it that is
    /// not loaded, and through all entities that are reached from it. Only a setting of the thread
    /// ([`Session::fetching`], [`Session::auto_populating`]) comes before it.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// use ftrack_session::FetchPolicy;
    ///
    /// let known = task.fetching(FetchPolicy::Off);
    /// let status = known.value("status.name")?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fetching(&self, policy: FetchPolicy) -> Self {
        self.clone().with_policy(Some(policy))
    }

    /// What reading an attribute that is not loaded does through this handle, on this thread.
    pub fn fetch_policy(&self) -> FetchPolicy {
        self.session.policy_or(self.policy)
    }

    /// The entity of this identity, which this one refers to. What keeps this one in memory keeps that one too.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no such type.
    pub fn related(&self, identity: &Identity) -> Result<Self> {
        self.session
            .entity_among(identity, self.companions.as_ref())
            .map(|related| related.with_policy(self.policy))
    }

    /// Keeps what was loaded through this entity as long as the entity itself.
    pub(crate) fn keep(&self, arrival: &ftrack_entity::Arrival) {
        if let Some(companions) = &self.companions {
            companions.add(arrival);
        }
    }

    /// Keeps a record as long as the entity itself.
    pub(crate) fn keep_record(&self, record: Arc<Record>) {
        if let Some(companions) = &self.companions {
            companions.hold(record);
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

    /// The names of all attributes (product documentation, "Tutorial").
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.definition()
            .attributes()
            .iter()
            .map(ftrack_entity::Attribute::name)
    }

    /// The value at `path`: an attribute, or attributes of references joined by dots, such as `status.state.name`.
    ///
    /// Local values come before those of the server. What is not known is loaded; where that is switched off or
    /// brings nothing, the value is [`Value::NotSet`]. A path through a reference that is null is null.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`] if there is no such attribute along the path, [`ErrorKind::WrongType`] if the
    /// path goes through something that is no reference, and the errors of loading.
    #[track_caller]
    pub fn value(&self, path: &str) -> Result<Value> {
        let record = self.record();
        // Most paths are one attribute, and to find that it is one is quicker than to look for dots.
        if let Some(position) = record.entity_type().position(path) {
            return self.read(record, position, None, Value::clone);
        }
        match path.split_once('.') {
            None => Err(self.no_position(path)),
            Some((name, rest)) => match self.step(name, rest)? {
                Some(next) => next.value(rest),
                None => Ok(Value::Null),
            },
        }
    }

    /// The value at `path` as a `T`: see [`FromAttribute`] for the types there are.
    ///
    /// `Option<T>` reads null and missing values as `None`; any other type needs a value.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let bid: f64 = task.get("bid")?;
    /// let end: Option<chrono::DateTime<chrono::Utc>> = task.get("end_date")?;
    /// let status: String = task.get("status.name")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value); [`ErrorKind::NotLoaded`] if no value is known, and [`ErrorKind::WrongType`] naming
    /// entity, attribute, expected and found if the value is no `T`.
    #[track_caller]
    pub fn get<T: FromAttribute>(&self, path: &str) -> Result<T> {
        let record = self.record();
        let definition = record.entity_type();
        if let Some(position) = definition.position(path) {
            if definition.attributes()[usize::from(position)].is_scalar() {
                return self.read(record, position, None, |value| self.typed(path, value))?;
            }
            return self.typed(path, &self.read(record, position, None, Value::clone)?);
        }
        match path.split_once('.') {
            None => Err(self.no_position(path)),
            Some((name, rest)) => match self.step(name, rest)? {
                Some(next) => next.get(rest),
                None => self.typed(path, &Value::Null),
            },
        }
    }

    /// Sets an attribute. The change is recorded and sent by the next commit; [`Value::NotSet`] takes a local value
    /// back.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity, status: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// task.set("bid", 8)?;
    /// task.set("status", status)?;
    /// task.set("description", None::<&str>)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`], [`ErrorKind::ImmutableAttribute`] if the attribute has a value that cannot be
    /// changed, [`ErrorKind::WrongType`] if it cannot hold the value, and [`ErrorKind::InvalidStateTransition`] if the
    /// entity was deleted.
    pub fn set(&self, name: &str, value: impl Into<Value>) -> Result<()> {
        let value = value.into();
        let position = checked_position(self.definition(), name, &value)?;
        if let Some(items) = self.metadata_items(position, &value) {
            return self.metadata()?.replace(items);
        }
        self.check_mutable(position, &value)?;
        if !value.is_not_set() {
            self.check_alive()?;
        }
        let value = match self.session.entity_types().on_write(self, position) {
            Some(hook) => hook(self, value)?,
            None => value,
        };
        self.session
            .set_value(&self.shared_record(), position, value);
        Ok(())
    }

    /// The entities of a collection such as `children`, to read and to change. It is loaded if it is not known; that
    /// of a new entity is empty.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`], [`ErrorKind::WrongType`] if the attribute is no collection, and
    /// [`ErrorKind::NotLoaded`] if the collection is not known and loading is switched off.
    #[track_caller]
    pub fn collection(&self, name: &str) -> Result<Collection> {
        let attribute = self.definition().attribute(name)?;
        if !attribute.is_collection() {
            return Err(Error::new(
                ErrorKind::WrongType,
                format!(
                    "attribute {name:?} of {} is no collection",
                    self.entity_type()
                ),
            )
            .with_detail("entity_type", self.entity_type())
            .with_detail("attribute", name));
        }
        let position = self.position(name)?;
        let is_known = !self.read(self.record(), position, None, Value::is_not_set)?;
        if is_known || self.state() == Some(EntityState::Created) {
            return Ok(Collection::new(self.clone(), position));
        }
        Err(self.not_loaded(name))
    }

    /// Loads `projections` for this entity.
    ///
    /// # Errors
    ///
    /// The errors of a query.
    #[track_caller]
    pub fn populate<P: AsRef<str>>(&self, projections: impl IntoIterator<Item = P>) -> Result<()> {
        self.session
            .populate(std::slice::from_ref(self), projections)
    }

    /// Records that this entity is deleted.
    ///
    /// # Errors
    ///
    /// As [`Session::delete`].
    pub fn delete(&self) -> Result<()> {
        self.session.delete(self)
    }

    /// The keys and values of an object that is to replace the metadata of the entity.
    fn metadata_items(&self, position: u16, value: &Value) -> Option<Vec<(String, Value)>> {
        let attribute = &self.definition().attributes()[usize::from(position)];
        crate::metadata::items(value).filter(|_| crate::metadata::is_metadata(attribute))
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

    fn position(&self, name: &str) -> Result<u16> {
        let position = self.definition().position(name);
        position.ok_or_else(|| self.no_position(name))
    }

    /// The error for a name that is no attribute's.
    #[cold]
    fn no_position(&self, name: &str) -> Error {
        let attribute = self.definition().attribute(name);
        attribute.map_or_else(Error::from, |_| self.not_loaded(name))
    }

    /// Calls `reader` with the value of the attribute at `position` of `record`, which is this entity's: the value is
    /// loaded first if it is not known and that is possible. The record is locked meanwhile.
    #[track_caller]
    fn read<R>(
        &self,
        record: &Record,
        position: u16,
        rest: Option<&str>,
        reader: impl Fn(&Value) -> R,
    ) -> Result<R> {
        if let Some(hook) = self.session.entity_types().on_read(self, position) {
            if record.read(position, Value::is_not_set) {
                self.keep(&self.fetch(position, rest)?);
            }
            return Ok(reader(&hook(self, record.value(position))?));
        }
        let read_known = |value: &Value| (!value.is_not_set()).then(|| reader(value));
        if let Some(known) = record.read(position, read_known) {
            return Ok(known);
        }
        self.keep(&self.fetch(position, rest)?);
        Ok(record.read(position, reader))
    }

    /// Loads the attribute at `position`, as the policy says.
    #[track_caller]
    fn fetch(&self, position: u16, rest: Option<&str>) -> Result<ftrack_entity::Arrival> {
        let policy = self.fetch_policy();
        self.session
            .load(&self.shared_record(), position, rest, policy)
    }

    /// The entity that the reference `name` leads to, on the way to `rest`.
    #[track_caller]
    fn step(&self, name: &str, rest: &str) -> Result<Option<Self>> {
        match self.read(
            self.record(),
            self.position(name)?,
            Some(rest),
            Value::clone,
        )? {
            Value::Reference(identity) => self.related(&identity).map(Some),
            Value::Null | Value::NotSet => Ok(None),
            other => Err(Error::new(
                ErrorKind::WrongType,
                format!(
                    "{}.{name} is {}, so there is no {rest:?} behind it: only references can be followed",
                    self.entity_type(),
                    other.kind()
                ),
            )
            .with_detail("attribute", name)
            .with_detail("expected", "a reference")
            .with_detail("found", other.kind())),
        }
    }

    fn typed<T: FromAttribute>(&self, path: &str, value: &Value) -> Result<T> {
        if let Some(typed) = T::from_attribute(value, self) {
            return Ok(typed);
        }
        if value.is_not_set() {
            return Err(self.not_loaded(path));
        }
        let found = value.kind();
        Err(Error::new(
            ErrorKind::WrongType,
            format!("{path:?} of {self:?} is {found}, not {}", T::EXPECTED),
        )
        .with_detail("entity", self.identity().to_string())
        .with_detail("attribute", path)
        .with_detail("expected", T::EXPECTED)
        .with_detail("found", found))
    }

    fn not_loaded(&self, path: &str) -> Error {
        Error::new(
            ErrorKind::NotLoaded,
            format!("no value of {path:?} of {self:?} is known"),
        )
        .with_detail("attribute", path)
    }

    /// What is recorded as deleted cannot be changed any more: the server would refuse it.
    pub(crate) fn check_alive(&self) -> Result<()> {
        let is_deleted = self.state() == Some(EntityState::Deleted);
        if !is_deleted || !self.session.records_operations() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidStateTransition,
            format!("{self:?} was deleted and cannot be changed; roll back to have it again"),
        )
        .with_detail("entity", self.identity().to_string())
        .with_detail("from", "deleted")
        .with_detail("to", "modified"))
    }

    /// An immutable attribute can be set once, on a new entity.
    fn check_mutable(&self, position: u16, value: &Value) -> Result<()> {
        let attribute = &self.definition().attributes()[usize::from(position)];
        let has_value = attribute.is_key() || !self.record.read(position, Value::is_not_set);
        let is_refused = (attribute.is_key() || !attribute.is_mutable())
            && (has_value || self.state() != Some(EntityState::Created))
            && !value.is_not_set();
        if !is_refused {
            return Ok(());
        }
        let entity = self.identity().clone();
        Err(ftrack_entity::Error::Immutable {
            entity,
            attribute: attribute.name().to_owned(),
        }
        .into())
    }
}

/// The position of the attribute, which can hold `value`.
pub(crate) fn checked_position(entity_type: &EntityType, name: &str, value: &Value) -> Result<u16> {
    let attribute = entity_type.attribute(name)?;
    let fits = match (attribute.kind(), value) {
        (_, Value::NotSet) => true,
        (AttributeKind::Scalar(_), value) => {
            !matches!(value, Value::Reference(_) | Value::Collection(_))
        }
        (AttributeKind::MappedCollection(_), Value::Json(_)) => {
            crate::metadata::is_metadata(attribute) && crate::metadata::items(value).is_some()
        }
        (AttributeKind::Reference(_), value) => matches!(value, Value::Null | Value::Reference(_)),
        (_, value) => matches!(value, Value::Collection(_)),
    };
    match entity_type.position(name) {
        Some(position) if fits => Ok(position),
        _ => {
            let expected = match attribute.kind() {
                AttributeKind::Scalar(_) => "a plain value",
                AttributeKind::Reference(_) => "a reference or null",
                _ if crate::metadata::is_metadata(attribute) => "an object of values by key",
                AttributeKind::MappedCollection(_) => "values one by one, on the entity as it is",
                _ => "a collection",
            };
            let (entity_type, attribute) = (entity_type.name().as_str(), name.to_owned());
            Err(ftrack_entity::Error::WrongValue {
                entity_type,
                attribute,
                expected,
                found: value.kind(),
            }
            .into())
        }
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
