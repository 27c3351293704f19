//! What becomes of a published event.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::event::Event;
use crate::outbox::Permit;
use crate::outcome::Outcome;

/// An event on its way to the server. It may be dropped by whoever does not want to know more.
///
/// ```no_run
/// use std::time::Duration;
/// use ftrack_event::{Event, EventHub, Outcome};
/// # fn example(hub: &EventHub) -> ftrack_event::Result<()> {
/// let publication = hub.publish(Event::new("studio.shot-published"))?;
/// if publication.wait(Duration::from_secs(5)) != Some(Outcome::Acknowledged) {
///     eprintln!("{} may have been lost", publication.event_id());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Publication {
    event_id: String,
    slot: Arc<Slot>,
    /// Who has to be asked instead of the slot.
    ask_outcome: Option<Arc<AskOutcome>>,
}

/// Says what became of an event that another hub published, once that is known; waits that long at the most.
type AskOutcome = dyn Fn(Duration) -> Option<Outcome> + Send + Sync;

impl Publication {
    pub(crate) fn new(event_id: String, slot: Arc<Slot>) -> Self {
        Self {
            event_id,
            slot,
            ask_outcome: None,
        }
    }

    /// One of an event that another hub published, for a [`Relay`](crate::Relay). `ask_outcome` says what became of it;
    /// it waits for that, but no longer than it is told.
    pub fn relayed(
        event_id: impl Into<String>,
        ask_outcome: impl Fn(Duration) -> Option<Outcome> + Send + Sync + 'static,
    ) -> Self {
        Self {
            event_id: event_id.into(),
            slot: Arc::default(),
            ask_outcome: Some(Arc::new(ask_outcome)),
        }
    }

    /// One of an event that was not sent.
    pub(crate) fn failed(event_id: String) -> Self {
        let slot = Arc::new(Slot::default());
        slot.set_outcome(Outcome::NotSent);
        Self::new(event_id, slot)
    }

    /// The id of the event.
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// What became of the event, if that is known.
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.ask_outcome {
            Some(ask_outcome) => ask_outcome(Duration::ZERO),
            None => self.slot.content.lock().outcome.clone(),
        }
    }

    /// Blocks until it is known what became of the event; `None` if it is not known in time.
    ///
    /// It needs nobody who handles events meanwhile.
    pub fn wait(&self, timeout: Duration) -> Option<Outcome> {
        if let Some(ask_outcome) = &self.ask_outcome {
            return ask_outcome(timeout);
        }
        let until = Instant::now().checked_add(timeout);
        self.slot.wait(until, |content| content.outcome.clone())
    }
}

impl fmt::Debug for Publication {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Publication")
            .field("event_id", &self.event_id)
            .field("outcome", &self.outcome())
            .finish_non_exhaustive()
    }
}

/// Where a publisher waits.
#[derive(Default)]
pub(crate) struct Slot {
    content: Mutex<Content>,
    changed: Condvar,
}

#[derive(Default)]
pub(crate) struct Content {
    pub(crate) outcome: Option<Outcome>,
    /// In the order of arrival.
    pub(crate) replies: Vec<Event>,
    /// Whether the hub was closed, so that there will be no replies any more.
    pub(crate) closed: bool,
}

/// What a publisher that waited has heard.
pub(crate) struct Gathered {
    /// In the order of arrival.
    pub(crate) replies: Vec<Event>,
    /// Whether the server has the event.
    pub(crate) acknowledged: bool,
}

impl Slot {
    /// Adds a reply, unless there are so many already.
    pub(crate) fn add_reply(&self, reply: &Event, limit: usize) {
        let mut content = self.content.lock();
        if content.replies.len() < limit {
            content.replies.push(reply.clone());
            drop(content);
            self.changed.notify_all();
        }
    }

    pub(crate) fn take_gathered(&self) -> Gathered {
        let mut content = self.content.lock();
        Gathered {
            replies: std::mem::take(&mut content.replies),
            acknowledged: content.outcome == Some(Outcome::Acknowledged),
        }
    }

    pub(crate) fn close(&self) {
        self.content.lock().closed = true;
        self.changed.notify_all();
    }

    fn set_outcome(&self, outcome: Outcome) {
        self.content.lock().outcome.get_or_insert(outcome);
        self.changed.notify_all();
    }

    /// Blocks until there is something to find.
    pub(crate) fn wait<T>(
        &self,
        until: Option<Instant>,
        mut find: impl FnMut(&mut Content) -> Option<T>,
    ) -> Option<T> {
        let mut content = self.content.lock();
        loop {
            if let Some(found) = find(&mut content) {
                return Some(found);
            }
            match until {
                Some(until) => {
                    if self.changed.wait_until(&mut content, until).timed_out() {
                        return find(&mut content);
                    }
                }
                None => self.changed.wait(&mut content),
            }
        }
    }
}

/// The right to be on the way to the server, and the duty to report what came of it.
///
/// Dropped without a report, it reports what is known: so no publisher ever waits in vain.
pub(crate) struct Ticket {
    slot: Arc<Slot>,
    sent: bool,
    permit: Option<Permit>,
}

impl Ticket {
    pub(crate) fn new(slot: Arc<Slot>, permit: Permit) -> Self {
        Self {
            slot,
            sent: false,
            permit: Some(permit),
        }
    }

    /// Notes that from now on the server may have it.
    pub(crate) fn set_sent(&mut self) {
        self.sent = true;
    }

    pub(crate) fn report(mut self, outcome: Outcome) {
        self.settle(outcome);
    }

    /// Frees the place first: a publisher that knows the outcome finds its event gone from what
    /// is on its way.
    fn settle(&mut self, outcome: Outcome) {
        drop(self.permit.take());
        self.slot.set_outcome(outcome);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.settle(if self.sent {
            Outcome::Unconfirmed
        } else {
            Outcome::NotSent
        });
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ticket")
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Outbox;

    #[test]
    fn a_lost_ticket_says_what_is_known() {
        let outbox = Outbox::new(10, 10);
        for (sent, expected) in [(false, Outcome::NotSent), (true, Outcome::Unconfirmed)] {
            let slot = Arc::new(Slot::default());
            let publication = Publication::new("e".to_owned(), Arc::clone(&slot));
            let mut ticket = Ticket::new(slot, outbox.admit(1).unwrap());
            if sent {
                ticket.set_sent();
            }
            assert_eq!(publication.wait(Duration::ZERO), None);
            drop(ticket);
            assert_eq!(publication.wait(Duration::ZERO), Some(expected));
        }
        assert_eq!(outbox.events(), 0);
    }

    #[test]
    fn the_first_report_counts() {
        let outbox = Outbox::new(10, 10);
        let slot = Arc::new(Slot::default());
        let publication = Publication::new("e".to_owned(), Arc::clone(&slot));
        Ticket::new(slot, outbox.admit(1).unwrap()).report(Outcome::Acknowledged);
        assert_eq!(publication.outcome(), Some(Outcome::Acknowledged));
    }

    #[test]
    fn whoever_knows_the_outcome_finds_the_place_free() {
        let outbox = Outbox::new(1, 10);
        for _ in 0..1_000 {
            let slot = Arc::new(Slot::default());
            let publication = Publication::new("e".to_owned(), Arc::clone(&slot));
            let ticket = Ticket::new(slot, outbox.admit(1).unwrap());
            let reporting = std::thread::spawn(move || ticket.report(Outcome::Acknowledged));
            assert!(publication.wait(Duration::from_secs(10)).is_some());
            assert_eq!(outbox.events(), 0);
            reporting.join().unwrap();
        }
    }
}
