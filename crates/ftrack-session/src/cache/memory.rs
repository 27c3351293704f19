//! The entities in memory, as a cache.

use std::sync::Arc;

use ftrack_cache::{Cache, Error, LayeredCache, Result};

use super::EntityCache;
use crate::entity::Entity;
use crate::session::{Session, WeakSession};

/// The top layer of a session's cache: its records. It does not keep the session alive.
struct Memory(WeakSession);

/// The layers of a session: its records, and `lower` ones.
pub(crate) fn layers(
    session: WeakSession,
    lower: impl IntoIterator<Item = EntityCache>,
) -> LayeredCache<String, Entity> {
    let memory: EntityCache = Arc::new(Memory(session));
    LayeredCache::new(std::iter::once(memory).chain(lower))
}

impl Memory {
    fn session(&self) -> Result<Session> {
        self.0
            .upgrade()
            .ok_or_else(|| Error::backend("the session is gone"))
    }
}

impl Cache<String, Entity> for Memory {
    fn get(&self, key: &String) -> Result<Option<Entity>> {
        let session = self.session()?;
        let record = session.cache_keys().find(key, session.records());
        Ok(record.map(|record| session.entity_of(record)))
    }

    /// What the server sent for the entity is taken over where it is not known yet.
    fn set(&self, _: String, entity: Entity) -> Result<()> {
        let session = self.session()?;
        session.attach(&entity).map(drop).map_err(Error::backend)
    }

    fn remove(&self, key: &String) -> Result<()> {
        let session = self.session()?;
        let known = session.cache_keys().find(key, session.records());
        let removed = known.and_then(|record| session.records().remove(record.identity()));
        removed.map(drop).ok_or_else(|| Error::key_not_found(key))
    }

    fn keys(&self) -> Result<Vec<String>> {
        let session = self.session()?;
        Ok(session
            .records()
            .records()
            .iter()
            .map(|record| session.cache_key(record.identity()))
            .collect())
    }
}
