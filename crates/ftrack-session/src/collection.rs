//! Lists of entities that belong to an entity.

mod list;

use std::fmt;
use std::sync::Arc;

use ftrack_entity::{AttributePosition, EntityState, Identity, Value};

pub use self::list::Members;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};

/// The entities of a collection attribute, such as the children of a context.
///
/// A view: it always shows what the entity has at the moment. Each entity is in it once; order is kept and does not
/// count in comparisons. Changes are recorded as updates of the entity it belongs to. See the product documentation,
/// reference of `collection`.
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// use ftrack_session::values;
///
/// let project = session.query("Project").one()?;
/// let children = project.collection("children")?;
/// for child in children.entities()? {
///     println!("{}", child.get::<String>("name")?);
/// }
/// children.push(&session.create("Sequence", values! { "name": "opening" })?)?;
/// session.commit()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Collection {
    owner: Entity,
    position: AttributePosition,
}

impl Entity {
    /// The entities of a collection such as `children`, to read and to change. It is loaded if it is not known; that
    /// of a new entity is empty.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownAttribute`], [`ErrorKind::WrongType`] if the attribute is not a collection, and
    /// [`ErrorKind::NotLoaded`] if the collection is not known and loading is switched off.
    #[track_caller]
    pub fn collection(&self, name: &str) -> Result<Collection> {
        let attribute = self.definition().attribute(name)?;
        if !attribute.is_collection() {
            return Err(Error::new(
                ErrorKind::WrongType,
                format!(
                    "attribute {name:?} of {} is not a collection",
                    self.entity_type()
                ),
            )
            .with_detail("entity_type", self.entity_type())
            .with_detail("attribute", name));
        }
        let position = self.position(name)?;
        let is_known = !self.read_known(self.record(), position, "", Value::is_not_set)?;
        if is_known || self.state() == Some(EntityState::Created) {
            return Ok(Collection::new(self.clone(), position));
        }
        Err(self.not_loaded(name))
    }
}

impl Collection {
    pub(crate) fn new(owner: Entity, position: AttributePosition) -> Self {
        Self { owner, position }
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.owner.record().read(self.position, |value| {
            value.as_collection().map_or(0, <[Identity]>::len)
        })
    }

    /// Whether there are no entities.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `entity` is among them.
    pub fn contains(&self, entity: &Entity) -> bool {
        let identity = entity.identity();
        self.owner.record().read(self.position, |value| {
            value
                .as_collection()
                .is_some_and(|all| all.contains(identity))
        })
    }

    /// The entity at `index`, from 0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no type as the entity has.
    pub fn get(&self, index: usize) -> Result<Option<Entity>> {
        let identity = self.members().get(index).cloned();
        identity
            .map(|identity| self.owner.related(&identity))
            .transpose()
    }

    /// The entities as they are now, in order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no type as one of the entities has.
    pub fn entities(&self) -> Result<Vec<Entity>> {
        self.members()
            .iter()
            .map(|identity| self.owner.related(identity))
            .collect()
    }

    /// The identities of the entities as they are now, in order.
    pub fn identities(&self) -> Vec<Identity> {
        self.members().to_vec()
    }

    /// Adds an entity at the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::DuplicateItemInCollection`] if it is there already, [`ErrorKind::ImmutableCollection`] if the
    /// collection cannot be changed, and [`ErrorKind::InvalidStateTransition`] if its owner was deleted.
    pub fn push(&self, entity: &Entity) -> Result<()> {
        self.insert(usize::MAX, entity)
    }

