//! Entries that are found by a hash, in a structure that is cheap to copy: a copy shares with the original whatever
//! neither changes afterwards.
//!
//! It is a tree over the hashes. A change copies the few nodes on the way to its entry, and those only that somebody
//! else holds too. Nodes have few children, for a copy of one counts each of them, wherever in memory it is; leaves
//! have many entries, for these are copied in one piece.

use std::sync::Arc;

/// More entries than this are spread over children.
const LEAF: usize = 32;

/// For how many more entries a full leaf makes room.
const GROWTH: usize = 4;

/// How many children a node has; a power of two.
const CHILDREN: usize = 8;

/// How many bits of a hash tell the child.
const BITS: u32 = CHILDREN.trailing_zeros();

/// Leaves at this depth have used their hashes up, and are not divided.
const DEPTH: u32 = u64::BITS / BITS;

/// Entries by hash. What an entry is equal to is known to whoever asks: so keys need not be kept here where they can be
/// told from the entries.
#[derive(Debug, Clone)]
pub(super) struct SharedTable<E> {
    root: Arc<Node<E>>,
}

#[derive(Debug)]
enum Node<E> {
    Leaf(Vec<Hashed<E>>),
    Branch([Arc<Node<E>>; CHILDREN]),
}

#[derive(Debug, Clone)]
struct Hashed<E> {
    hash: u64,
    entry: E,
}

impl<E: Clone> Clone for Node<E> {
    /// A node is copied because an entry of it changes, and most changes add one.
    fn clone(&self) -> Self {
        match self {
            Self::Branch(children) => Self::Branch(children.clone()),
            Self::Leaf(entries) => {
                let mut copy = Vec::with_capacity(entries.len() + 1);
                copy.extend_from_slice(entries);
                Self::Leaf(copy)
            }
        }
    }
}

impl<E> Default for SharedTable<E> {
    fn default() -> Self {
        Self {
            root: Arc::new(Node::Leaf(Vec::new())),
        }
    }
}

impl<E> SharedTable<E> {
    /// A table of entries that are in the order of their hashes.
    pub(super) fn from_sorted(entries: Vec<(u64, E)>) -> Self {
        let count = entries.len();
        Self {
            root: Arc::new(built(&mut entries.into_iter(), count, 0)),
        }
    }

    /// All entries, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &E> {
        entries(&self.root)
    }

    /// All entries that another copy may not have, or for which it may have others. Some may be the same.
    pub(super) fn differing<'t>(&'t self, other: &'t Self) -> Vec<&'t E> {
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
                        found.extend(entries(node));
                    }
                }
            }
        }
        found
    }

    /// The entry of a hash that is the right one.
    pub(super) fn get(&self, hash: u64, is_meant: impl Fn(&E) -> bool) -> Option<&E> {
        let (mut node, mut depth) = (self.root.as_ref(), 0);
        while let Node::Branch(children) = node {
            node = children.get(child_of(hash, depth))?.as_ref();
            depth += 1;
        }
        let Node::Leaf(entries) = node else {
            return None;
        };
        let place = place_of(entries, hash, is_meant)?;
        entries.get(place).map(|found| &found.entry)
    }
}

impl<E: Clone> SharedTable<E> {
    /// As `get`, to be changed.
    pub(super) fn get_mut(&mut self, hash: u64, is_meant: impl Fn(&E) -> bool) -> Option<&mut E> {
        // Looking first keeps what is shared from being copied for nothing.
        self.get(hash, &is_meant)?;
        let entries = self.leaf_mut(hash);
        let place = place_of(entries, hash, is_meant)?;
        entries.get_mut(place).map(|found| &mut found.entry)
    }

