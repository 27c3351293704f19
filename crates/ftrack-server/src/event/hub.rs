//! The connections, and the way of an event to those that want it.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use ftrack_expression::Expression;
use parking_lot::RwLock;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::fault::EventFault;
use super::outbox::{Backlog, Outbox};
use super::subscriptions::{ConnectionId, Subscriptions};
use crate::value::Value;

/// All connections with their subscriptions.
#[derive(Debug, Default)]
pub(super) struct Hub {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    last: ConnectionId,
    members: FxHashMap<ConnectionId, Member>,
    subscriptions: Subscriptions,
}

/// A connection.
#[derive(Debug)]
struct Member {
    /// The id of whoever opened it.
    user: Value,
    outbox: Arc<Outbox>,
}

/// A connection that the hub knows, until this is dropped.
#[derive(Debug)]
pub(super) struct Membership<'h> {
    hub: &'h Hub,
    id: ConnectionId,
    outbox: Arc<Outbox>,
}

impl Hub {
    /// Makes a connection of a user known.
    pub(super) fn join(&self, user: Value, backlog: Backlog) -> Membership<'_> {
        let outbox = Arc::new(Outbox::new(backlog));
        let mut state = self.state.write();
        state.last += 1;
        let id = state.last;
        let member = Member {
            user,
            outbox: Arc::clone(&outbox),
        };
        state.members.insert(id, member);
        Membership {
            hub: self,
            id,
            outbox,
        }
    }

    /// How many connections there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.state.read().members.len()
    }

    /// The ids of the users who have a connection.
    pub(super) fn users(&self) -> FxHashSet<Value> {
        let state = self.state.read();
        let users = state.members.values();
        users.map(|member| member.user.clone()).collect()
    }

    /// Whether an event of this topic can concern anybody.
    pub(super) fn is_wanted(&self, topic: &str) -> bool {
        self.state.read().subscriptions.is_wanted(topic)
    }

    /// Gives an event to every connection that wants it and whose user is of the audience; never waits for one of
    /// them. The packet is only made when there is such a connection, and shared by all.
    pub(super) fn publish(
        &self,
        event: &Json,
        target: Option<&Expression>,
        audience: impl Fn(&Value) -> bool,
        packet: impl FnOnce() -> Option<Utf8Bytes>,
    ) {
        let topic = event.get("topic").and_then(Json::as_str);
        let topic = topic.unwrap_or_default();
        let state = self.state.read();
        let recipients = state.subscriptions.recipients(topic, event, target);
        let mut recipients = recipients
            .iter()
            .filter_map(|id| state.members.get(id))
            .filter(|member| audience(&member.user))
            .peekable();
        if recipients.peek().is_none() {
            return;
        }
        let Some(packet) = packet() else { return };
        tracing::trace!(topic, "an event is on its way");
        for member in recipients {
            member.outbox.push(packet.clone());
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
        state.members.remove(&self.id);
        state.subscriptions.remove_connection(self.id);
    }
}
