//! A cache in memory.

mod entry;
mod recency;

use std::fmt;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry as Slot;
use parking_lot::Mutex;

use self::entry::Entry;
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
    entries: DashMap<Entry<K, V>, State>,
    bound: Option<Bound<K, V>>,
}

/// What is known of an entry.
struct State {
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
    recency: Mutex<Recency<Entry<K, V>>>,
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

    /// Finds the entry of `key` and, within a bound, notes that it was used.
    fn find(&self, key: &K) -> Option<Entry<K, V>> {
        let Some(bound) = &self.bound else {
            let found = self.entries.get(key)?;
            return (!found.is_filling).then(|| found.key().clone());
        };
        let mut found = self.entries.get_mut(key)?;
        if found.is_filling {
            return None;
        }
        let (last_use, weight) = (found.last_use, found.weight);
        found.last_use = bound.recency.lock().renew(last_use, found.key(), weight);
        Some(found.key().clone())
    }

    /// Stores the value: in place of another one, or else only where there is none.
    fn store(&self, key: K, value: V, replaces: bool) {
        let Some(weight) = self.weight(&key, &value) else {
            if replaces {
                drop(self.take(&key));
            }
            return;
        };
        let state = State {
            weight,
            last_use: Use::default(),
            is_filling: false,
        };
        let entry = Entry::new(key, value);
        drop(self.put(entry, state, |known| replaces || known.is_filling));
        self.make_room();
    }

    /// Stores the value where there is none, if `is_current` holds once its place is taken.
    ///
    /// Whoever sets or removes the key meanwhile takes the place away, and nothing is filled in.
    fn fill_if(&self, key: K, value: V, is_current: &dyn Fn() -> bool) {
        let Some(weight) = self.weight(&key, &value) else {
            return;
        };
        let entry = Entry::new(key, value);
        let state = State {
            weight,
            last_use: Use::default(),
            is_filling: true,
        };
        drop(self.put(entry.clone(), state, |known| known.is_filling));
        let is_ours = |found: &Entry<K, V>, state: &State| state.is_filling && found.is(&entry);
        if is_current() {
            if let Some(mut found) = self.entries.get_mut(entry.key())
                && is_ours(found.key(), &found)
            {
                found.is_filling = false;
            }
        } else if let Some((_, state)) = self.entries.remove_if(entry.key(), is_ours) {
            self.forget_use(state.last_use);
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
        entry: Entry<K, V>,
        mut state: State,
        may_replace: impl Fn(&State) -> bool,
    ) -> Option<Entry<K, V>> {
        let to_note = self.bound.is_some().then(|| entry.clone());
        match self.entries.entry(entry) {
            Slot::Occupied(slot) if may_replace(slot.get()) => {
                state.last_use = self.note_use(Some(slot.get().last_use), to_note, state.weight);
                let (replaced, _) = slot.replace_entry(state);
                Some(replaced)
            }
            Slot::Occupied(slot) => Some(slot.into_key()),
            Slot::Vacant(slot) => {
                state.last_use = self.note_use(None, to_note, state.weight);
                drop(slot.insert(state));
                None
            }
        }
    }

    fn note_use(&self, previous: Option<Use>, entry: Option<Entry<K, V>>, weight: usize) -> Use {
        let (Some(bound), Some(entry)) = (&self.bound, entry) else {
            return Use::default();
        };
        let mut recency = bound.recency.lock();
        if let Some(previous) = previous {
            recency.forget(previous);
        }
        recency.add(entry, weight)
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
            let Some((entry, last_use)) = oldest else {
                return;
            };
            // Somebody who uses the entry right now gives it a new last use, and it stays.
            drop(
                self.entries
                    .remove_if(entry.key(), |_, state| state.last_use == last_use),
            );
        }
    }

    /// Removes an entry, even one that nobody sees yet; gives back one that was seen.
    fn take(&self, key: &K) -> Option<Entry<K, V>> {
        let (entry, state) = self.entries.remove(key)?;
        self.forget_use(state.last_use);
        (!state.is_filling).then_some(entry)
    }

    /// The entries that are seen, to be handled with nothing locked.
    fn seen(&self) -> Vec<Entry<K, V>> {
        let entries = self.entries.iter().filter(|found| !found.is_filling);
        entries.map(|found| found.key().clone()).collect()
    }
}

impl<K: CacheKey, V: Clone + Send + Sync> Cache<K, V> for MemoryCache<K, V> {
    fn get(&self, key: &K) -> Result<Option<V>> {
        Ok(self.find(key).map(Entry::into_value))
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
        Ok(self
            .seen()
            .iter()
            .map(|entry| entry.key().clone())
            .collect())
    }

    fn values(&self) -> Result<Vec<V>> {
        Ok(self.seen().into_iter().map(Entry::into_value).collect())
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
        Ok(self
            .entries
            .iter()
            .filter(|found| !found.is_filling)
            .count())
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
