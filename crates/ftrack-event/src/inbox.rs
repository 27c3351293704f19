//! What has arrived and waits to be handled.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::event::Event;
use crate::identity::Identity;
use crate::recent::RecentIds;
use crate::sync::{Condvar, Mutex};
use crate::topics;

/// How long it may take until a request to stop is noticed that could only set a flag.
const GLANCE: Duration = Duration::from_millis(100);

/// An event to be handled, and where it comes from.
#[derive(Debug)]
pub(crate) enum QueuedEvent {
    /// From the server. Results of handlers are sent as replies.
    Remote(Event),
    /// From the hub itself.
    Local(Event),
}

impl QueuedEvent {
    pub(crate) fn event(&self) -> &Event {
        match self {
            Self::Remote(event) | Self::Local(event) => event,
        }
    }

    pub(crate) fn event_mut(&mut self) -> &mut Event {
        match self {
            Self::Remote(event) | Self::Local(event) => event,
        }
    }
}

/// Why waiting for an event brought none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idle {
    Elapsed,
    Stopped,
}

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) events: usize,
    /// Of the texts in which the events arrived.
    pub(crate) bytes: usize,
}

/// The queue between the connection and those who handle events.
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
    limits: Limits,
    identity: Arc<Identity>,
    /// Set to end waiting. Nothing but this flag is touched by it, so signal handlers may set it.
    stop: Arc<AtomicBool>,
}

struct State {
    queue: VecDeque<Waiting>,
    /// The sum over the queue.
    bytes: usize,
    recent: RecentIds,
    /// How many were thrown away since handlers were last told.
    dropped: u64,
    /// Counts requests to stop, so that everybody who waits notices each.
    stops: u64,
    /// Whether the connection has put in the last arrival that there will be.
    ended: bool,
}

struct Waiting {
    arrival: QueuedEvent,
    bytes: usize,
}

impl Inbox {
    pub(crate) fn new(limits: Limits, remembered_ids: usize, identity: Arc<Identity>) -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                bytes: 0,
                recent: RecentIds::new(remembered_ids),
                dropped: 0,
                stops: 0,
                ended: false,
            }),
            changed: Condvar::new(),
            limits,
            identity,
            stop: Arc::default(),
        }
    }

    /// Whether an event from the server has not been seen before.
    pub(crate) fn is_new(&self, event: &Event) -> bool {
        self.state.lock().recent.is_new(&event.id)
    }

    /// Adds an arrival that came in a text of so many bytes; how many others were thrown away for
    /// it. Those from the hub itself are few and say what state it is in, so they are thrown away
    /// last.
    pub(crate) fn push(&self, arrival: QueuedEvent, bytes: usize) -> u64 {
        let mut state = self.state.lock();
        let mut thrown = Vec::new();
        while state.is_too_full_for(bytes, self.limits) {
            thrown.extend(state.take_oldest());
        }
        let count = u64::try_from(thrown.len()).unwrap_or(u64::MAX);
        state.dropped += count;
        state.bytes += bytes;
        state.queue.push_back(Waiting { arrival, bytes });
        drop(state);
        drop(thrown);
        self.changed.notify_one();
        count
    }

    /// Waits for the next arrival: until a time, or until waiting is stopped after `stops` was
    /// read. What is there already is given even if the time is over.
    pub(crate) fn pop(&self, until: Option<Instant>, stops: u64) -> Result<QueuedEvent, Idle> {
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
        // Whoever has looked at the flag just before waits by now, and is woken.
        drop(self.state.lock());
        self.changed.notify_all();
    }

    /// The flag that ends waiting.
    pub(crate) fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// There is a connection, so there may be more to come.
    pub(crate) fn begin(&self) {
        self.state.lock().ended = false;
    }

    /// The connection has ended for good: nothing more will come.
    pub(crate) fn end(&self) {
        self.state.lock().ended = true;
        self.changed.notify_all();
    }

    /// Whether all that there will be has been taken out.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.state.lock();
        state.ended && state.queue.is_empty() && state.dropped == 0
    }

    /// Wakes those who wait, to look again at the world around them.
    pub(crate) fn wake(&self) {
        drop(self.state.lock());
        self.changed.notify_all();
    }

    pub(crate) fn len(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Throws away all that waits.
    pub(crate) fn clear(&self) {
        let mut state = self.state.lock();
        state.bytes = 0;
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        drop(queue);
    }

    fn take(&self, state: &mut State) -> Option<QueuedEvent> {
        if state.dropped > 0 {
            let dropped = std::mem::take(&mut state.dropped);
            let data = json!({"dropped": dropped});
            let event = self.identity.event(topics::OVERFLOWED, data);
            return Some(QueuedEvent::Local(event));
        }
        let waiting = state.queue.pop_front()?;
        state.bytes -= waiting.bytes;
        Some(waiting.arrival)
    }
}

