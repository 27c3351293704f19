//! One computation for each key at a time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use parking_lot::{Condvar, Mutex};

/// The computations that are under way, by their keys.
pub(super) struct Flights<V>(Mutex<HashMap<String, Arc<Flight<V>>>>);

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A computation that is under way, and afterwards its outcome.
pub(super) struct Flight<V> {
    pilot: ThreadId,
    state: Mutex<State<V>>,
    changed: Condvar,
}

enum State<V> {
    Flying,
    /// In an `Arc`, so that no lock is held while the value is cloned.
    Landed(Arc<V>),
    /// The computation failed or panicked.
    Lost,
}

/// What the caller has to do.
pub(super) enum Boarding<'a, V> {
    /// Compute.
    Pilot(Pilot<'a, V>),
    /// Wait for the one who computes.
    Passenger(Arc<Flight<V>>),
    /// The caller is inside the computation for this very key; waiting would never end.
    Nested,
}

impl<V> Flights<V> {
    pub(super) fn board(&self, key: &str) -> Boarding<'_, V> {
        let pilot = thread::current().id();
        match self.0.lock().entry(key.to_owned()) {
            Entry::Occupied(flight) if flight.get().pilot == pilot => Boarding::Nested,
            Entry::Occupied(flight) => Boarding::Passenger(Arc::clone(flight.get())),
            Entry::Vacant(slot) => {
                let flight = Arc::new(Flight {
                    pilot,
                    state: Mutex::new(State::Flying),
                    changed: Condvar::new(),
                });
                slot.insert(Arc::clone(&flight));
                Boarding::Pilot(Pilot {
                    flights: self,
                    key: key.to_owned(),
                    flight,
                })
            }
        }
    }
}

impl<V: Clone> Flight<V> {
    /// Returns the value when it is computed, or nothing if the computation failed.
    pub(super) fn wait(&self) -> Option<V> {
        let value = {
            let mut state = self.state.lock();
            loop {
                match &*state {
                    State::Flying => self.changed.wait(&mut state),
                    State::Landed(value) => break Arc::clone(value),
                    State::Lost => return None,
                }
            }
        };
        Some(Arc::unwrap_or_clone(value))
    }
}

/// Held by the one who computes. Dropping it without landing, as a failure or a panic does, lets
/// those who wait go on by themselves.
pub(super) struct Pilot<'a, V> {
    flights: &'a Flights<V>,
    key: String,
    flight: Arc<Flight<V>>,
}

impl<V> Pilot<'_, V> {
    pub(super) fn land(self, value: V) {
        *self.flight.state.lock() = State::Landed(Arc::new(value));
    }
}

impl<V> Drop for Pilot<'_, V> {
    fn drop(&mut self) {
        // Off the list first, so that nobody who finds the flight there finds it lost for ever.
        self.flights.0.lock().remove(&self.key);
        let mut state = self.flight.state.lock();
        if matches!(*state, State::Flying) {
            *state = State::Lost;
        }
        drop(state);
        self.flight.changed.notify_all();
    }
}
