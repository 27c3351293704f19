//! The connections, and the way of an event to those that want it.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use ftrack_expression::Expression;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::fault::EventFault;
use super::outbox::{Backlog, Outbox};
use super::subscriptions::{ConnectionId, Subscriptions};

/// All connections with their subscriptions.
#[derive(Debug, Default)]
pub(super) struct Hub {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    last: ConnectionId,
    outboxes: FxHashMap<ConnectionId, Arc<Outbox>>,
    subscriptions: Subscriptions,
}

/// A connection that the hub knows, until this is dropped.
#[derive(Debug)]
pub(super) struct Membership<'h> {
    hub: &'h Hub,
    id: ConnectionId,
    outbox: Arc<Outbox>,
}

impl Hub {
    /// Makes a connection known.
    pub(super) fn join(&self, backlog: Backlog) -> Membership<'_> {
        let outbox = Arc::new(Outbox::new(backlog));
        let mut state = self.state.write();
        state.last += 1;
        let id = state.last;
        state.outboxes.insert(id, Arc::clone(&outbox));
        Membership {
            hub: self,
            id,
            outbox,
        }
    }

    /// How many connections there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.state.read().outboxes.len()
    }

    /// Whether an event of this topic can concern anybody.
    pub(super) fn is_wanted(&self, topic: &str) -> bool {
        self.state.read().subscriptions.is_wanted(topic)
    }

    /// Gives an event to every connection that wants it; never waits for one of them. The packet is only made
    /// when there is such a connection, and shared by all.
    pub(super) fn publish(
        &self,
        topic: &str,
        event: &Json,
        target: Option<&Expression>,
        packet: impl FnOnce() -> Option<Utf8Bytes>,
    ) {
        let state = self.state.read();
        let recipients = state.subscriptions.recipients(topic, event, target);
        if recipients.is_empty() {
            return;
        }
        let Some(packet) = packet() else { return };
        tracing::trace!(
            topic,
            recipients = recipients.len(),
            "an event is on its way"
        );
        for outbox in recipients.iter().filter_map(|id| state.outboxes.get(id)) {
            outbox.push(packet.clone());
        }
    }
}

impl Membership<'_> {
    /// What is to be sent to the connection.
    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Subscribes to the events that match an expression.
    ///
    /// # Errors
    /// A subscriber without an id, or with one that the connection uses already.
    pub(super) fn subscribe(
        &self,
        subscriber: Json,
        expression: Expression,
    ) -> Result<(), EventFault> {
        let mut state = self.hub.state.write();
        state.subscriptions.add(self.id, subscriber, expression)
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// A subscriber that the connection does not have.
    pub(super) fn unsubscribe(&self, subscriber: &Json) -> Result<(), EventFault> {
        let mut state = self.hub.state.write();
        state.subscriptions.remove(self.id, subscriber)
    }
}

impl Drop for Membership<'_> {
    fn drop(&mut self) {
        let mut state = self.hub.state.write();
        state.outboxes.remove(&self.id);
        state.subscriptions.remove_connection(self.id);
    }
}
