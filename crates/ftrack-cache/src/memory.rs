//! A cache in memory.

mod recency;

use std::fmt;
use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry as Slot;
use parking_lot::Mutex;

use self::recency::{Recency, Use};
use crate::cache::{Cache, CacheKey};
use crate::error::{Error, Result};

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
/// assert_eq!(cache.get(&"b")?, None);
/// assert_eq!(cache.len()?, 2);
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
///
/// Of a caller's code, only `Eq` and `Hash` of keys run while a part of the cache is locked, as a
/// map cannot do without. Values and keys are cloned and dropped, and closures called, with nothing
/// locked, so all of these may use the cache.
pub struct MemoryCache<K, V> {
    entries: DashMap<Arc<K>, Entry<V>>,
    bound: Option<Bound<K, V>>,
}

/// Keys and values are in an `Arc` so that they are cloned and dropped with no shard locked: both
/// may run code that comes back to this cache.
struct Entry<V> {
    value: Arc<V>,
    weight: usize,
    last_use: Use,
    /// Not known yet whether it may be shown: nobody sees it.
    is_filling: bool,
}

type Weigh<K, V> = Box<dyn Fn(&K, &V) -> usize + Send + Sync>;

struct Bound<K, V> {
    limit: usize,
    weigh: Weigh<K, V>,
    /// Locked inside a locked shard, never the other way round.
    recency: Mutex<Recency<Arc<K>>>,
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
            let entry = self.entries.get(key)?;
            return (!entry.is_filling).then(|| Arc::clone(&entry.value));
        };
        let mut entry = self.entries.get_mut(key)?;
        if entry.is_filling {
            return None;
        }
        let (last_use, weight) = (entry.last_use, entry.weight);
        entry.last_use = bound.recency.lock().renew(last_use, entry.key(), weight);
        Some(Arc::clone(&entry.value))
    }

    /// Stores the value: in place of another one, or else only where there is none.
    fn store(&self, key: K, value: V, replaces: bool) {
        let Some(weight) = self.weight(&key, &value) else {
            if replaces {
                drop(self.take(&key));
            }
            return;
        };
        let entry = Entry {
            value: Arc::new(value),
            weight,
            last_use: Use::default(),
            is_filling: false,
        };
        drop(self.put(Arc::new(key), entry, |known| replaces || known.is_filling));
        self.make_room();
    }

    /// Stores the value where there is none, if `is_current` holds once its place is taken.
    ///
    /// Whoever sets or removes the key meanwhile takes the place away, and nothing is filled in.
    fn fill_if(&self, key: K, value: V, is_current: &dyn Fn() -> bool) {
        let Some(weight) = self.weight(&key, &value) else {
            return;
        };
        let (key, value) = (Arc::new(key), Arc::new(value));
        let entry = Entry {
            value: Arc::clone(&value),
            weight,
            last_use: Use::default(),
            is_filling: true,
        };
        drop(self.put(Arc::clone(&key), entry, |known| known.is_filling));
        let is_ours = |entry: &Entry<V>| entry.is_filling && Arc::ptr_eq(&entry.value, &value);
        if is_current() {
            if let Some(mut entry) = self.entries.get_mut(&*key)
                && is_ours(&entry)
            {
                entry.is_filling = false;
            }
        } else if let Some((_, entry)) = self.entries.remove_if(&*key, |_, entry| is_ours(entry)) {
            self.forget_use(entry.last_use);
        }
        self.make_room();
    }

    /// How much an entry weighs, unless it is more than the bound by itself.
    fn weight(&self, key: &K, value: &V) -> Option<usize> {
        let Some(bound) = &self.bound else {
            return Some(0);
        };
        Some((bound.weigh)(key, value)).filter(|weight| *weight <= bound.limit)
    }

    /// Puts an entry where there is none, or in place of one that may be replaced. What is not
    /// needed any more is given back, to be dropped with nothing locked.
    fn put(
        &self,
        key: Arc<K>,
        mut entry: Entry<V>,
        may_replace: impl Fn(&Entry<V>) -> bool,
    ) -> (Arc<K>, Option<Entry<V>>) {
        let unused = match self.entries.entry(Arc::clone(&key)) {
            Slot::Occupied(mut slot) if may_replace(slot.get()) => {
                entry.last_use = self.note_use(Some(slot.get().last_use), slot.key(), entry.weight);
                Some(slot.insert(entry))
            }
            Slot::Occupied(_) => Some(entry),
            Slot::Vacant(slot) => {
                entry.last_use = self.note_use(None, slot.key(), entry.weight);
                drop(slot.insert(entry));
                None
            }
        };
        (key, unused)
    }

    fn note_use(&self, previous: Option<Use>, key: &Arc<K>, weight: usize) -> Use {
        let Some(bound) = &self.bound else {
            return Use::default();
        };
        let mut recency = bound.recency.lock();
        if let Some(previous) = previous {
            recency.forget(previous);
        }
        recency.add(Arc::clone(key), weight)
    }

    fn forget_use(&self, last_use: Use) {
        if let Some(bound) = &self.bound {
            let forgotten = bound.recency.lock().forget(last_use);
            drop(forgotten);
        }
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
                    .remove_if(&*key, |_, entry| entry.last_use == last_use),
            );
        }
    }

    /// Removes an entry, even one that nobody sees yet; gives the value of one that was seen.
    fn take(&self, key: &K) -> Option<Arc<V>> {
        let (_, entry) = self.entries.remove(key)?;
        self.forget_use(entry.last_use);
        (!entry.is_filling).then_some(entry.value)
    }

    /// The entries that are seen. What is taken from them is handled with nothing locked.
    fn seen<T>(&self, pick: impl Fn(&Arc<K>, &Entry<V>) -> T) -> Vec<T> {
        let entries = self.entries.iter();
        entries
            .filter(|entry| !entry.is_filling)
            .map(|entry| pick(entry.key(), entry.value()))
            .collect()
    }
}

impl<K: CacheKey, V: Clone + Send + Sync> Cache<K, V> for MemoryCache<K, V> {
    fn get(&self, key: &K) -> Result<Option<V>> {
        Ok(self.find(key).map(Arc::unwrap_or_clone))
    }

    fn set(&self, key: K, value: V) -> Result<()> {
        self.store(key, value, true);
        Ok(())
    }

    fn remove(&self, key: &K) -> Result<()> {
        self.take(key)
            .map(drop)
            .ok_or_else(|| Error::key_not_found(key))
    }

    fn keys(&self) -> Result<Vec<K>> {
        let keys = self.seen(|key, _| Arc::clone(key));
        Ok(keys.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    fn values(&self) -> Result<Vec<V>> {
        let values = self.seen(|_, entry| Arc::clone(&entry.value));
        Ok(values.into_iter().map(Arc::unwrap_or_clone).collect())
    }

    fn set_if_absent(&self, key: K, value: V) -> Result<()> {
        self.store(key, value, false);
        Ok(())
    }

    fn fill(&self, key: K, value: V, is_current: &dyn Fn() -> bool) -> Result<()> {
        self.fill_if(key, value, is_current);
        Ok(())
    }

    fn len(&self) -> Result<usize> {
        Ok(self.seen(|_, _| ()).len())
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
