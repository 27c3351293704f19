//! What is stored.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A key with its value, found by the key alone.
///
/// Both are in one `Arc` so that they are cloned and dropped with no shard locked: both may run
/// code that comes back to the cache. One allocation for both is what makes storing cheap.
pub(super) struct Entry<K, V>(Arc<(K, V)>);

impl<K, V> Entry<K, V> {
    pub(super) fn new(key: K, value: V) -> Self {
        Self(Arc::new((key, value)))
    }

    pub(super) fn key(&self) -> &K {
        &self.0.0
    }

    /// Whether both are the same entry, and not only of equal keys.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<K, V: Clone> Entry<K, V> {
    pub(super) fn into_value(self) -> V {
        match Arc::try_unwrap(self.0) {
            Ok((_, value)) => value,
            Err(shared) => shared.1.clone(),
        }
    }
}

impl<K, V> Clone for Entry<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Borrow<K> for Entry<K, V> {
    fn borrow(&self) -> &K {
        self.key()
    }
}

impl<K: PartialEq, V> PartialEq for Entry<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<K: Eq, V> Eq for Entry<K, V> {}

impl<K: Hash, V> Hash for Entry<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
