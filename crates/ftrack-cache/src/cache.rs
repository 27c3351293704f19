//! The interface that every cache fulfils.

use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use regex::Regex;

use crate::error::{Error, Result};

/// What a type needs to serve as the key of a cache. Every type that has these traits is one.
///
/// The text of a key ([`Display`]) is what patterns are matched with and what errors name, so
/// different keys should have different texts.
pub trait CacheKey: Clone + Eq + Hash + Display + Send + Sync + 'static {}

impl<K: Clone + Eq + Hash + Display + Send + Sync + 'static> CacheKey for K {}

/// A cache that is shared between its users.
pub type SharedCache<K, V> = Arc<dyn Cache<K, V>>;

/// Values stored under keys, each key at most once.
///
/// All methods take `&self`, so a cache is shared by reference or in an [`Arc`]. The trait can be
/// made into an object. To write a cache of your own, give it `get`, `set`, `remove` and `keys`;
/// override the rest where the storage can do better. [`conformance::run`](crate::conformance::run)
/// tells whether it behaves.
///
/// Values are handed out by value. Where cloning is expensive, cache an `Arc` of the value.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use ftrack_cache::{Cache, Error, Result};
///
/// /// Keeps its entries sorted.
/// #[derive(Default)]
/// struct SortedCache(Mutex<BTreeMap<String, u32>>);
///
/// impl SortedCache {
///     fn entries(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u32>> {
///         self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
///     }
/// }
///
/// impl Cache<String, u32> for SortedCache {
///     fn get(&self, key: &String) -> Result<Option<u32>> {
///         Ok(self.entries().get(key).copied())
///     }
///     fn set(&self, key: String, value: u32) -> Result<()> {
///         self.entries().insert(key, value);
///         Ok(())
///     }
///     fn remove(&self, key: &String) -> Result<()> {
///         self.entries().remove(key).map(drop).ok_or_else(|| Error::key_not_found(key))
///     }
///     fn keys(&self) -> Result<Vec<String>> {
///         Ok(self.entries().keys().cloned().collect())
///     }
/// }
///
/// let cache = SortedCache::default();
/// cache.set("shot-020".into(), 120)?;
/// cache.set("shot-010".into(), 96)?;
/// cache.set("asset".into(), 1)?;
/// assert_eq!(cache.values()?, [1, 96, 120]);
///
/// cache.clear(Some("^shot-"))?;
/// assert_eq!(cache.keys()?, ["asset"]);
/// # Ok::<(), ftrack_cache::Error>(())
/// ```
pub trait Cache<K: CacheKey, V>: Send + Sync {
    /// Returns the value stored under `key`, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// What the storage reports; a missing key is not an error.
    fn get(&self, key: &K) -> Result<Option<V>>;

    /// Stores `value` under `key`, in place of what was there.
    ///
    /// # Errors
    ///
    /// What the storage reports, for example [`Error::Full`].
    fn set(&self, key: K, value: V) -> Result<()>;

    /// Removes `key` and its value.
    ///
    /// # Errors
    ///
    /// [`Error::KeyNotFound`] if the key is not there; otherwise what the storage reports.
    fn remove(&self, key: &K) -> Result<()>;

    /// Returns the keys at this moment, each once, in no particular order. Other users of the
    /// cache may add and remove keys before the caller looks at them.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    fn keys(&self) -> Result<Vec<K>>;

    /// Returns the values of the current keys. Keys that vanish meanwhile are left out.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    fn values(&self) -> Result<Vec<V>> {
        let found = self.keys()?.into_iter();
        found.filter_map(|key| self.get(&key).transpose()).collect()
    }

    /// Stores `value` under `key` unless the key has a value already.
    ///
    /// This provided form asks first and stores then; override it where the storage can do both in
    /// one step.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    fn set_if_absent(&self, key: K, value: V) -> Result<()> {
        match self.get(&key)? {
            Some(_) => Ok(()),
            None => self.set(key, value),
        }
    }

    /// Does what [`set_if_absent`](Self::set_if_absent) does, provided that `is_current` holds at
    /// the moment of storing. A [`LayeredCache`](crate::LayeredCache) fills its upper layers with
    /// this, so that a value read from below never replaces what somebody stored or removed since.
    ///
    /// This provided form leaves a short time between asking and storing. A cache in front of
    /// others should override it: take a place for the entry that nobody reads yet, ask with
    /// nothing locked, and show the entry only if the place was not taken by somebody else
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    fn fill(&self, key: K, value: V, is_current: &dyn Fn() -> bool) -> Result<()> {
        if is_current() {
            self.set_if_absent(key, value)
        } else {
            Ok(())
        }
    }

    /// Removes all keys in whose text the regular expression `pattern` is found anywhere (anchor
    /// it with `^` and `$` where that matters), or all keys if there is no pattern.
    ///
    /// # Errors
    ///
    /// [`Error::Pattern`] if `pattern` is not a regular expression, before anything is removed;
    /// otherwise what the storage reports.
    fn clear(&self, pattern: Option<&str>) -> Result<()> {
        let pattern = pattern.map(compile).transpose()?;
        for key in self.keys()? {
            if pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(&key.to_string()))
            {
                allow_missing(self.remove(&key))?;
            }
        }
        Ok(())
    }

    /// Returns how many keys there are at this moment.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    fn len(&self) -> Result<usize> {
        Ok(self.keys()?.len())
    }

    /// Returns whether there are no keys at this moment.
    ///
    /// # Errors
    ///
    /// What the storage reports.
    fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// Compiles the pattern of a `clear`.
pub(crate) fn compile(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|source| Error::Pattern {
        pattern: pattern.to_owned(),
        source: source.into(),
    })
}

/// For removals where it does not matter who removed the key.
pub(crate) fn allow_missing(removed: Result<()>) -> Result<()> {
    match removed {
        Err(error) if error.is_key_not_found() => Ok(()),
        other => other,
    }
}

/// A pointer to a cache is a cache. Every method is passed on, so that overridden ones are used.
macro_rules! pass_on {
    ($($pointer:ty),+) => {$(
        impl<K: CacheKey, V, C: Cache<K, V> + ?Sized> Cache<K, V> for $pointer {
            fn get(&self, key: &K) -> Result<Option<V>> {
                (**self).get(key)
            }
            fn set(&self, key: K, value: V) -> Result<()> {
                (**self).set(key, value)
            }
            fn remove(&self, key: &K) -> Result<()> {
                (**self).remove(key)
            }
            fn keys(&self) -> Result<Vec<K>> {
                (**self).keys()
            }
            fn values(&self) -> Result<Vec<V>> {
                (**self).values()
            }
            fn set_if_absent(&self, key: K, value: V) -> Result<()> {
                (**self).set_if_absent(key, value)
            }
            fn fill(&self, key: K, value: V, is_current: &dyn Fn() -> bool) -> Result<()> {
                (**self).fill(key, value, is_current)
            }
            fn clear(&self, pattern: Option<&str>) -> Result<()> {
                (**self).clear(pattern)
            }
            fn len(&self) -> Result<usize> {
                (**self).len()
            }
            fn is_empty(&self) -> Result<bool> {
                (**self).is_empty()
            }
        }
    )+};
}

pass_on!(&C, Box<C>, Arc<C>);
