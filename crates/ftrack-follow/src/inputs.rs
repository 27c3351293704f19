//! What the loop of a listener is told by its threads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ftrack_event::Event;
use parking_lot::{Condvar, Mutex};

use crate::error::Error;

/// How many events may wait for the loop. Then the hub's own queue fills, which tells when it throws something away.
const LIMIT: usize = 1_000;

/// What comes over the line, in order.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// An event.
    Event(Box<Event>),
    /// From here on events may be missing: a connection is new, or events were thrown away.
    Missed,
    /// The server knows all subscriptions.
    Announced,
}

/// What the threads of the listener say.
#[derive(Debug)]
pub(crate) enum Input {
    /// The connection has ended for good.
    Ended(Option<Error>),
    /// A task is done with.
    Finished(Finished),
    /// A handler failed, and is tried again.
    Failed(String),
    /// Something that ends the listener.
    Fatal(Error),
}

/// A task that is done with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finished {
    pub(crate) task: u64,
    /// Whether it ended in the list of dead letters.
    pub(crate) is_dead: bool,
    pub(crate) is_caught_up: bool,
}

/// The way to the loop.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    state: Mutex<State>,
    changed: Condvar,
    room: Condvar,
    is_over: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    arrivals: VecDeque<Arrival>,
    inputs: VecDeque<Input>,
}

impl Inputs {
    pub(crate) fn push(&self, input: Input) {
        self.state.lock().inputs.push_back(input);
        self.changed.notify_one();
    }

    /// Adds an arrival, once there is room for it.
    pub(crate) fn arrive(&self, arrival: Arrival) {
        let mut state = self.state.lock();
        while state.arrivals.len() >= LIMIT && !self.is_over.load(Ordering::Acquire) {
            self.room.wait_for(&mut state, Duration::from_millis(100));
        }
        state.arrivals.push_back(arrival);
        drop(state);
        self.changed.notify_one();
    }

    /// All that there is, once there is something or a time has come. Arrivals only if there is room for them.
    pub(crate) fn take(
        &self,
        until: Instant,
        has_room: bool,
    ) -> (VecDeque<Input>, VecDeque<Arrival>) {
        let mut state = self.state.lock();
        if state.inputs.is_empty() && (!has_room || state.arrivals.is_empty()) {
            self.changed.wait_until(&mut state, until);
        }
        let inputs = std::mem::take(&mut state.inputs);
        let arrivals = if has_room {
            std::mem::take(&mut state.arrivals)
        } else {
            VecDeque::new()
        };
        drop(state);
        self.room.notify_all();
        (inputs, arrivals)
    }

    /// Nothing waits for room any more.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.room.notify_all();
    }
}
