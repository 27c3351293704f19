//! The order in which entries were used.

use std::collections::BTreeMap;

/// One use of an entry; later uses are greater. No two uses of a cache are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use(u64);

/// The keys by their last use, with their weights.
pub(super) struct Recency<K> {
    order: BTreeMap<Use, (K, usize)>,
    /// The sum of the weights in `order`.
    total: usize,
    latest: Use,
}

impl<K: Clone> Recency<K> {
    pub(super) fn new() -> Self {
        Self {
            order: BTreeMap::new(),
            total: 0,
            latest: Use::default(),
        }
    }

    pub(super) fn add(&mut self, key: K, weight: usize) -> Use {
        self.latest.0 += 1;
        self.total = self.total.saturating_add(weight);
        self.order.insert(self.latest, (key, weight));
        self.latest
    }

    pub(super) fn forget(&mut self, last_use: Use) -> Option<K> {
        let (key, weight) = self.order.remove(&last_use)?;
        self.total = self.total.saturating_sub(weight);
        Some(key)
    }

    /// Makes `last_use` the latest one. The key is only cloned if the entry was just chosen to
    /// make room, and thereby stays after all.
    pub(super) fn renew(&mut self, last_use: Use, key: &K, weight: usize) -> Use {
        let key = self.forget(last_use).unwrap_or_else(|| key.clone());
        self.add(key, weight)
    }

    /// Takes out the entry that was not used for the longest time if all together weigh more than
    /// `limit`.
    pub(super) fn pop_beyond(&mut self, limit: usize) -> Option<(K, Use)> {
        if self.total <= limit {
            return None;
        }
        let (last_use, (key, weight)) = self.order.pop_first()?;
        self.total = self.total.saturating_sub(weight);
        Some((key, last_use))
    }
}
