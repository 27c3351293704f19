//! The event server: socket.io 0.9 over websockets, subscriptions, and the events that follow from writes.
//!
//! A client shakes hands with its credentials, gets a ticket, and opens a websocket with it. From then on both sides
//! send [packets](packet). What is published goes once to each connection that may see it and has a subscription that
//! matches.

mod connection;
mod error;
mod frames;
mod hub;
mod limits;
mod message;
mod outbox;
mod packet;
mod subscriptions;
mod tickets;
mod topics;
mod update;

#[cfg(test)]
mod tests;

pub(crate) use self::frames::Socket;
pub use self::limits::EventLimits;

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use self::hub::Hub;
use self::tickets::Tickets;
use self::update::{Update, Vocabulary, updates};
use crate::caller::Caller;
use crate::catalog::Catalog;
use crate::limits::ServerLimits;
use crate::schema::Schema;
use crate::store::{Store, Undo};
use crate::value::Value;

/// The topic of the events that follow from writes.
const UPDATE: &str = "ftrack.update";

/// What a commit has to tell.
#[derive(Debug)]
enum Commit {
    /// It is not known yet.
    Pending,
    Known(Vec<Update>),
}

/// The place of a commit among those that are told. With nothing recorded, nothing is told of it.
#[derive(Debug)]
pub(crate) struct Place<'e> {
    events: &'e Events,
    commit: Arc<Mutex<Commit>>,
}

/// Everything that connections share.
#[derive(Debug)]
pub(crate) struct Events {
    hub: Hub,
    bounds: Arc<ServerLimits>,
    tickets: Tickets,
    /// What clients may expect, and what is expected of them.
    pub(crate) limits: EventLimits,
    vocabulary: RwLock<Arc<Vocabulary>>,
    /// Names this run of the server as the source of events.
    source: String,
    /// Updates that are not delivered yet, in the order of their commits.
    updates: Mutex<VecDeque<Arc<Mutex<Commit>>>>,
    /// Held by whoever delivers updates, so that they arrive in order.
    delivering: Mutex<()>,
}

impl Events {
    /// An event server without connections.
    pub(crate) fn new(schema: &Schema, catalog: &Catalog) -> Self {
        Self {
            hub: Hub::default(),
            bounds: Arc::default(),
            tickets: Tickets::default(),
            limits: EventLimits::default(),
            vocabulary: RwLock::new(Arc::new(Vocabulary::new(schema, catalog))),
            source: uuid::Uuid::new_v4().simple().to_string(),
            updates: Mutex::default(),
            delivering: Mutex::default(),
        }
    }

    /// Says what clients may ask for, before there are any.
    pub(crate) fn set_bounds(&mut self, bounds: &Arc<ServerLimits>) {
        self.hub = Hub::new(bounds);
        self.bounds = Arc::clone(bounds);
    }

    /// Shakes hands with somebody whose credentials were checked: the ticket for a websocket, and what is expected.
    pub(crate) fn invite(&self, caller: Caller) -> String {
        let ticket = self.tickets.issue(caller);
        let seconds = self.limits.silence.as_secs();
        format!("{ticket}:{seconds}:{seconds}:websocket")
    }

    /// Whose ticket this is. It is good once.
    pub(crate) fn admit(&self, ticket: &str) -> Option<Caller> {
        self.tickets.redeem(ticket)
    }

    /// Sends users away, once they were told what waits for them.
    pub(crate) fn dismiss(&self, is_meant: impl Fn(&Value) -> bool) {
        self.hub.dismiss(is_meant);
    }

    /// Talks to a client until one side has enough; not at all to one who is not welcome any more once it is known.
    pub(crate) async fn serve(
        &self,
        socket: Socket,
        caller: &Caller,
        is_welcome: impl Fn() -> bool,
    ) {
        connection::serve(socket, self, caller, is_welcome).await;
    }

    /// Learns how types and attributes are called now.
    pub(crate) fn redefine(&self, schema: &Schema, catalog: &Catalog) {
        *self.vocabulary.write() = Arc::new(Vocabulary::new(schema, catalog));
    }

    /// Takes the next place among the commits that are told. To be called by whoever has the turn to write, so that the
    /// order of the events is that of the commits.
    pub(crate) fn reserve(&self) -> Place<'_> {
        let commit = Arc::new(Mutex::new(Commit::Pending));
        self.updates.lock().push_back(Arc::clone(&commit));
        Place {
            events: self,
            commit,
        }
    }

    /// Tells what was recorded, in order, as far as everything before it is known. To be called without holding the
    /// store.
    pub(crate) fn deliver(&self) {
        if self.updates.lock().is_empty() {
            return;
        }
        let _turn = self.delivering.lock();
        // No lock but this one may be held while an event is told: commits wait for them.
        while let Some(updates) = self.next_known() {
            for update in updates {
                let candidate = update.candidate(&self.source);
                let audience = |user: &Value| update.is_for(user);
                self.hub
                    .publish(&candidate, None, audience, || update.packet(&candidate));
            }
        }
    }

    /// What the next commit has to tell; nothing where it is not known yet. Then whoever makes it known tells the rest.
    fn next_known(&self) -> Option<Vec<Update>> {
        let mut updates = self.updates.lock();
        let commit = Arc::clone(updates.front()?);
        let mut commit = commit.lock();
        match &mut *commit {
            Commit::Pending => None,
            Commit::Known(known) => {
                updates.pop_front();
                Some(std::mem::take(known))
            }
        }
    }
}

impl Place<'_> {
    /// Notes what the batch made of the store, to be told by [`deliver`](Events::deliver).
    pub(crate) fn record(self, store: &Store, undo: &[Undo], caller: &Caller) {
        let events = self.events;
        if !events.hub.is_wanted(UPDATE) {
            return;
        }
        let users = events.hub.users();
        let vocabulary = Arc::clone(&events.vocabulary.read());
        let updates = updates(&vocabulary, store, undo, caller, users);
        *self.commit.lock() = Commit::Known(updates);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut commit = self.commit.lock();
        if matches!(*commit, Commit::Pending) {
            *commit = Commit::Known(Vec::new());
        }
    }
}
