//! Values of one entity taken over by another.

use ftrack_entity::{AttributePosition, Identity, Value};
use rustc_hash::FxHashSet;

use crate::encode::Data;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;

/// A value that was taken over by [`Entity::merge`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntityChange {
    /// Which of the attribute's values it is.
    pub side: ValueSide,
    /// The name of the attribute.
    pub name: String,
    /// The value before.
    pub old_value: Value,
    /// The value now.
    pub new_value: Value,
}

/// The two values that an attribute can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueSide {
    /// The one that was set and not committed.
    Local,
    /// The one that the server sent.
    Remote,
}

impl Entity {
    /// Takes over what is known of `other`, an entity of the same type, and says what that changed. Local values
    /// become local values here, and are recorded; values of the server become values of the server. What is not known
    /// of `other` stays as it is, and so does the primary key.
    ///
    /// What `other` refers to comes along as [`Session::merge`] takes it over: unrecorded, and not among the changes.
    ///
    /// ```
    /// # fn example(task: &ftrack_session::Entity, text: &str) -> ftrack_session::Result<()> {
    /// // As it was written down elsewhere.
    /// let other = task.session().decode(text)?;
    /// for entity in other.entities() {
    ///     for change in task.merge(&entity)? {
    ///         println!("{}: {:?} -> {:?}", change.name, change.old_value, change.new_value);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if `other` is of another type, and [`ErrorKind::ImmutableAttribute`] if it has a
    /// local value that cannot be set here; nothing is taken over then. Else as [`Session::merge`].
    pub fn merge(&self, other: &Self) -> Result<Vec<EntityChange>> {
        if self.entity_type() != other.entity_type() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{other:?} cannot be merged into {self:?}: they are of different types"),
            ));
        }
        let changes = self.take_over(other)?;
        Merging::into(self, other).finish()?;
        Ok(changes)
    }

    /// Takes over the values of `other`, and nothing that it refers to.
    fn take_over(&self, other: &Self) -> Result<Vec<EntityChange>> {
        let (remote, local) = self.differences(other);
        let local = local
            .into_iter()
            .map(|(name, _, value)| {
                let (definition, identity) = (self.definition(), Some(self.identity()));
                let session = self.session();
                let (position, value) = session.accept(definition, identity, &name, value)?;
                self.check_mutable(position, &value)?;
                Ok((name, position, session.hooked(self, position, value)?))
            })
            .collect::<Result<Differences>>()?;
        let mut changes = Vec::new();
        for (name, position, new_value) in remote {
            let old_value = self.record().remote_value(position);
            self.record().set_remote(position, new_value.clone());
            changes.push(EntityChange {
                side: ValueSide::Remote,
                name,
                old_value,
                new_value,
            });
        }
        for (name, position, new_value) in local {
            let old_value = self.record().local_value(position);
            self.session()
                .set_value(&self.shared_record(), position, new_value.clone());
            changes.push(EntityChange {
                side: ValueSide::Local,
                name,
                old_value,
                new_value,
            });
        }
        Ok(changes)
    }

    /// The values of `other` that differ from those here: the server's, and local ones.
    fn differences(&self, other: &Self) -> (Differences, Differences) {
        let (mut remote, mut local) = (Vec::new(), Vec::new());
        // The other entity may come from another server, whose type has its attributes in another order.
        for theirs in other
            .attributes()
            .filter(|theirs| !theirs.definition().is_key())
        {
            let Some(position) = self.definition().position(theirs.name()) else {
                continue;
            };
            let name = theirs.name().to_owned();
            let value = theirs.remote_value();
            if !value.is_not_set() && value != self.record().remote_value(position) {
                remote.push((name.clone(), position, value));
            }
            let value = theirs.local_value();
            if !value.is_not_set() && value != self.record().local_value(position) {
                local.push((name, position, value));
            }
        }
        (remote, local)
    }
}

type Differences = Vec<(String, AttributePosition, Value)>;

/// A merge on its way through what one entity refers to, and what that refers to, and so on: each entity once.
struct Merging<'a> {
    root: &'a Entity,
    seen: FxHashSet<Identity>,
    /// Entities of the other session whose references are still to be followed.
    waiting: Vec<Entity>,
}

