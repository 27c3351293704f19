//! The caches of a session.

mod key;
mod memory;

use ftrack_cache::{Cache, LayeredCache, SerialisedCache, SharedCache};
use ftrack_entity::{EntityState, Identity};

pub(crate) use self::key::CacheKeys;
pub use self::key::entity_key;
pub(crate) use self::memory::layers;
use crate::error::chain;
use crate::{EncodeStrategy, Entity, Error, Result, Session};

/// A cache of entities, by [`Session::cache_key`].
pub type EntityCache = SharedCache<String, Entity>;

type Maker = dyn FnOnce(&Session) -> Result<Option<EntityCache>, Box<dyn std::error::Error + Send + Sync>>
    + Send;

/// What makes a session's cache; given to [`SessionBuilder::cache`](crate::SessionBuilder::cache).
#[derive(Default)]
pub(crate) struct CacheMaker(pub(crate) Option<Box<Maker>>);

impl CacheMaker {
    /// Makes the cache below memory. A session goes on without one that cannot be had.
    pub(crate) fn make(self, session: &Session) -> Option<EntityCache> {
        let made = self.0.map_or(Ok(None), |maker| maker(session));
        made.unwrap_or_else(|error| {
            tracing::warn!(
                error = chain(&*error),
                "the session's cache cannot be had; going on without it"
            );
            None
        })
    }
}

impl std::fmt::Debug for CacheMaker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.0.is_some() {
            "CacheMaker"
        } else {
            "none"
        })
    }
}

impl Session {
    /// The caches of this session, the entities in memory at the top (product documentation, "Caching"). They can be
    /// looked at and changed at any time; the top layer is best left where it is.
    ///
    /// ```
    /// use ftrack_cache::Cache;
    ///
    /// # fn example(session: &ftrack_session::Session) -> Result<(), Box<dyn std::error::Error>> {
    /// let user = session.query("User").first()?.unwrap();
    /// assert!(session.cache().keys()?.contains(&session.cache_key(user.identity())));
    /// # Ok(())
    /// # }
    /// ```
    pub fn cache(&self) -> &LayeredCache<String, Entity> {
        self.layers()
    }

    /// The key by which the entity of this identity is cached: [`entity_key`], unless the session was given another
    /// [key maker](crate::SessionBuilder::cache_key_maker).
    pub fn cache_key(&self, identity: &Identity) -> String {
        self.cache_keys().key(identity)
    }

    /// A cache of entities over one of bytes, such as a `FileCache`: entities are kept as JSON, with what the server
    /// sent for them and nothing that it computes on reading. It does not keep the session alive.
    ///
    /// ```
    /// use ftrack_cache::MemoryCache;
    /// use ftrack_session::Session;
    ///
    /// # fn example(builder: ftrack_session::SessionBuilder) -> ftrack_session::Result<()> {
    /// let session = builder
    ///     .cache(|session| Ok(Some(session.serialised(MemoryCache::new()))))
    ///     .connect()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn serialised(&self, bytes: impl Cache<String, Vec<u8>> + 'static) -> EntityCache {
        let session = self.downgrade();
        let encode = |entity: &Entity| {
            entity
                .session()
                .encode(entity, EncodeStrategy::PersistedOnly)
                .map(String::into_bytes)
        };
        let decode =
            move |bytes: &Vec<u8>| -> Result<Entity, Box<dyn std::error::Error + Send + Sync>> {
                let session = session.upgrade().ok_or("the session is gone")?;
                let data = session.decode(std::str::from_utf8(bytes)?)?;
                Ok(data.as_entity().ok_or("this is no entity")?.clone())
            };
        std::sync::Arc::new(SerialisedCache::new(
            std::sync::Arc::new(bytes) as SharedCache<_, _>,
            encode,
            decode,
        ))
    }

    /// Takes the entity out of the caches below memory, if one has it.
    pub(crate) fn recall(&self, identity: &Identity) -> Option<Entity> {
        let key = self.cache_key(identity);
        for layer in self.lower_layers() {
            match layer.get(&key) {
                Ok(found) if found.identity() == identity => {
                    let entity = self.entity(identity).ok()?;
                    entity.record().adopt(found.record());
                    return Some(entity);
                }
                Ok(found) => {
                    tracing::warn!(%key, found = %found.identity(), "a cache holds another entity under this key");
                }
                Err(error) if error.is_key_not_found() => {}
                Err(error) => {
                    tracing::warn!(%key, error = chain(&error), "a cache cannot be read");
                }
            }
        }
        None
    }

    /// Keeps the entity in the caches below memory.
    pub(crate) fn remember(&self, identity: &Identity) {
        let Some(record) = self.records().get(identity) else {
            return;
        };
        let key = self.cache_key(identity);
        for layer in self.lower_layers() {
            if let Err(error) =
                layer.set(key.clone(), self.entity_of(std::sync::Arc::clone(&record)))
            {
                tracing::warn!(%key, error = chain(&error), "a cache cannot be written");
            }
        }
    }

    /// Takes the entity, which is no more, out of the caches below memory.
    pub(crate) fn forget(&self, identity: &Identity) {
        let key = self.cache_key(identity);
        for layer in self.lower_layers() {
            match layer.remove(&key) {
                Err(error) if !error.is_key_not_found() => {
                    tracing::warn!(%key, error = chain(&error), "a cache cannot be written");
                }
                _ => {}
            }
        }
    }

    fn lower_layers(&self) -> Vec<EntityCache> {
        let mut layers = self.layers().layers();
        if !layers.is_empty() {
            layers.remove(0);
        }
        layers
    }

    /// Whether there is any cache below memory.
    pub(crate) fn has_lower_layers(&self) -> bool {
        self.layers().layers().len() > 1
    }

    /// Takes over what a server sent in an answer to a request of epoch `sent`. What caches below memory know of an
    /// entity that is new here comes first, so that it is completed rather than replaced.
    pub(crate) fn take_over(
        &self,
        staged: ftrack_entity::Staged,
        sent: u64,
    ) -> ftrack_entity::Arrival {
        if !self.has_lower_layers() {
            return self.records().merge(staged, sent);
        }
        let identities: Vec<Identity> = staged.identities().cloned().collect();
        for identity in identities
            .iter()
            .filter(|identity| self.records().get(identity).is_none())
        {
            self.recall(identity);
        }
        let arrival = self.records().merge(staged, sent);
        for identity in identities {
            if self.state_of(&identity) != Some(EntityState::Deleted) {
                self.remember(&identity);
            }
        }
        arrival
    }
}

impl From<ftrack_cache::Error> for Error {
    fn from(error: ftrack_cache::Error) -> Self {
        let kind = if error.is_key_not_found() {
            crate::ErrorKind::NotFound
        } else {
            crate::ErrorKind::File
        };
        Self::new(kind, error.to_string()).with_causes_of(&error)
    }
}