    /// Adds an entity at `index`, or at the end if there are fewer.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn insert(&self, index: usize, entity: &Entity) -> Result<()> {
        self.change(|members| {
            self.check_absent(members, entity.identity(), None)?;
            members.insert(index.min(members.len()), entity.identity().clone());
            Ok(())
        })
    }

    /// Puts `entity` in the place of the one at `index`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if there is none at `index`, else as [`push`](Self::push).
    pub fn set(&self, index: usize, entity: &Entity) -> Result<()> {
        self.change(|members| {
            self.check_absent(members, entity.identity(), Some(index))?;
            let count = members.len();
            let Some(member) = members.get_mut(index) else {
                return Err(self.out_of_range(index, count));
            };
            *member = entity.identity().clone();
            Ok(())
        })
    }

    /// Takes `entity` out and says whether it was there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ImmutableCollection`] if the collection cannot be changed.
    pub fn remove(&self, entity: &Entity) -> Result<bool> {
        if !self.contains(entity) {
            return Ok(false);
        }
        self.change(|members| {
            let count = members.len();
            members.retain(|member| member != entity.identity());
            Ok(members.len() < count)
        })
    }

    /// Takes the entity at `index` out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if there is none, [`ErrorKind::ImmutableCollection`] if the collection cannot
    /// be changed.
    pub fn remove_at(&self, index: usize) -> Result<Entity> {
        let removed = self.change(|members| {
            if index >= members.len() {
                return Err(self.out_of_range(index, members.len()));
            }
            Ok(members.remove(index))
        })?;
        self.owner.related(&removed)
    }

    /// Takes all entities out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ImmutableCollection`] if the collection cannot be changed.
    pub fn clear(&self) -> Result<()> {
        self.change(|members| {
            members.clear();
            Ok(())
        })
    }

    /// Replaces the entities by these.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn replace<'a>(&self, entities: impl IntoIterator<Item = &'a Entity>) -> Result<()> {
        let entities = identities_of(entities);
        self.change(|members| {
            members.clear();
            self.append(members, &entities)
        })
    }

    /// Where the owner has this collection.
    pub(crate) fn position(&self) -> AttributePosition {
        self.position
    }

    fn members(&self) -> Arc<[Identity]> {
        match self.owner.record().value(self.position) {
            Value::Collection(members) => members,
            _ => Arc::from([]),
        }
    }

    /// Changes the members, unless `change` refuses. Nobody else changes them meanwhile: where a hook is to see the
    /// change, which is called with nothing locked, it is made again if they did.
    fn change<R>(&self, change: impl Fn(&mut Vec<Identity>) -> Result<R>) -> Result<R> {
        let attribute = self.attribute();
        if !attribute.is_mutable() {
            return Err(Error::new(
                ErrorKind::ImmutableCollection,
                format!(
                    "cannot modify the immutable collection {:?} of {:?}",
                    attribute.name(),
                    self.owner
                ),
            )
            .with_detail("entity", self.owner.identity().to_string())
            .with_detail("attribute", attribute.name()));
        }
        self.owner.check_alive()?;
        let (session, record) = (self.owner.session(), self.owner.shared_record());
        let types = session.entity_types();
        if types.on_write(&self.owner, self.position).is_none() {
            let mut recorder = session.recorder();
            let mut members = self.identities();
            let result = change(&mut members)?;
            self.check_kinds(&members)?;
            recorder.set(&record, self.position, members.into());
            return Ok(result);
        }
        loop {
            let before = self.identities();
            let mut members = before.clone();
            let result = change(&mut members)?;
            self.check_kinds(&members)?;
            let value = session.hooked(&self.owner, self.position, members.into())?;
            let mut recorder = session.recorder();
            if self.identities() == before {
                recorder.set(&record, self.position, value);
                return Ok(result);
            }
        }
    }

    /// Refuses members of a type that the collection is not of.
    fn check_kinds(&self, members: &[Identity]) -> Result<()> {
        let (definition, name) = (self.owner.definition(), self.attribute().name());
        let value = Value::Collection(members.into());
        let schema = self.owner.session().schema();
        schema
            .accept(definition, self.attribute(), value)
            .map_err(|error| {
                Error::from(error.about(self.owner.identity())).with_detail("attribute", name)
            })?;
        Ok(())
    }

    fn append(&self, members: &mut Vec<Identity>, added: &[Identity]) -> Result<()> {
        for identity in added {
            self.check_absent(members, identity, None)?;
            members.push(identity.clone());
        }
        Ok(())
    }

    fn check_absent(
        &self,
        members: &[Identity],
        identity: &Identity,
        except: Option<usize>,
    ) -> Result<()> {
        match members.iter().position(|member| member == identity) {
            Some(index) if Some(index) != except => Err(Error::new(
                ErrorKind::DuplicateItemInCollection,
                format!(
                    "{identity} is in {:?} of {:?} already",
                    self.attribute().name(),
                    self.owner
                ),
            )
            .with_detail("entity", self.owner.identity().to_string())
            .with_detail("attribute", self.attribute().name())
            .with_detail("item", identity.to_string())),
            _ => Ok(()),
        }
    }

    fn out_of_range(&self, index: usize, count: usize) -> Error {
        let name = self.attribute().name();
        Error::new(
            ErrorKind::InvalidArgument,
            format!(
                "{name:?} of {:?} has {count} item(s), so there is none at index {index}",
                self.owner
            ),
        )
    }

    fn attribute(&self) -> &ftrack_entity::Attribute {
        &self.owner.definition()[self.position]
    }
}

/// The identities of these entities. The iterator is the caller's, and runs with nothing locked.
fn identities_of<'a>(entities: impl IntoIterator<Item = &'a Entity>) -> Vec<Identity> {
    let entities = entities.into_iter();
    entities.map(|entity| entity.identity().clone()).collect()
}

impl PartialEq for Collection {
    fn eq(&self, other: &Self) -> bool {
        self.owner.record().value(self.position) == other.owner.record().value(other.position)
    }
}

impl fmt::Debug for Collection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.members().iter())
            .finish()
    }
}