    /// Adds an entry, or changes the one that is there. Whether it was added.
    pub(super) fn put(
        &mut self,
        hash: u64,
        is_meant: impl Fn(&E) -> bool,
        entry: E,
        change: impl FnOnce(&mut E, E),
    ) -> bool {
        let (mut node, mut depth) = (Arc::make_mut(&mut self.root), 0);
        loop {
            match node {
                Node::Branch(children) => {
                    node = Arc::make_mut(child_mut(children, hash, depth));
                    depth += 1;
                }
                Node::Leaf(entries) => {
                    let place = place_of(entries, hash, &is_meant);
                    if let Some(found) = place.and_then(|place| entries.get_mut(place)) {
                        change(&mut found.entry, entry);
                        return false;
                    }
                    if entries.len() < LEAF || depth >= DEPTH {
                        if entries.len() == entries.capacity() {
                            entries.reserve_exact(GROWTH);
                        }
                        entries.push(Hashed { hash, entry });
                        return true;
                    }
                    *node = divided(std::mem::take(entries), depth);
                }
            }
        }
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, hash: u64, is_meant: impl Fn(&E) -> bool) -> Option<E> {
        self.get(hash, &is_meant)?;
        let entries = self.leaf_mut(hash);
        let place = place_of(entries, hash, is_meant)?;
        let removed = entries.swap_remove(place);
        if entries.is_empty() {
            // Branches stay as they are; what they had room for must not stay with them.
            *entries = Vec::new();
        }
        Some(removed.entry)
    }

    /// The leaf of a hash. Everything on the way to it belongs to this copy alone then.
    fn leaf_mut(&mut self, hash: u64) -> &mut Vec<Hashed<E>> {
        let (mut node, mut depth) = (Arc::make_mut(&mut self.root), 0);
        loop {
            match node {
                Node::Leaf(entries) => return entries,
                Node::Branch(children) => {
                    node = Arc::make_mut(child_mut(children, hash, depth));
                    depth += 1;
                }
            }
        }
    }
}

/// All entries below a node, in no order.
fn entries<E>(root: &Node<E>) -> impl Iterator<Item = &E> {
    let mut open = vec![root];
    let mut leaf: std::slice::Iter<'_, Hashed<E>> = [].iter();
    std::iter::from_fn(move || {
        loop {
            if let Some(found) = leaf.next() {
                return Some(&found.entry);
            }
            match open.pop()? {
                Node::Leaf(entries) => leaf = entries.iter(),
                Node::Branch(children) => open.extend(children.iter().map(Arc::as_ref)),
            }
        }
    })
}

/// Where in a leaf an entry is.
fn place_of<E>(entries: &[Hashed<E>], hash: u64, is_meant: impl Fn(&E) -> bool) -> Option<usize> {
    entries
        .iter()
        .position(|found| found.hash == hash && is_meant(&found.entry))
}

fn child_of(hash: u64, depth: u32) -> usize {
    let bits = hash.rotate_left(BITS * (depth + 1));
    usize::try_from(bits).unwrap_or(usize::MAX) & (CHILDREN - 1)
}

#[expect(
    clippy::indexing_slicing,
    reason = "a place is always below the number of children"
)]
fn child_mut<E>(
    children: &mut [Arc<Node<E>>; CHILDREN],
    hash: u64,
    depth: u32,
) -> &mut Arc<Node<E>> {
    &mut children[child_of(hash, depth)]
}

/// A node of so many entries, which are in the order of their hashes.
fn built<E>(entries: &mut std::vec::IntoIter<(u64, E)>, count: usize, depth: u32) -> Node<E> {
    if count <= LEAF || depth >= DEPTH {
        let mut leaf = Vec::with_capacity(count);
        let entries = entries.take(count);
        leaf.extend(entries.map(|(hash, entry)| Hashed { hash, entry }));
        return Node::Leaf(leaf);
    }
    let mut left = count;
    let children = std::array::from_fn(|child| {
        let is_of_child = |entry: &(u64, E)| child_of(entry.0, depth) == child;
        let rest = entries.as_slice().get(..left).unwrap_or_default();
        let of_child = rest.partition_point(is_of_child);
        left -= of_child;
        Arc::new(built(entries, of_child, depth + 1))
    });
    Node::Branch(children)
}

/// The entries of a leaf, spread over children.
fn divided<E>(entries: Vec<Hashed<E>>, depth: u32) -> Node<E> {
    let mut parts: [Vec<Hashed<E>>; CHILDREN] = std::array::from_fn(|_| Vec::new());
    for found in entries {
        if let Some(part) = parts.get_mut(child_of(found.hash, depth)) {
            if part.len() == part.capacity() {
                part.reserve_exact(GROWTH);
            }
            part.push(found);
        }
    }
    Node::Branch(parts.map(|part| Arc::new(Node::Leaf(part))))
}
