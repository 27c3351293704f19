//! Entities as JSON text, and back.

mod data;
mod decode;
mod write;

use std::fmt;
use std::str::FromStr;

use ftrack_entity::AttributePosition;

pub use self::data::Data;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;

/// Which attributes of an entity are encoded. The type and primary key always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum EncodeStrategy {
    /// All attributes; those that are not known are loaded first.
    All,
    /// Attributes whose value is known, local values before those of the server.
    #[default]
    SetOnly,
    /// Attributes whose local value differs from the server's.
    ModifiedOnly,
    /// What the server sent, except what it computes on reading: right for what is kept for long.
    PersistedOnly,
}

impl EncodeStrategy {
    /// Every strategy.
    pub const ALL: [Self; 4] = [
        Self::All,
        Self::SetOnly,
        Self::ModifiedOnly,
        Self::PersistedOnly,
    ];

    /// The name in the product documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::SetOnly => "set_only",
            Self::ModifiedOnly => "modified_only",
            Self::PersistedOnly => "persisted_only",
        }
    }
}

impl fmt::Display for EncodeStrategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for EncodeStrategy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let strategy = Self::ALL.into_iter().find(|known| known.as_str() == text);
        strategy.ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Error::new(
                ErrorKind::InvalidArgument,
                format!("{text:?} is not a strategy of encoding; there are {names}"),
            )
        })
    }
}

impl Session {
    /// `data`, which may be an entity, a list of them, or a tree with entities in it, as JSON text with sorted keys.
    /// Entities that an encoded entity refers to are named by type and primary key.
    ///
    /// ```
    /// use ftrack_session::EncodeStrategy;
    ///
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let tasks = session.query("select name, bid from Task").all()?;
    /// let text = session.encode(&tasks, EncodeStrategy::PersistedOnly)?;
    /// let decoded = session.decode(&text)?;
    /// assert_eq!(decoded.entities(), tasks);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of loading, for [`EncodeStrategy::All`].
    #[track_caller]
    pub fn encode(&self, data: impl Into<Data>, strategy: EncodeStrategy) -> Result<String> {
        let data = data.into();
        if strategy == EncodeStrategy::All {
            load_missing(self, &data.entities())?;
        }
        Ok(write::text(&data, strategy, self.schema()))
    }

    /// What `text` says, which is JSON as [`encode`](Self::encode) writes it: objects that name an entity type are
    /// entities, tagged times are times.
    ///
    /// The entities are detached: they are not those of the session, and what is set on them is never part of its
    /// commits. What the text says of the entities in them, such as `status.name`, is read from them; what it only
    /// refers to is looked up in the session. [`merge`](Self::merge) takes one over, with all that it brings along.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Parse`] if the text is not JSON, [`ErrorKind::UnrecognisedEntityType`] if it names a type that the
    /// server does not have, and [`ErrorKind::MalformedAnswer`] for an entity that cannot be read, such as one without
    /// its primary key.
    pub fn decode(&self, text: &str) -> Result<Data> {
        decode::decode(self, text)
    }

    /// What identifies `entity`: its type and primary key, as they are written where something refers to it.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, user: &ftrack_session::Entity) {
    /// let reference = session.entity_reference(user);
    /// assert_eq!(reference["__entity_type__"], "User");
    /// # }
    /// ```
    pub fn entity_reference(&self, entity: &Entity) -> serde_json::Value {
        let mut reference = serde_json::Map::new();
        reference.insert("__entity_type__".to_owned(), entity.entity_type().into());
        for (name, value) in entity.primary_key() {
            reference.insert(name.to_owned(), value.into());
        }
        reference.into()
    }
}

/// Loads what is not known of the entities, in one request for those of one type that lack the same attributes.
#[track_caller]
pub(crate) fn load_missing(session: &Session, entities: &[Entity]) -> Result<()> {
    let mut groups: Vec<(&str, Vec<AttributePosition>, Vec<Entity>)> = Vec::new();
    for entity in entities {
        let missing = entity.record().unset_positions();
        if missing.is_empty() {
            continue;
        }
        let entity_type = entity.entity_type();
        let group = groups
            .iter_mut()
            .find(|(of, positions, _)| *of == entity_type && *positions == missing);
        match group {
            Some((_, _, members)) => members.push(entity.clone()),
            None => groups.push((entity_type, missing, vec![entity.clone()])),
        }
    }
    for (entity_type, positions, entities) in groups {
        let attributes = session.definition(entity_type)?.attributes();
        let names = positions
            .iter()
            .map(|&position| attributes[usize::from(position)].name());
        // Of one that is detached, the values are to be known there.
        let owner = entities.first().map_or(session, Entity::session).clone();
        owner.populate(&entities, names)?;
    }
    Ok(())
}
