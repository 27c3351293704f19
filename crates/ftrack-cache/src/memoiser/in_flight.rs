//! One computation for each key at a time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::sync::{Condvar, Mutex, ThreadId, current_thread};

/// The computations that are under way, by their keys.
pub(super) struct InFlight<V>(Mutex<HashMap<String, Arc<Computation<V>>>>);

impl<V> Default for InFlight<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A computation that is under way, and afterwards its outcome.
pub(super) struct Computation<V> {
    leader: ThreadId,
    state: Mutex<State<V>>,
    changed: Condvar,
}

enum State<V> {
    Running,
    /// In an `Arc`, so that no lock is held while the value is cloned.
    Done(Arc<V>),
    /// The computation failed or panicked.
    Lost,
}

/// What the caller has to do.
pub(super) enum Role<'a, V> {
    /// Compute.
    Leader(Leader<'a, V>),
    /// Wait for the one who computes.
    Waiter(Arc<Computation<V>>),
    /// The caller is inside the computation for this very key; waiting would never end.
    Nested,
}

impl<V> InFlight<V> {
    pub(super) fn join(&self, key: &str) -> Role<'_, V> {
        let leader = current_thread();
        match self.0.lock().entry(key.to_owned()) {
            Entry::Occupied(computation) if computation.get().leader == leader => Role::Nested,
            Entry::Occupied(computation) => Role::Waiter(Arc::clone(computation.get())),
            Entry::Vacant(slot) => {
                let computation = Arc::new(Computation {
                    leader,
                    state: Mutex::new(State::Running),
                    changed: Condvar::new(),
                });
                slot.insert(Arc::clone(&computation));
                Role::Leader(Leader {
                    in_flight: self,
                    key: key.to_owned(),
                    computation,
                })
            }
        }
    }
}

impl<V: Clone> Computation<V> {
    /// Returns the value when it is computed, or nothing if the computation failed.
    pub(super) fn wait(&self) -> Option<V> {
        let value = {
            let mut state = self.state.lock();
            loop {
                match &*state {
                    State::Running => self.changed.wait(&mut state),
                    State::Done(value) => break Arc::clone(value),
                    State::Lost => return None,
                }
            }
        };
        Some(Arc::unwrap_or_clone(value))
    }
}

/// Held by the one who computes. Dropping it without finishing, as a failure or a panic does, lets
/// those who wait go on by themselves.
pub(super) struct Leader<'a, V> {
    in_flight: &'a InFlight<V>,
    key: String,
    computation: Arc<Computation<V>>,
}

impl<V> Leader<'_, V> {
    pub(super) fn finish(self, value: V) {
        *self.computation.state.lock() = State::Done(Arc::new(value));
    }
}

impl<V> Drop for Leader<'_, V> {
    fn drop(&mut self) {
        // Off the list first, so that nobody who finds the computation there finds it lost for ever.
        self.in_flight.0.lock().remove(&self.key);
        let mut state = self.computation.state.lock();
        if matches!(*state, State::Running) {
            *state = State::Lost;
        }
        drop(state);
        self.computation.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::sync::{model, spawn};

    /// Joins until there is a value; how often this thread computed it. Its first attempt may fail.
    fn compute(in_flight: &InFlight<u8>, fails: bool) -> usize {
        let mut computed = 0;
        loop {
            match in_flight.join("k") {
                Role::Leader(leader) => {
                    computed += 1;
                    assert!(matches!(in_flight.join("k"), Role::Nested));
                    if fails && computed == 1 {
                        drop(leader);
                        continue;
                    }
                    leader.finish(5);
                    return computed;
                }
                Role::Waiter(computation) => {
                    if computation.wait() == Some(5) {
                        return computed;
                    }
                }
                Role::Nested => panic!("nobody waits for itself"),
            }
        }
    }

    #[test]
    fn whoever_waits_gets_the_value_or_computes_it_when_the_first_fails() {
        for fails in [false, true] {
            model(move || {
                let in_flight = Arc::new(InFlight::default());
                let total = Arc::new(AtomicUsize::new(0));
                let (other, counted) = (Arc::clone(&in_flight), Arc::clone(&total));
                let thread = spawn(move || {
                    counted.fetch_add(compute(&other, fails), Ordering::SeqCst);
                });
                total.fetch_add(compute(&in_flight, false), Ordering::SeqCst);
                thread.join().unwrap();
                assert!((1..=3).contains(&total.load(Ordering::SeqCst)));
                assert!(in_flight.0.lock().is_empty());
            });
        }
    }
}
