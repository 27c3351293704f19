//! What is to be sent, and what was sent and is not yet acknowledged.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::command::{Confirmed, Outgoing};
use crate::publication::Ticket;

/// How many events may be sent without being acknowledged. What waits behind them is safe when the
/// connection breaks, so that little is ever in doubt, and a heartbeat never waits for long.
const WINDOW: usize = 256;

/// How many bytes may be sent without being acknowledged, except by a single event.
const WINDOW_BYTES: usize = 4 << 20;

/// Both directions of what the server is to acknowledge.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    waiting: VecDeque<Outgoing>,
    /// By packet number, and so in the order of sending.
    sent: BTreeMap<u64, Sent>,
    events_sent: usize,
    bytes_sent: usize,
    last_number: u64,
}

/// A packet that the server has not yet acknowledged.
#[derive(Debug)]
struct Sent {
    at: Instant,
    bytes: usize,
    content: Content,
}

/// What a packet was for.
#[derive(Debug)]
pub(super) enum Content {
    /// An event, whose publisher may want to know.
    Event(Ticket),
    /// What the hub itself tells the server, in words for the log, and who waits for it.
    Notice(String, Option<Confirmed>),
}

/// A packet to be sent.
pub(super) struct Numbered {
    pub(super) number: u64,
    pub(super) text: String,
}

impl Traffic {
    pub(super) fn push(&mut self, outgoing: Outgoing) {
        self.waiting.push_back(outgoing);
    }

    /// The next event to be sent, if one more may be.
    pub(super) fn next(&mut self, now: Instant) -> Option<Numbered> {
        let first = self.waiting.front()?;
        let full = self.events_sent >= WINDOW
            || self.bytes_sent.saturating_add(first.text.len()) > WINDOW_BYTES;
        if full && self.events_sent > 0 {
            return None;
        }
        let Outgoing {
            mut ticket, text, ..
        } = self.waiting.pop_front()?;
        ticket.set_sent();
        let number = self.note(Content::Event(ticket), text.len(), now);
        Some(Numbered { number, text })
    }

    /// The number for something that the hub itself tells the server.
    pub(super) fn notice(&mut self, notice: Content, now: Instant) -> u64 {
        self.note(notice, 0, now)
    }

    fn note(&mut self, content: Content, bytes: usize, now: Instant) -> u64 {
        self.last_number += 1;
        self.events_sent += usize::from(matches!(content, Content::Event(_)));
        self.bytes_sent += bytes;
        let sent = Sent {
            at: now,
            bytes,
            content,
        };
        self.sent.insert(self.last_number, sent);
        self.last_number
    }

    /// What the packet of this number was for, if it is still awaited.
    pub(super) fn acknowledge(&mut self, number: u64) -> Option<Content> {
        let sent = self.sent.remove(&number)?;
        self.events_sent -= usize::from(matches!(sent.content, Content::Event(_)));
        self.bytes_sent -= sent.bytes;
        Some(sent.content)
    }

    /// The largest event among those that are not acknowledged, and its size in bytes.
    pub(super) fn take_largest(&mut self) -> Option<(usize, Ticket)> {
        let events = self.sent.iter();
        let events = events.filter(|(_, sent)| matches!(sent.content, Content::Event(_)));
        let (number, bytes) = events
            .map(|(number, sent)| (*number, sent.bytes))
            .max_by_key(|(_, bytes)| *bytes)?;
        match self.acknowledge(number)? {
            Content::Event(ticket) => Some((bytes, ticket)),
            Content::Notice(..) => None,
        }
    }

    /// When the oldest packet is given up.
    pub(super) fn deadline(&self, timeout: Duration) -> Option<Instant> {
        let (_, oldest) = self.sent.first_key_value()?;
        oldest.at.checked_add(timeout)
    }

    /// A packet that has not been acknowledged in time.
    pub(super) fn overdue(&mut self, timeout: Duration, now: Instant) -> Option<(u64, Content)> {
        if self.deadline(timeout)? > now {
            return None;
        }
        let number = *self.sent.first_key_value()?.0;
        Some((number, self.acknowledge(number)?))
    }

    /// Everything that was sent and is in doubt from now on.
    pub(super) fn take_sent(&mut self) -> impl Iterator<Item = Content> + use<> {
        self.events_sent = 0;
        self.bytes_sent = 0;
        std::mem::take(&mut self.sent)
            .into_values()
            .map(|sent| sent.content)
    }

    /// Everything that was never sent.
    pub(super) fn take_waiting(&mut self) -> VecDeque<Outgoing> {
        std::mem::take(&mut self.waiting)
    }

    /// How many packets the server has not yet acknowledged.
    pub(super) fn unacknowledged(&self) -> usize {
        self.sent.len()
    }

    /// Whether there is nothing more to send or to await.
    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.sent.is_empty()
    }
}
