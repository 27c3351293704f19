//! The caches of a session.

mod memory;

use ftrack_cache::{Cache, LayeredCache, SerialisedCache, SharedCache};
use ftrack_entity::{EntityState, Identity, MergedRecords, RequestEpoch, Staged};

use crate::encode::EncodeStrategy;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result, chain};
use crate::session::Session;
pub use crate::session::entity_key;

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
                Ok(data.as_entity().ok_or("this is not an entity")?.clone())
            };
        std::sync::Arc::new(SerialisedCache::new(
            std::sync::Arc::new(bytes) as SharedCache<_, _>,
            encode,
            decode,
        ))
    }

    pub(crate) fn layers(&self) -> &LayeredCache<String, Entity> {
        self.unit
            .layers
            .get_or_init(|| memory::layers(self.downgrade(), []))
    }

    /// Takes the entity out of the caches below memory, if one has it.
    pub(crate) fn recall(&self, identity: &Identity) -> Option<Entity> {
        let key = self.cache_key(identity);
        for layer in self.lower_layers() {
            match layer.get(&key) {
                Ok(Some(found)) if found.identity() == identity => {
                    let entity = self.entity(identity).ok()?;
                    entity.record().adopt(found.record());
                    return Some(entity);
                }
                Ok(Some(found)) => {
                    tracing::warn!(%key, found = %found.identity(), "a cache holds another entity under this key");
                }
                Ok(None) => {}
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

    /// Takes over what a server sent in an answer to a request of `sent`, and tells the caches below memory.
    pub(crate) fn take_over(&self, staged: Staged, sent: &RequestEpoch) -> MergedRecords {
        self.complete(self.merge_answer(staged, sent))
    }

    /// Takes over what a server sent in an answer to a request of `sent`. [`complete`](Self::complete) does the rest.
    pub(crate) fn merge_answer(&self, staged: Staged, sent: &RequestEpoch) -> TakenOver {
        if !self.has_lower_layers() {
            return TakenOver {
                records: self.records().merge(staged, sent),
                new: Vec::new(),
                is_cached: false,
            };
        }
        let is_new = |identity: &&Identity| self.records().get(identity).is_none();
        let new = staged.identities().filter(is_new).cloned().collect();
        TakenOver {
            records: self.records().merge(staged, sent),
            new,
            is_cached: true,
        }
    }

    /// Completes entities that are new here with what the caches below memory know of them, and keeps all in these
    /// caches. They are code of the caller's: nothing may be locked.
    pub(crate) fn complete(&self, taken_over: TakenOver) -> MergedRecords {
        let TakenOver {
            records,
            new,
            is_cached,
        } = taken_over;
        if is_cached {
            for identity in new {
                if self.records().get(&identity).is_none() {
                    continue;
                }
                self.recall(&identity);
            }
            for record in records.records() {
                if self.state_of(record.identity()) != Some(EntityState::Deleted) {
                    self.remember(record.identity());
                }
            }
        }
        records
    }
}

/// An answer that is in the records, and of which the caches below memory are still to be told.
#[must_use = "the caches below memory are to be told"]
pub(crate) struct TakenOver {
    records: MergedRecords,
    /// Entities of which nothing was known before.
    new: Vec<Identity>,
    is_cached: bool,
}

impl TakenOver {
    /// What has arrived.
    pub(crate) fn records(&self) -> &MergedRecords {
        &self.records
    }
}

impl From<ftrack_cache::Error> for Error {
    fn from(error: ftrack_cache::Error) -> Self {
        let kind = if error.is_key_not_found() {
            ErrorKind::NotFound
        } else {
            ErrorKind::File
        };
        Self::new(kind, error.to_string()).standing_for(error)
    }
}
