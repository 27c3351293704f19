//! The event server: socket.io 0.9 over websockets, subscriptions, and the events that follow from writes.
//!
//! A client shakes hands with its credentials, gets a ticket, and opens a websocket with it. From then on both sides
//! send [packets](packet). What is published goes to every connection with a subscription that matches, once.

mod connection;
mod fault;
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

pub use self::limits::EventLimits;

use std::collections::VecDeque;

use axum::extract::ws::WebSocket;
use parking_lot::Mutex;

use self::hub::Hub;
use self::tickets::Tickets;
use self::update::{Update, Vocabulary, updates};
use crate::caller::Caller;
use crate::catalog::Catalog;
use crate::schema::Schema;
use crate::value::Value;
use crate::write::Batch;

/// The topic of the events that follow from writes.
const UPDATE: &str = "ftrack.update";

/// Everything that connections share.
#[derive(Debug)]
pub(crate) struct Events {
    hub: Hub,
    tickets: Tickets,
    /// What clients may expect, and what is expected of them.
    pub(crate) limits: EventLimits,
    vocabulary: Vocabulary,
    /// Names this run of the server as the source of events.
    source: String,
    /// Updates that are not delivered yet, in the order of their commits.
    updates: Mutex<VecDeque<Update>>,
    /// Held by whoever delivers updates, so that they arrive in order.
    delivering: Mutex<()>,
}

impl Events {
    /// An event server without connections.
    pub(crate) fn new(schema: &Schema, catalog: &Catalog) -> Self {
        Self {
            hub: Hub::default(),
            tickets: Tickets::default(),
            limits: EventLimits::default(),
            vocabulary: Vocabulary::new(schema, catalog),
            source: uuid::Uuid::new_v4().simple().to_string(),
            updates: Mutex::default(),
            delivering: Mutex::default(),
        }
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

    /// Talks to a client until one side has enough.
    pub(crate) async fn serve(&self, socket: WebSocket, caller: &Caller) {
        connection::serve(socket, self, caller).await;
    }

    /// Notes what a batch changed, to be told by [`deliver`](Self::deliver). To be called while the store is locked,
    /// so that the order of the events is that of the commits.
    pub(crate) fn record(&self, batch: &Batch<'_>, caller: &Caller) {
        if !self.hub.is_wanted(UPDATE) {
            return;
        }
        let users = self.hub.users();
        let updates = updates(&self.vocabulary, batch, caller, users);
        self.updates.lock().extend(updates);
    }

    /// Tells what was recorded, in order. To be called without holding the store.
    pub(crate) fn deliver(&self) {
        if self.updates.lock().is_empty() {
            return;
        }
        let _turn = self.delivering.lock();
        loop {
            // The lock must not be held while an event is told: commits wait for it.
            let next = self.updates.lock().pop_front();
            let Some(update) = next else { return };
            let candidate = update.candidate(&self.source);
            let audience = |user: &Value| update.is_for(user);
            self.hub
                .publish(&candidate, None, audience, || update.packet(&candidate));
        }
    }
}
