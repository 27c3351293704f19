//! Several caches in layers.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::cache::{Cache, CacheKey, SharedCache};
use crate::cache::{allow_missing, compile};
use crate::error::{Error, Result};

/// Puts quick caches on top of slow ones.
///
/// The first layer is the top one. A value is read from the first layer that has it and stored in
/// those above, so that the next read is quick; values are stored in all layers and removed from
/// all layers.
///
/// A layer that fails (its disk is full, its folder is damaged) does not keep the others from
/// working: a value found in another layer is returned, and the failure goes to the log.
///
/// Reading never brings back a value that was replaced or removed meanwhile. Two threads that set
/// the same key at the same time may leave the value of one above that of the other.
///
/// ```
/// use std::sync::Arc;
///
/// use ftrack_cache::{Cache, LayeredCache, MemoryCache, SharedCache};
///
/// let top: SharedCache<String, u32> = Arc::new(MemoryCache::new());
/// let bottom: SharedCache<String, u32> = Arc::new(MemoryCache::new());
/// let cache = LayeredCache::new([top.clone(), bottom.clone()]);
///
/// bottom.set("frames".into(), 96)?;
/// assert_eq!(cache.get(&"frames".to_owned())?, Some(96));
/// assert_eq!(top.get(&"frames".to_owned())?, Some(96));
///
/// cache.remove(&"frames".to_owned())?;
/// assert!(top.is_empty()? && bottom.is_empty()?);
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
pub struct LayeredCache<K, V> {
    layers: RwLock<Arc<[SharedCache<K, V>]>>,
    changes: Changes,
}

impl<K: CacheKey, V: Clone> LayeredCache<K, V> {
    /// A cache over these layers, the top one first.
    pub fn new(layers: impl IntoIterator<Item = SharedCache<K, V>>) -> Self {
        Self {
            layers: RwLock::new(layers.into_iter().collect()),
            changes: Changes::default(),
        }
    }

    /// The layers as they are now, the top one first.
    pub fn layers(&self) -> Vec<SharedCache<K, V>> {
        self.current().to_vec()
    }

    /// Replaces the layers; the top one comes first. Calls that have begun finish with the layers
    /// they began with. Nothing is copied from the old layers to the new ones.
    pub fn set_layers(&self, layers: impl IntoIterator<Item = SharedCache<K, V>>) {
        let layers: Arc<[_]> = layers.into_iter().collect();
        // The old layers are dropped after the lock is released: a file layer flushes then.
        let old = std::mem::replace(&mut *self.layers.write(), layers);
        drop(old);
    }

    fn current(&self) -> Arc<[SharedCache<K, V>]> {
        Arc::clone(&self.layers.read())
    }

    /// Stores what was found in a lower layer in those `above` it.
    fn fill(&self, above: &[SharedCache<K, V>], key: &K, value: &V, seen: Option<u64>) {
        let Some(seen) = seen else { return };
        let is_current = || !self.changes.began_since(seen);
        for layer in above {
            if let Err(error) = layer.fill(key.clone(), value.clone(), &is_current) {
                report(&error, "a cache layer could not be filled");
            }
        }
    }
}

impl<K: CacheKey, V: Clone> Cache<K, V> for LayeredCache<K, V> {
    /// Returns the value of the first layer that has the key.
    ///
    /// # Errors
    ///
    /// The first failure if no layer has the key and some cannot be read.
    fn get(&self, key: &K) -> Result<Option<V>> {
        let layers = self.current();
        let seen = self.changes.quiet();
        let mut failure = None;
        for (depth, layer) in layers.iter().enumerate() {
            match layer.get(key) {
                Ok(Some(value)) => {
                    if let Some(error) = &failure {
                        report(error, "a cache layer could not be read");
                    }
                    self.fill(layers.get(..depth).unwrap_or_default(), key, &value, seen);
                    return Ok(Some(value));
                }
                Ok(None) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or(Ok(None), Err)
    }

    /// Stores the value in all layers, from the top.
    ///
    /// # Errors
    ///
    /// The first failure; the layers that do not fail have the value nevertheless.
    fn set(&self, key: K, value: V) -> Result<()> {
        let layers = self.current();
        let _change = self.changes.begin();
        first_failure(
            layers
                .iter()
                .map(|layer| layer.set(key.clone(), value.clone())),
        )
    }

    /// Removes the key from all layers, from the bottom.
    ///
    /// # Errors
    ///
    /// [`Error::KeyNotFound`] only if no layer had the key; the first failure if a layer failed in
    /// another way, since it may still have the key.
    fn remove(&self, key: &K) -> Result<()> {
        let layers = self.current();
        let _change = self.changes.begin();
        let mut removed = false;
        first_failure(layers.iter().rev().map(|layer| {
            let result = layer.remove(key);
            removed |= result.is_ok();
            allow_missing(result)
        }))?;
        if removed {
            Ok(())
        } else {
            Err(Error::key_not_found(key))
        }
    }

    fn keys(&self) -> Result<Vec<K>> {
        let mut seen = HashSet::new();
        let mut keys = Vec::new();
        for layer in self.current().iter() {
            keys.extend(
                layer
                    .keys()?
                    .into_iter()
                    .filter(|key| seen.insert(key.clone())),
            );
        }
        Ok(keys)
    }

    fn clear(&self, pattern: Option<&str>) -> Result<()> {
        pattern.map(compile).transpose()?;
        let layers = self.current();
        let _change = self.changes.begin();
        first_failure(layers.iter().rev().map(|layer| layer.clear(pattern)))
    }
}

/// Goes through all results, whatever they are, and returns the first failure.
fn first_failure(results: impl Iterator<Item = Result<()>>) -> Result<()> {
    let mut first = Ok(());
    for result in results {
        match (&first, result) {
            (Ok(()), result) => first = result,
            (Err(_), Ok(())) => {}
            (Err(_), Err(error)) => report(&error, "another cache layer failed too"),
        }
    }
    first
}

fn report(error: &Error, what: &str) {
    tracing::warn!(error = error as &dyn std::error::Error, "{what}");
}

/// Counts changes, so that a value read before a change is not filled into the upper layers after
/// it. A read that begins while no change is under way has the current value; as long as no change
/// begins, it may be filled in, and whatever change begins later reaches the filled layer later.
#[derive(Debug, Default)]
struct Changes {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Changes {
    /// The number of changes so far, unless one is under way.
    fn quiet(&self) -> Option<u64> {
        let ended = self.ended.load(Ordering::SeqCst);
        let begun = self.begun.load(Ordering::SeqCst);
        (ended == begun).then_some(begun)
    }

    fn began_since(&self, seen: u64) -> bool {
        self.begun.load(Ordering::SeqCst) != seen
    }

    fn begin(&self) -> Change<'_> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Change(self)
    }
}

/// A change that is under way.
struct Change<'a>(&'a Changes);

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl<K, V> fmt::Debug for LayeredCache<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LayeredCache")
            .field("layers", &self.layers.read().len())
            .finish_non_exhaustive()
    }
}
