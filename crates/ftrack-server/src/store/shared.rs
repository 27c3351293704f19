//! A map that is cheap to copy: a copy shares with the original whatever neither changes afterwards.
//!
//! It is a tree over the hashes of the keys. A change copies the few nodes on the way to its entry, and those only that
//! somebody else holds too.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

/// More entries than this are spread over children.
const LEAF: usize = 16;

/// How many children a node has; a power of two.
const CHILDREN: usize = 32;

/// How many bits of a hash tell the child.
const BITS: u32 = CHILDREN.trailing_zeros();

/// Leaves at this depth have used their hashes up, and are not divided.
const DEPTH: u32 = u64::BITS / BITS;

/// A map whose copies share what they have in common.
///
/// Its hashes are seeded at random: keys are chosen by clients, who must not be able to choose such that collide.
#[derive(Debug, Clone)]
pub(crate) struct SharedMap<K, V> {
    root: Arc<Node<K, V>>,
    hasher: RandomState,
}

#[derive(Debug, Clone)]
enum Node<K, V> {
    Leaf(Vec<Entry<K, V>>),
    Branch(Box<[Arc<Node<K, V>>; CHILDREN]>),
}

#[derive(Debug, Clone)]
struct Entry<K, V> {
    hash: u64,
    key: K,
    value: V,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self {
            root: Arc::new(Node::Leaf(Vec::new())),
            hasher: RandomState::new(),
        }
    }
}

impl<K, V> SharedMap<K, V> {
    /// All entries, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        entries(&self.root)
    }

    /// The keys of all entries that another copy may not have, or that it may have others for. Some may be the same,
    /// and some may be named twice.
    pub(super) fn differing<'m>(&'m self, other: &'m Self) -> Vec<&'m K> {
        let mut found = Vec::new();
        let mut open = vec![(&self.root, &other.root)];
        while let Some((left, right)) = open.pop() {
            if Arc::ptr_eq(left, right) {
                continue;
            }
            match (left.as_ref(), right.as_ref()) {
                (Node::Branch(left), Node::Branch(right)) => {
                    open.extend(left.iter().zip(right.iter()));
                }
                _ => {
                    for node in [left, right] {
                        found.extend(entries(node).map(|(key, _)| key));
                    }
                }
            }
        }
        found
    }

    /// Whether there is no entry.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<K: Hash + Eq + Clone, V: Clone> SharedMap<K, V> {
    /// The value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let hash = self.hasher.hash_one(key);
        let (mut node, mut depth) = (self.root.as_ref(), 0);
        while let Node::Branch(children) = node {
            node = children.get(child_of(hash, depth))?.as_ref();
            depth += 1;
        }
        let Node::Leaf(entries) = node else {
            return None;
        };
        let entry = entries
            .iter()
            .find(|entry| entry.hash == hash && entry.key == *key)?;
        Some(&entry.value)
    }

    /// The value of a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        // Looking first keeps what is shared from being copied for nothing.
        self.get(key)?;
        let hash = self.hasher.hash_one(key);
        let entries = leaf_of(&mut self.root, hash).0;
        let entry = entries
            .iter_mut()
            .find(|entry| entry.hash == hash && entry.key == *key)?;
        Some(&mut entry.value)
    }

    /// Sets the value of a key; gives the one before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hasher.hash_one(&key);
        let (entries, depth) = leaf_of(&mut self.root, hash);
        let known = entries
            .iter_mut()
            .find(|entry| entry.hash == hash && entry.key == key);
        if let Some(entry) = known {
            return Some(std::mem::replace(&mut entry.value, value));
        }
        if entries.len() < LEAF || depth >= DEPTH {
            entries.push(Entry { hash, key, value });
        } else {
            divide(&mut self.root, hash);
            self.insert(key, value);
        }
        None
    }

    /// Takes a key out; gives its value.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.get(key)?;
        let hash = self.hasher.hash_one(key);
        let entries = leaf_of(&mut self.root, hash).0;
        let position = entries
            .iter()
            .position(|entry| entry.hash == hash && entry.key == *key)?;
        let entry = entries.swap_remove(position);
        if entries.is_empty() {
            // Branches stay as they are; what they had room for must not stay with them.
            *entries = Vec::new();
        }
        Some(entry.value)
    }
}

/// All entries below a node, in no order.
fn entries<K, V>(root: &Node<K, V>) -> impl Iterator<Item = (&K, &V)> {
    let mut open = vec![root];
    let mut leaf: std::slice::Iter<'_, Entry<K, V>> = [].iter();
    std::iter::from_fn(move || {
        loop {
            if let Some(entry) = leaf.next() {
                return Some((&entry.key, &entry.value));
            }
            match open.pop()? {
                Node::Leaf(entries) => leaf = entries.iter(),
                Node::Branch(children) => open.extend(children.iter().map(Arc::as_ref)),
            }
        }
    })
}

fn child_of(hash: u64, depth: u32) -> usize {
    let bits = hash.rotate_left(BITS * (depth + 1));
    usize::try_from(bits).unwrap_or(usize::MAX) & (CHILDREN - 1)
}

/// The leaf of a hash, and how deep it is. Everything on the way to it belongs to this map alone then.
fn leaf_of<K: Clone, V: Clone>(
    root: &mut Arc<Node<K, V>>,
    hash: u64,
) -> (&mut Vec<Entry<K, V>>, u32) {
    let (mut node, mut depth) = (Arc::make_mut(root), 0);
    loop {
        match node {
            Node::Leaf(entries) => return (entries, depth),
            Node::Branch(children) => {
                node = Arc::make_mut(child_mut(children, hash, depth));
                depth += 1;
            }
        }
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "a place is always below the number of children"
)]
fn child_mut<K, V>(
    children: &mut [Arc<Node<K, V>>; CHILDREN],
    hash: u64,
    depth: u32,
) -> &mut Arc<Node<K, V>> {
    &mut children[child_of(hash, depth)]
}

/// Spreads the leaf of a hash over children.
fn divide<K: Clone, V: Clone>(root: &mut Arc<Node<K, V>>, hash: u64) {
    let (mut node, mut depth) = (Arc::make_mut(root), 0);
    while let Node::Branch(children) = node {
        node = Arc::make_mut(child_mut(children, hash, depth));
        depth += 1;
    }
    let Node::Leaf(entries) = node else { return };
    let mut parts: [Vec<Entry<K, V>>; CHILDREN] = std::array::from_fn(|_| Vec::new());
    for entry in std::mem::take(entries) {
        if let Some(part) = parts.get_mut(child_of(entry.hash, depth)) {
            part.push(entry);
        }
    }
    let children = parts.map(|mut part| {
        part.shrink_to_fit();
        Arc::new(Node::Leaf(part))
    });
    *node = Node::Branch(Box::new(children));
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
