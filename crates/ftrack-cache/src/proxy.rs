//! A cache in front of another one.

use std::fmt;
use std::sync::Arc;

use crate::cache::{Cache, CacheKey, SharedCache};
use crate::error::Result;

type Condition<K, V> = Box<dyn Fn(&K, &V) -> bool + Send + Sync>;

/// Passes everything on to another cache, and can be selective about what it stores.
///
/// ```
/// use std::sync::Arc;
///
/// use ftrack_cache::{Cache, MemoryCache, ProxyCache};
///
/// // Values that are not committed yet (here: without a version) must not be stored.
/// let storage = Arc::new(MemoryCache::new());
/// let cache = ProxyCache::new(storage.clone())
///     .store_if(|_key: &String, version: &Option<u32>| version.is_some());
///
/// cache.set("old".into(), Some(3))?;
/// cache.set("new".into(), None)?;
/// assert_eq!(storage.keys()?, ["old"]);
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
pub struct ProxyCache<K, V> {
    proxied: SharedCache<K, V>,
    condition: Option<Condition<K, V>>,
}

impl<K: CacheKey, V> ProxyCache<K, V> {
    /// A proxy of `proxied` that passes everything on.
    pub fn new(proxied: impl Cache<K, V> + 'static) -> Self {
        Self {
            proxied: Arc::new(proxied),
            condition: None,
        }
    }

    /// Stores only values for which `condition` holds. Setting another value does nothing and is
    /// no error; what was stored under the key before stays.
    ///
    /// Calling this again adds a condition to those that are there.
    pub fn store_if(mut self, condition: impl Fn(&K, &V) -> bool + Send + Sync + 'static) -> Self
    where
        K: 'static,
        V: 'static,
    {
        self.condition = Some(match self.condition.take() {
            Some(first) => Box::new(move |key, value| first(key, value) && condition(key, value)),
            None => Box::new(condition),
        });
        self
    }

    /// The cache behind this one.
    pub fn proxied(&self) -> &SharedCache<K, V> {
        &self.proxied
    }

    fn stores(&self, key: &K, value: &V) -> bool {
        self.condition
            .as_ref()
            .is_none_or(|condition| condition(key, value))
    }
}

impl<K: CacheKey, V> Cache<K, V> for ProxyCache<K, V> {
    fn get(&self, key: &K) -> Result<Option<V>> {
        self.proxied.get(key)
    }

    fn set(&self, key: K, value: V) -> Result<()> {
        if self.stores(&key, &value) {
            self.proxied.set(key, value)
        } else {
            Ok(())
        }
    }

    fn remove(&self, key: &K) -> Result<()> {
        self.proxied.remove(key)
    }

    fn keys(&self) -> Result<Vec<K>> {
        self.proxied.keys()
    }

    fn values(&self) -> Result<Vec<V>> {
        self.proxied.values()
    }

    fn set_if_absent(&self, key: K, value: V) -> Result<()> {
        if self.stores(&key, &value) {
            self.proxied.set_if_absent(key, value)
        } else {
            Ok(())
        }
    }

    fn fill(&self, key: K, value: V, is_current: &dyn Fn() -> bool) -> Result<()> {
        if self.stores(&key, &value) {
            self.proxied.fill(key, value, is_current)
        } else {
            Ok(())
        }
    }

    fn clear(&self, pattern: Option<&str>) -> Result<()> {
        self.proxied.clear(pattern)
    }

    fn len(&self) -> Result<usize> {
        self.proxied.len()
    }
}

impl<K, V> fmt::Debug for ProxyCache<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ProxyCache")
            .field("selective", &self.condition.is_some())
            .finish_non_exhaustive()
    }
}
