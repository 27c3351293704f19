//! What has arrived and waits to be handled.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde_json::json;

use crate::identity::Identity;
use crate::recent::RecentIds;
use crate::{Event, topics};

/// How long it may take until a request to stop is noticed that could only set a flag.
const GLANCE: Duration = Duration::from_millis(100);

/// An event to be handled, and where it comes from.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// From the server. Results of handlers are sent as replies.
    Remote(Event),
    /// From the hub itself.
    Local(Event),
}

/// Why waiting for an event brought none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idle {
    Elapsed,
    Stopped,
}

/// The queue between the connection and those who handle events.
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
    limit: usize,
    identity: Arc<Identity>,
    /// Set to end waiting. Nothing but this flag is touched by it, so signal handlers may set it.
    stop: Arc<AtomicBool>,
}

struct State {
    queue: VecDeque<Arrival>,
    recent: RecentIds,
    /// How many were thrown away since handlers were last told.
    dropped: u64,
    /// Counts requests to stop, so that everybody who waits notices each.
    stops: u64,
}

impl Inbox {
    pub(crate) fn new(limit: usize, remembered_ids: usize, identity: Arc<Identity>) -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                recent: RecentIds::new(remembered_ids),
                dropped: 0,
                stops: 0,
            }),
            changed: Condvar::new(),
            limit: limit.max(1),
            identity,
            stop: Arc::default(),
        }
    }

    /// Whether an event from the server has not been seen before.
    pub(crate) fn is_new(&self, event: &Event) -> bool {
        self.state.lock().recent.is_new(&event.id)
    }

    /// Adds an arrival; how many were thrown away for it. Those from the hub itself are few and
    /// say what state it is in, so they are thrown away last.
    pub(crate) fn push(&self, arrival: Arrival) -> u64 {
        let mut state = self.state.lock();
        let mut thrown = None;
        if state.queue.len() >= self.limit {
            let oldest = state
                .queue
                .iter()
                .position(|arrival| matches!(arrival, Arrival::Remote(_)));
            thrown = state.queue.remove(oldest.unwrap_or(0));
        }
        let count = u64::from(thrown.is_some());
        state.dropped += count;
        state.queue.push_back(arrival);
        drop(state);
        drop(thrown);
        self.changed.notify_one();
        count
    }

    /// Waits for the next arrival: until a time, or until waiting is stopped after `stops` was
    /// read. What is there already is given even if the time is over.
    pub(crate) fn pop(&self, until: Option<Instant>, stops: u64) -> Result<Arrival, Idle> {
        let mut state = self.state.lock();
        loop {
            if self.stop.swap(false, Ordering::AcqRel) {
                state.stops += 1;
                self.changed.notify_all();
            }
            if state.stops != stops {
                return Err(Idle::Stopped);
            }
            if let Some(arrival) = self.take(&mut state) {
                return Ok(arrival);
            }
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return Err(Idle::Elapsed);
            }
            let glance = now + GLANCE;
            let next = until.map_or(glance, |until| until.min(glance));
            self.changed.wait_until(&mut state, next);
        }
    }

    /// What to give to [`pop`](Self::pop) so that it notices every later request to stop.
    pub(crate) fn stops(&self) -> u64 {
        self.state.lock().stops
    }

    /// Ends all waiting, at once.
    pub(crate) fn stop_waiting(&self) {
        self.stop.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// The flag that ends waiting.
    pub(crate) fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Wakes those who wait, to look again at the world around them.
    pub(crate) fn wake(&self) {
        self.changed.notify_all();
    }

    pub(crate) fn len(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Throws away all that waits.
    pub(crate) fn clear(&self) {
        let queue = std::mem::take(&mut self.state.lock().queue);
        drop(queue);
    }

    fn take(&self, state: &mut State) -> Option<Arrival> {
        if state.dropped > 0 {
            let dropped = std::mem::take(&mut state.dropped);
            let data = json!({"dropped": dropped});
            let event = self.identity.event(topics::OVERFLOWED, data);
            return Some(Arrival::Local(event));
        }
        state.queue.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn inbox(limit: usize) -> Inbox {
        Inbox::new(limit, 10, Arc::new(Identity::new(None, None)))
    }

    fn remote(topic: &str) -> Arrival {
        Arrival::Remote(Event::new(topic))
    }

    fn next(inbox: &Inbox) -> Option<Event> {
        let arrival = inbox.pop(Some(Instant::now()), inbox.stops()).ok()?;
        let (Arrival::Remote(event) | Arrival::Local(event)) = arrival;
        Some(event)
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_and_handlers_are_told() {
        let inbox = inbox(2);
        inbox.push(Arrival::Local(Event::new("local")));
        for topic in ["a", "b", "c"] {
            inbox.push(remote(topic));
        }
        let told = next(&inbox).unwrap();
        assert_eq!(
            (told.topic.as_str(), &told.data),
            (topics::OVERFLOWED, &json!({"dropped": 2}))
        );
        let rest: Vec<_> = std::iter::from_fn(|| next(&inbox))
            .map(|event| event.topic)
            .collect();
        assert_eq!(rest, ["local", "c"]);
        for topic in ["a", "b", "c"] {
            inbox.push(Arrival::Local(Event::new(topic)));
        }
        assert_eq!(inbox.len(), 2);
    }

    #[test]
    fn stopping_ends_every_wait_once() {
        let inbox = Arc::new(inbox(2));
        let stops = inbox.stops();
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let inbox = Arc::clone(&inbox);
                thread::spawn(move || matches!(inbox.pop(None, stops), Err(Idle::Stopped)))
            })
            .collect();
        inbox.stop_waiting();
        for thread in waiting {
            assert!(thread.join().unwrap());
        }
        inbox.push(remote("a"));
        assert!(next(&inbox).is_some());
    }

    #[test]
    fn the_flag_alone_is_noticed() {
        let inbox = Arc::new(inbox(2));
        let flag = inbox.stop_flag();
        let stops = inbox.stops();
        let waiting = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || matches!(inbox.pop(None, stops), Err(Idle::Stopped)))
        };
        flag.store(true, Ordering::Release);
        assert!(waiting.join().unwrap());
    }
}
