//! Who awaits replies to what.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::publication::Slot;

/// A callback for replies.
pub(crate) type OnReply = Arc<dyn Fn(&Event) + Send + Sync>;

/// Who is told of a reply.
pub(crate) enum Awaiting {
    /// A thread that waits for so many. It is told at once, on whatever thread reads.
    Publisher(Arc<Slot>, usize),
    /// A callback, which is called where handlers are.
    Callback(OnReply),
}

/// Those that await replies, each for a bounded time, and a bounded number of them.
pub(crate) struct Replies {
    awaited: Mutex<Awaited>,
    limit: usize,
    timeout: Duration,
}

#[derive(Default)]
struct Awaited {
    by_event: HashMap<String, (u64, Awaiting)>,
    /// When each is given up, in the order of beginning, which is that of ending too.
    deadlines: BTreeMap<u64, (Instant, String)>,
    next: u64,
}

impl Replies {
    pub(crate) fn new(limit: usize, timeout: Duration) -> Self {
        Self {
            awaited: Mutex::default(),
            limit,
            timeout,
        }
    }

    /// Awaits replies to an event from now on.
    pub(crate) fn expect(&self, event_id: &str, awaiting: Awaiting, now: Instant) -> Result<()> {
        self.expire(now);
        let mut awaited = self.awaited.lock();
        if awaited.by_event.len() >= self.limit {
            return Err(Error::QueueFull {
                queue: "awaited replies",
                limit: self.limit,
                unit: "replies",
            });
        }
        let place = awaited.next;
        awaited.next += 1;
        // A time that is beyond what the clock can say is never reached.
        if let Some(deadline) = now.checked_add(self.timeout) {
            awaited
                .deadlines
                .insert(place, (deadline, event_id.to_owned()));
        }
        let previous = awaited
            .by_event
            .insert(event_id.to_owned(), (place, awaiting));
        if let Some((place, _)) = &previous {
            awaited.deadlines.remove(place);
        }
        drop(awaited);
        drop(previous);
        Ok(())
    }

    /// Awaits no more replies to an event.
    pub(crate) fn forget(&self, event_id: &str) {
        let mut awaited = self.awaited.lock();
        let removed = awaited.by_event.remove(event_id);
        if let Some((place, _)) = &removed {
            awaited.deadlines.remove(place);
        }
        // What a callback holds is foreign code, so it goes without the lock.
        drop(awaited);
        drop(removed);
    }

    /// Drops whatever has been awaited for too long.
    pub(crate) fn expire(&self, now: Instant) {
        let mut expired = Vec::new();
        let mut awaited = self.awaited.lock();
        while let Some(entry) = awaited.deadlines.first_entry() {
            if entry.get().0 > now {
                break;
            }
            let (_, event_id) = entry.remove();
            expired.push(awaited.by_event.remove(&event_id));
        }
        drop(awaited);
        if !expired.is_empty() {
            tracing::debug!(count = expired.len(), "no longer awaiting replies");
        }
    }

    /// Gives a reply to the thread that waits for it; whether there is one.
    pub(crate) fn give_to_publisher(&self, reply: &Event) -> bool {
        let Some(event_id) = &reply.in_reply_to_event else {
            return false;
        };
        let awaited = self.awaited.lock();
        let Some((_, Awaiting::Publisher(slot, limit))) = awaited.by_event.get(event_id) else {
            return false;
        };
        let (slot, limit) = (Arc::clone(slot), *limit);
        drop(awaited);
        slot.add_reply(reply, limit);
        true
    }

    /// The callback for a reply. It stays, since there may be more replies.
    pub(crate) fn callback(&self, reply: &Event) -> Option<OnReply> {
        let event_id = reply.in_reply_to_event.as_ref()?;
        match self.awaited.lock().by_event.get(event_id)? {
            (_, Awaiting::Callback(callback)) => Some(Arc::clone(callback)),
            (_, Awaiting::Publisher(..)) => None,
        }
    }

    /// Whether replies to an event are awaited.
    pub(crate) fn are_awaited(&self, event_id: &str) -> bool {
        self.awaited.lock().by_event.contains_key(event_id)
    }

    /// How many events replies are awaited to.
    pub(crate) fn len(&self) -> usize {
        self.awaited.lock().by_event.len()
    }

    /// Drops all callbacks, and tells those who wait that it is in vain.
    pub(crate) fn clear(&self) {
        let awaited = std::mem::take(&mut *self.awaited.lock());
        for (_, awaiting) in awaited.by_event.values() {
            if let Awaiting::Publisher(slot, _) = awaiting {
                slot.close();
            }
        }
        drop(awaited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publication::Content;

    fn reply_to(id: &str) -> Event {
        Event::new("ftrack.meta.reply").with_in_reply_to_event(id)
    }

    fn callback() -> Awaiting {
        Awaiting::Callback(Arc::new(|_| ()))
    }

    #[test]
    fn callbacks_stay_until_their_time_is_over() {
        let replies = Replies::new(10, Duration::from_secs(5));
        let start = Instant::now();
        replies.expect("a", callback(), start).unwrap();
        let later = start + Duration::from_secs(3);
        replies.expect("b", callback(), later).unwrap();
        for _ in 0..2 {
            assert!(replies.callback(&reply_to("a")).is_some());
        }
        assert!(replies.callback(&reply_to("c")).is_none());
        replies.expire(start + Duration::from_secs(5));
        assert!(replies.callback(&reply_to("a")).is_none());
        assert!(replies.callback(&reply_to("b")).is_some());
        replies.forget("b");
        assert_eq!(replies.len(), 0);
        assert!(replies.awaited.lock().deadlines.is_empty());
    }

    #[test]
    fn their_number_is_bounded() {
        let replies = Replies::new(2, Duration::from_secs(5));
        let start = Instant::now();
        replies.expect("a", callback(), start).unwrap();
        replies.expect("b", callback(), start).unwrap();
        let full = replies.expect("c", callback(), start);
        assert!(matches!(full, Err(Error::QueueFull { limit: 2, .. })));
        let later = start + Duration::from_secs(6);
        replies.expect("c", callback(), later).unwrap();
        assert_eq!(replies.len(), 1);
    }

    #[test]
    fn a_waiting_publisher_is_told_at_once() {
        let replies = Replies::new(2, Duration::MAX);
        let slot = Arc::new(Slot::default());
        let awaiting = Awaiting::Publisher(Arc::clone(&slot), 1);
        replies.expect("a", awaiting, Instant::now()).unwrap();
        assert!(!replies.give_to_publisher(&reply_to("b")));
        let reply = reply_to("a");
        for reply in [&reply, &reply_to("a")] {
            assert!(replies.give_to_publisher(reply));
        }
        let found = slot.wait(Some(Instant::now()), |content| content.replies.pop());
        assert_eq!(found, Some(reply), "the first counts");
        let empty = |content: &mut Content| content.replies.is_empty().then_some(());
        assert!(slot.wait(Some(Instant::now()), empty).is_some());
        replies.clear();
        let closed = |content: &mut Content| content.closed.then_some(());
        assert!(slot.wait(None, closed).is_some());
    }
}
