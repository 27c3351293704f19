//! A map that is cheap to copy: a copy shares with the original whatever neither changes afterwards.

use std::hash::{BuildHasher, Hash, RandomState};

use super::shared::SharedTable;

/// A map whose copies share what they have in common.
///
/// Its hashes are seeded at random: keys are chosen by clients, who must not be able to choose such that collide.
#[derive(Debug, Clone)]
pub(super) struct SharedMap<K, V> {
    entries: SharedTable<(K, V)>,
    hasher: RandomState,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self {
            entries: SharedTable::default(),
            hasher: RandomState::new(),
        }
    }
}

impl<K, V> SharedMap<K, V> {
    /// All entries, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys of all entries that another copy may not have, or that it may have others for. Some may be the same,
    /// and some may be named twice.
    pub(super) fn differing<'m>(&'m self, other: &'m Self) -> Vec<&'m K> {
        let entries = self.entries.differing(&other.entries).into_iter();
        entries.map(|(key, _)| key).collect()
    }

    /// Whether there is no entry.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<K: Hash + Eq + Clone, V: Clone> SharedMap<K, V> {
    /// The value of a key.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let hash = self.hasher.hash_one(key);
        let entry = self.entries.get(hash, |(known, _)| known == key)?;
        Some(&entry.1)
    }

    /// The value of a key, to be changed.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let hash = self.hasher.hash_one(key);
        let entry = self.entries.get_mut(hash, |(known, _)| known == key)?;
        Some(&mut entry.1)
    }

    /// Sets the value of a key; gives the one before.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hasher.hash_one(&key);
        if let Some((_, known)) = self.entries.get_mut(hash, |(known, _)| *known == key) {
            return Some(std::mem::replace(known, value));
        }
        self.entries.put(hash, |_| false, (key, value), |_, _| {});
        None
    }

    /// Takes a key out; gives its value.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let hash = self.hasher.hash_one(key);
        let entry = self.entries.remove(hash, |(known, _)| known == key)?;
        Some(entry.1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_copy_keeps_what_it_had() {
        let mut map = SharedMap::default();
        let mut expected = BTreeMap::new();
        let mut copies = Vec::new();
        for number in 0..20_000_u32 {
            let key = number.wrapping_mul(2_654_435_761) % 9_000;
            if number % 3 == 0 {
                assert_eq!(map.remove(&key), expected.remove(&key));
            } else {
                assert_eq!(map.insert(key, number), expected.insert(key, number));
            }
            if let Some(value) = map.get_mut(&7) {
                *value += 1;
                *expected.get_mut(&7).unwrap() += 1;
            }
            if number % 2_000 == 0 {
                copies.push((map.clone(), expected.clone()));
            }
        }
        copies.push((map, expected));
        for (map, expected) in copies {
            let found: BTreeMap<u32, u32> = map.iter().map(|(key, value)| (*key, *value)).collect();
            assert_eq!(found, expected);
            for key in 0..9_000 {
                assert_eq!(map.get(&key), expected.get(&key));
            }
        }
    }

    #[test]
    fn copies_know_in_which_keys_they_differ() {
        let mut map = SharedMap::default();
        for number in 0..5_000_u32 {
            map.insert(number, number);
        }
        let mut copy = map.clone();
        assert!(copy.differing(&map).is_empty());
        copy.insert(7, 0);
        copy.remove(&8);
        copy.insert(9_000, 1);
        for (left, right) in [(&copy, &map), (&map, &copy)] {
            let found = left.differing(right);
            for key in [7, 8, 9_000] {
                assert!(found.contains(&&key), "{key}");
            }
            assert!(
                found.len() < 500,
                "only what is in the same leaves: {}",
                found.len()
            );
        }
        let empty = SharedMap::default();
        assert_eq!(map.differing(&empty).len(), 5_000);
    }

    #[test]
    fn keys_whose_hashes_are_the_same_are_told_apart() {
        #[derive(Debug, Clone, PartialEq, Eq)]
        struct Same(u32);
        impl Hash for Same {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                0.hash(state);
            }
        }
        let mut map = SharedMap::default();
        for number in 0..100 {
            map.insert(Same(number), number);
        }
        for number in 0..100 {
            assert_eq!(map.get(&Same(number)), Some(&number));
        }
        for number in 0..100 {
            assert_eq!(map.remove(&Same(number)), Some(number));
        }
        assert!(map.is_empty());
    }
}
