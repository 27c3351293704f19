//! Which commits lie between a request and its answer, and what they deleted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::identity::Identity;

/// The number of commits so far, the requests whose answers are still to come, and what was deleted meanwhile.
#[derive(Debug, Default)]
pub(super) struct Epochs {
    current: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many requests of each epoch are under way.
    under_way: BTreeMap<u64, usize>,
    /// The epochs of the commits that deleted these entities, as long as an older request is under way.
    deleted: FxHashMap<Identity, u64>,
}

/// The moment at which a request is sent, counted in commits. Made by
/// [`IdentityMap::begin_request`](crate::IdentityMap::begin_request).
///
/// As long as it lives, the map remembers what later commits delete, so that the answer does not bring it back.
#[derive(Debug)]
#[must_use = "the answer is merged as of this moment"]
pub struct RequestEpoch {
    epochs: Arc<Epochs>,
    number: u64,
}

impl Epochs {
    pub(super) fn begin_request(epochs: &Arc<Self>) -> RequestEpoch {
        let mut state = epochs.state.lock();
        let number = epochs.current.load(Ordering::Acquire);
        *state.under_way.entry(number).or_default() += 1;
        RequestEpoch {
            epochs: Arc::clone(epochs),
            number,
        }
    }

    /// Begins a new epoch and gives back its number.
    pub(super) fn next(&self) -> u64 {
        self.current.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Remembers that a commit of `epoch` has deleted the entity, if an answer could bring it back.
    pub(super) fn delete(&self, identity: &Identity, epoch: u64) {
        let mut state = self.state.lock();
        if !state.under_way.is_empty() {
            state.deleted.insert(identity.clone(), epoch);
        }
    }

    pub(super) fn revive(&self, identity: &Identity) {
        self.state.lock().deleted.remove(identity);
    }

    /// Whether anything was deleted by a commit after `epoch`.
    pub(super) fn has_deleted_since(&self, epoch: u64) -> bool {
        let state = self.state.lock();
        state.deleted.values().any(|deleted| *deleted > epoch)
    }

    /// Whether the entity was deleted by a commit after `epoch`.
    pub(super) fn is_deleted_since(&self, epoch: u64, identity: &Identity) -> bool {
        let state = self.state.lock();
        let deleted = state.deleted.get(identity);
        deleted.is_some_and(|deleted| *deleted > epoch)
    }
}

impl RequestEpoch {
    /// The number of commits before the request.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether the entity was deleted by a commit after the request was sent.
    pub fn has_lost(&self, identity: &Identity) -> bool {
        self.epochs.is_deleted_since(self.number, identity)
    }
}

impl Drop for RequestEpoch {
    fn drop(&mut self) {
        let mut state = self.epochs.state.lock();
        let state = &mut *state;
        if let Some(count) = state.under_way.get_mut(&self.number) {
            *count -= 1;
            if *count == 0 {
                state.under_way.remove(&self.number);
            }
        }
        match state.under_way.keys().next() {
            None => state.deleted = FxHashMap::default(),
            Some(&oldest) => state.deleted.retain(|_, epoch| *epoch > oldest),
        }
    }
}