impl State {
    /// Whether something has to go. An event that is larger than all together may be waits alone.
    fn is_too_full_for(&self, bytes: usize, limits: Limits) -> bool {
        let too_large = self.bytes.saturating_add(bytes) > limits.bytes;
        !self.queue.is_empty() && (self.queue.len() >= limits.events || too_large)
    }

    fn take_oldest(&mut self) -> Option<QueuedEvent> {
        let is_remote = |waiting: &Waiting| matches!(waiting.arrival, QueuedEvent::Remote(_));
        let oldest = self.queue.iter().position(is_remote).unwrap_or(0);
        let waiting = self.queue.remove(oldest)?;
        self.bytes -= waiting.bytes;
        Some(waiting.arrival)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{model, spawn};

    fn inbox(events: usize) -> Inbox {
        let limits = Limits { events, bytes: 100 };
        Inbox::new(limits, 10, Arc::new(Identity::new(None, None)))
    }

    fn remote(topic: &str) -> QueuedEvent {
        QueuedEvent::Remote(Event::new(topic))
    }

    fn next(inbox: &Inbox) -> Option<Event> {
        let arrival = inbox.pop(Some(Instant::now()), inbox.stops()).ok()?;
        let (QueuedEvent::Remote(event) | QueuedEvent::Local(event)) = arrival;
        Some(event)
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_and_handlers_are_told() {
        model(|| {
            let inbox = inbox(2);
            inbox.push(QueuedEvent::Local(Event::new("local")), 0);
            for topic in ["a", "b", "c"] {
                inbox.push(remote(topic), 1);
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
                inbox.push(QueuedEvent::Local(Event::new(topic)), 0);
            }
            assert_eq!(inbox.len(), 2);
        });
    }

    #[test]
    fn large_events_count_by_their_size() {
        model(|| {
            let inbox = inbox(1_000);
            assert_eq!(inbox.push(remote("a"), 1_000), 0, "it waits alone");
            assert_eq!(inbox.push(remote("b"), 60), 1);
            assert_eq!(inbox.push(remote("c"), 40), 0);
            assert_eq!(inbox.push(remote("d"), 70), 2);
            assert_eq!(next(&inbox).unwrap().data, json!({"dropped": 3}));
            assert_eq!(next(&inbox).unwrap().topic, "d");
            assert_eq!(inbox.state.lock().bytes, 0);
        });
    }

    #[test]
    fn it_is_over_when_the_last_arrival_is_taken() {
        model(|| {
            let inbox = inbox(1);
            inbox.push(remote("a"), 1);
            inbox.push(remote("b"), 1);
            inbox.end();
            for _ in ["overflowed", "b"] {
                assert!(!inbox.is_over());
                assert!(next(&inbox).is_some());
            }
            assert!(inbox.is_over());
            inbox.begin();
            assert!(!inbox.is_over());
        });
    }

    #[test]
    fn stopping_ends_every_wait_once() {
        model(|| {
            let inbox = Arc::new(inbox(2));
            let stops = inbox.stops();
            let waiting = [(); 2].map(|()| {
                let inbox = Arc::clone(&inbox);
                spawn(move || matches!(inbox.pop(None, stops), Err(Idle::Stopped)))
            });
            inbox.stop_waiting();
            for thread in waiting {
                assert!(thread.join().unwrap());
            }
            inbox.push(remote("a"), 1);
            assert!(next(&inbox).is_some());
        });
    }

    #[test]
    fn each_arrival_reaches_one_of_those_who_wait() {
        model(|| {
            let inbox = Arc::new(inbox(2));
            let stops = inbox.stops();
            let other = {
                let inbox = Arc::clone(&inbox);
                spawn(move || inbox.pop(None, stops).is_ok())
            };
            let pushing = {
                let inbox = Arc::clone(&inbox);
                spawn(move || {
                    inbox.push(remote("a"), 1);
                    inbox.push(remote("b"), 1);
                })
            };
            assert!(inbox.pop(None, stops).is_ok());
            assert!(other.join().unwrap());
            pushing.join().unwrap();
            assert_eq!(inbox.len(), 0);
        });
    }

    #[test]
    fn the_end_comes_after_the_last_arrival() {
        model(|| {
            let inbox = Arc::new(inbox(2));
            let ending = {
                let inbox = Arc::clone(&inbox);
                spawn(move || {
                    inbox.push(remote("a"), 1);
                    inbox.end();
                })
            };
            assert!(inbox.pop(None, inbox.stops()).is_ok());
            ending.join().unwrap();
            assert!(inbox.is_over());
        });
    }
}
