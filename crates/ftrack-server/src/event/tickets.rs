//! Tickets: the proof of a handshake, with which a websocket is opened.

use std::time::{Duration, Instant};

use indexmap::IndexMap;
use parking_lot::Mutex;

use crate::caller::Caller;

/// How long a client may take from the handshake to the websocket.
const VALIDITY: Duration = Duration::from_secs(60);

/// More tickets than this are not open at a time; the oldest go first.
const LIMIT: usize = 16_384;

/// Tickets that were given out and not used yet, oldest first.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    open: Mutex<IndexMap<String, Ticket>>,
}

#[derive(Debug)]
struct Ticket {
    caller: Caller,
    issued: Instant,
}

impl Tickets {
    /// A ticket for somebody whose credentials were checked.
    pub(super) fn issue(&self, caller: Caller) -> String {
        self.issue_at(caller, Instant::now())
    }

    /// Whose ticket this is. It is good for one websocket.
    pub(super) fn redeem(&self, id: &str) -> Option<Caller> {
        self.redeem_at(id, Instant::now())
    }

    fn issue_at(&self, caller: Caller, now: Instant) -> String {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let mut open = self.open.lock();
        let over = open.values().take_while(|ticket| ticket.is_over(now));
        let surplus = (open.len() + 1).saturating_sub(LIMIT);
        let oldest = over.count().max(surplus);
        open.drain(..oldest);
        open.insert(
            id.clone(),
            Ticket {
                caller,
                issued: now,
            },
        );
        id
    }

    fn redeem_at(&self, id: &str, now: Instant) -> Option<Caller> {
        let ticket = self.open.lock().shift_remove(id)?;
        (!ticket.is_over(now)).then_some(ticket.caller)
    }
}

impl Ticket {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.issued) > VALIDITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn caller(name: &str) -> Caller {
        Caller {
            id: Value::fresh_id(),
            username: name.to_owned(),
            grant: crate::rights::Grant::default(),
            tokens: crate::caller::Tokens::default(),
            reached: None,
        }
    }

    #[test]
    fn a_ticket_is_good_once_and_for_a_minute() {
        let tickets = Tickets::default();
        let now = Instant::now();
        let ticket = tickets.issue_at(caller("ada"), now);
        let late = tickets.issue_at(caller("bob"), now);
        let redeemed = tickets.redeem_at(&ticket, now + VALIDITY).unwrap();
        assert_eq!(redeemed.username, "ada");
        assert!(tickets.redeem_at(&ticket, now).is_none());
        assert!(
            tickets
                .redeem_at(&late, now + VALIDITY + Duration::from_secs(1))
                .is_none()
        );
        assert!(tickets.redeem("nothing").is_none());
    }

    #[test]
    fn tickets_that_nobody_uses_go_away() {
        let tickets = Tickets::default();
        let now = Instant::now();
        let first = tickets.issue_at(caller("ada"), now);
        for _ in 0..LIMIT {
            tickets.issue_at(caller("ada"), now);
        }
        assert_eq!(tickets.open.lock().len(), LIMIT);
        assert!(tickets.redeem_at(&first, now).is_none());
        tickets.issue_at(caller("ada"), now + VALIDITY * 2);
        assert_eq!(tickets.open.lock().len(), 1);
    }
}