impl<'a> Merging<'a> {
    /// Of what `other` refers to, after its values were taken over by `root`.
    fn into(root: &'a Entity, other: &Entity) -> Self {
        Self {
            root,
            seen: std::iter::once(other.identity().clone()).collect(),
            waiting: vec![other.clone()],
        }
    }

    fn finish(mut self) -> Result<()> {
        let session = self.root.session();
        let _unrecorded = session.operation_recording(false);
        while let Some(theirs) = self.waiting.pop() {
            // What refers to this very session is at home already.
            if session.owns(&theirs) {
                continue;
            }
            for related in known_relations(&theirs) {
                if self.seen.insert(related.identity().clone()) {
                    let ours = session.entity(related.identity())?;
                    session.take_over_from(&ours, &related)?;
                    self.root.keep_record(ours.shared_record());
                    self.waiting.push(related);
                }
            }
        }
        Ok(())
    }
}

/// The entities that `entity` refers to, as far as its session knows anything of them.
fn known_relations(entity: &Entity) -> Vec<Entity> {
    let mut relations = Vec::new();
    for attribute in entity.attributes() {
        for value in [attribute.remote_value(), attribute.local_value()] {
            match value {
                Value::Reference(identity) => relations.push(identity),
                Value::Collection(members) => relations.extend_from_slice(&members),
                _ => {}
            }
        }
    }
    let known = |identity: Identity| entity.session().known(&identity);
    relations.into_iter().filter_map(known).collect()
}

impl Session {
    /// The entity of this session that is the same as `entity`, which may come from [`decode`](Self::decode) or from
    /// another session, with its values taken over. So are those of all entities that it refers to, and of what those
    /// refer to, as far as the other session knows them. Nothing is recorded, and nothing is asked of the server.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, text: &str) -> ftrack_session::Result<()> {
    /// // A unit of work that nobody else sees, and its outcome for everybody.
    /// let unit = session.begin();
    /// let task = unit.query("select name, status.name from Task").first()?.unwrap();
    /// let ours = session.merge(&task)?;
    /// assert_eq!(ours.get::<String>("status.name")?, task.get::<String>("status.name")?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no type that one of the entities has, and
    /// [`ErrorKind::ImmutableAttribute`] if one has a local value that contradicts one that cannot be changed. What was
    /// taken over until then stays.
    pub fn merge(&self, entity: &Entity) -> Result<Entity> {
        let attached = self.entity(entity.identity())?;
        let _unrecorded = self.operation_recording(false);
        self.take_over_from(&attached, entity)?;
        Merging::into(&attached, entity).finish()?;
        Ok(attached)
    }

    /// As [`merge`](Self::merge) for all entities in `data`: the same data with those of this session in their places.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, text: &str) -> ftrack_session::Result<()> {
    /// let tasks = session.merge_all(&session.decode(text)?)?.entities();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`merge`](Self::merge).
    pub fn merge_all(&self, data: &Data) -> Result<Data> {
        Ok(match data {
            Data::Value(value) => Data::Value(value.clone()),
            Data::Entity(entity) => Data::Entity(self.merge(entity)?),
            Data::List(list) => {
                let merged = list.iter().map(|item| self.merge_all(item));
                Data::List(merged.collect::<Result<_>>()?)
            }
            Data::Map(map) => {
                let merged = map
                    .iter()
                    .map(|(name, item)| Ok((name.clone(), self.merge_all(item)?)));
                Data::Map(merged.collect::<Result<_>>()?)
            }
        })
    }

    /// Takes over the values of `theirs` into the entity of this session that is the same, and into its caches.
    fn take_over_from(&self, ours: &Entity, theirs: &Entity) -> Result<()> {
        if ours.shares_record(theirs) {
            return Ok(());
        }
        let changes = ours.take_over(theirs)?;
        let is_news = |change: &EntityChange| change.side == ValueSide::Remote;
        if changes.iter().any(is_news) && self.has_lower_layers() {
            self.remember(ours.identity());
        }
        Ok(())
    }
}
