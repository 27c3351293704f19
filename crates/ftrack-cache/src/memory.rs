//! A cache in memory.

mod recency;

use std::fmt;
use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry as Slot;
use parking_lot::Mutex;

use self::recency::{Recency, Use};
use crate::{Cache, CacheKey, Error, Result};

/// Keeps values in memory, for many threads at once, if asked within a bound.
///
/// At the bound, the entries that were not set or got for the longest time make room.
///
/// ```
/// use ftrack_cache::{Cache, MemoryCache};
///
/// let cache = MemoryCache::with_max_entries(2);
/// cache.set("a", 1)?;
/// cache.set("b", 2)?;
/// cache.get(&"a")?;
/// cache.set("c", 3)?; // "b" was not used for the longest time.
///
/// assert!(cache.get(&"b").is_err());
/// assert_eq!(cache.len()?, 2);
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
pub struct MemoryCache<K, V> {
    entries: DashMap<K, Entry<V>>,
    bound: Option<Bound<K, V>>,
}

/// The value is in an `Arc` so that it is cloned and dropped with no shard locked: both may run
/// code that comes back to this cache.
struct Entry<V> {
    value: Arc<V>,
    weight: usize,
    last_use: Use,
}

type Weigh<K, V> = Box<dyn Fn(&K, &V) -> usize + Send + Sync>;

struct Bound<K, V> {
    limit: usize,
    weigh: Weigh<K, V>,
    /// Locked inside a locked shard, never the other way round.
    recency: Mutex<Recency<K>>,
}

impl<K: CacheKey, V: Clone + Send + Sync> MemoryCache<K, V> {
    /// An empty cache without a bound.
    pub fn new() -> Self {
        Self {
            entries: DashMap::new(),
            bound: None,
        }
    }

    /// An empty cache that keeps at most `limit` entries.
    pub fn with_max_entries(limit: usize) -> Self {
        Self::bounded(limit, Box::new(|_, _| 1))
    }

    /// An empty cache whose entries are together at most `limit` bytes, as `size` says in bytes
    /// for a key and a value. An entry that is larger than the limit by itself is not kept.
    ///
    /// ```
    /// use ftrack_cache::{Cache, MemoryCache};
    ///
    /// let cache = MemoryCache::with_max_bytes(10, |key: &String, value: &Vec<u8>| {
    ///     key.len() + value.len()
    /// });
    /// cache.set("a".into(), vec![0; 6])?;
    /// cache.set("b".into(), vec![0; 6])?;
    /// assert_eq!(cache.keys()?, ["b"]);
    /// # Ok::<(), ftrack_cache::Error>(())
    /// ```
    pub fn with_max_bytes(
        limit: usize,
        size: impl Fn(&K, &V) -> usize + Send + Sync + 'static,
    ) -> Self {
        Self::bounded(limit, Box::new(size))
    }

    fn bounded(limit: usize, weigh: Weigh<K, V>) -> Self {
        let bound = Bound {
            limit,
            weigh,
            recency: Mutex::new(Recency::new()),
        };
        Self {
            entries: DashMap::new(),
            bound: Some(bound),
        }
    }

    /// Finds the value of `key` and, within a bound, notes that it was used.
    fn find(&self, key: &K) -> Option<Arc<V>> {
        let Some(bound) = &self.bound else {
            return self.entries.get(key).map(|entry| Arc::clone(&entry.value));
        };
        let mut entry = self.entries.get_mut(key)?;
        let (last_use, weight) = (entry.last_use, entry.weight);
        entry.last_use = bound.recency.lock().renew(last_use, key, weight);
        Some(Arc::clone(&entry.value))
    }

    /// Stores the value in place of another one, or, given a condition, only where there is none
    /// and if the condition holds.
    fn store(&self, key: K, value: V, condition: Option<&dyn Fn() -> bool>) {
        let replace = condition.is_none();
        let weight = self
            .bound
            .as_ref()
            .map_or(0, |bound| (bound.weigh)(&key, &value));
        if self
            .bound
            .as_ref()
            .is_some_and(|bound| weight > bound.limit)
        {
            if replace {
                drop(self.take(&key));
            }
            return;
        }
        let value = Arc::new(value);
        let replaced = match self.entries.entry(key) {
            Slot::Occupied(mut slot) if replace => {
                let last_use = self.note_use(Some(slot.get().last_use), slot.key(), weight);
                Some(slot.insert(Entry {
                    value,
                    weight,
                    last_use,
                }))
            }
            Slot::Vacant(_) if condition.is_some_and(|holds| !holds()) => None,
            Slot::Occupied(_) => None,
            Slot::Vacant(slot) => {
                let last_use = self.note_use(None, slot.key(), weight);
                drop(slot.insert(Entry {
                    value,
                    weight,
                    last_use,
                }));
                None
            }
        };
        drop(replaced);
        self.make_room();
    }

    fn note_use(&self, previous: Option<Use>, key: &K, weight: usize) -> Use {
        let Some(bound) = &self.bound else {
            return Use::default();
        };
        let mut recency = bound.recency.lock();
        if let Some(previous) = previous {
            recency.forget(previous);
        }
        recency.add(key.clone(), weight)
    }

    /// Drops the entries that were not used for the longest time until the rest is in the bound.
    fn make_room(&self) {
        let Some(bound) = &self.bound else { return };
        loop {
            let oldest = bound.recency.lock().pop_beyond(bound.limit);
            let Some((key, last_use)) = oldest else {
                return;
            };
            // Somebody who uses the entry right now gives it a new last use, and it stays.
            drop(
                self.entries
                    .remove_if(&key, |_, entry| entry.last_use == last_use),
            );
        }
    }

    fn take(&self, key: &K) -> Option<Arc<V>> {
        let (_, entry) = self.entries.remove(key)?;
        if let Some(bound) = &self.bound {
            bound.recency.lock().forget(entry.last_use);
        }
        Some(entry.value)
    }
}

impl<K: CacheKey, V: Clone + Send + Sync> Cache<K, V> for MemoryCache<K, V> {
    fn get(&self, key: &K) -> Result<V> {
        self.find(key)
            .map(Arc::unwrap_or_clone)
            .ok_or_else(|| Error::key_not_found(key))
    }

    fn set(&self, key: K, value: V) -> Result<()> {
        self.store(key, value, None);
        Ok(())
    }

    fn remove(&self, key: &K) -> Result<()> {
        self.take(key)
            .map(drop)
            .ok_or_else(|| Error::key_not_found(key))
    }

    fn keys(&self) -> Result<Vec<K>> {
        Ok(self
            .entries
            .iter()
            .map(|entry| entry.key().clone())
            .collect())
    }

    fn values(&self) -> Result<Vec<V>> {
        let values: Vec<_> = self
            .entries
            .iter()
            .map(|entry| Arc::clone(&entry.value))
            .collect();
        Ok(values.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    fn set_if_absent(&self, key: K, value: V) -> Result<()> {
        self.store(key, value, Some(&|| true));
        Ok(())
    }

    fn fill(&self, key: K, value: V, is_current: &dyn Fn() -> bool) -> Result<()> {
        self.store(key, value, Some(is_current));
        Ok(())
    }

    fn len(&self) -> Result<usize> {
        Ok(self.entries.len())
    }
}

impl<K: CacheKey, V: Clone + Send + Sync> Default for MemoryCache<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: CacheKey, V> fmt::Debug for MemoryCache<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemoryCache")
            .field("len", &self.entries.len())
            .field("limit", &self.bound.as_ref().map(|bound| bound.limit))
            .finish_non_exhaustive()
    }
}
