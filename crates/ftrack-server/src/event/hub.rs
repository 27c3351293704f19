//! The connections, and the way of an event to those that want it.

use std::sync::Arc;

use ftrack_expression::Expression;
use parking_lot::RwLock;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::error::EventError;
use super::outbox::{Backlog, Outbox, QueuedPacket};
use super::subscriptions::{ConnectionId, Subscriptions};
use crate::budget::{Pool, Share};
use crate::limits::ServerLimits;
use crate::value::Value;

/// All connections with their subscriptions.
#[derive(Debug)]
pub(super) struct Hub {
    state: RwLock<State>,
    /// Bytes of events that wait for receivers.
    queued: Arc<Pool>,
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

impl Default for Hub {
    fn default() -> Self {
        Self::new(&ServerLimits::default())
    }
}

impl Hub {
    /// No connections, and what they may have when they come.
    pub(super) fn new(limits: &ServerLimits) -> Self {
        let state = State {
            subscriptions: Subscriptions::new(limits.subscriptions),
            ..State::default()
        };
        Self {
            state: RwLock::new(state),
            queued: Arc::new(Pool::new(limits.queued_bytes)),
        }
    }

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

    /// Sends the connections of some users away.
    pub(super) fn dismiss(&self, is_meant: impl Fn(&Value) -> bool) {
        let state = self.state.read();
        let meant = state.members.values();
        for member in meant.filter(|member| is_meant(&member.user)) {
            member.outbox.close();
        }
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
        let share = self.room(&state, packet.len());
        let queued = QueuedPacket::new(packet, share);
        for member in recipients {
            member.outbox.push_shared(Arc::clone(&queued));
        }
    }

    /// Room for so many bytes. Where there is none, the connections for which most bytes wait are given up; a packet
    /// that nothing waits beside is let through, however large it is.
    fn room(&self, state: &State, bytes: usize) -> Option<Share> {
        loop {
            if let Some(share) = self.queued.take(bytes) {
                return Some(share);
            }
            let waiting = state
                .members
                .values()
                .map(|member| (member.outbox.waiting(), member));
            let (most, member) = waiting.max_by_key(|(waiting, _)| *waiting)?;
            if most == 0 {
                return None;
            }
            tracing::debug!(waiting = most, "a connection is given up to make room");
            member.outbox.give_up();
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
        bytes: usize,
    ) -> Result<(), EventError> {
        let mut state = self.hub.state.write();
        state
            .subscriptions
            .add(self.id, subscriber, expression, bytes)
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// A subscriber that the connection does not have.
    pub(super) fn unsubscribe(&self, subscriber: &Json) -> Result<(), EventError> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_packet_to_many_is_counted_once_and_those_furthest_behind_make_room() {
        let limits = ServerLimits {
            queued_bytes: 10,
            ..ServerLimits::default()
        };
        let hub = Hub::new(&limits);
        let backlog = Backlog {
            packets: 100,
            bytes: 1_000,
        };
        let members: Vec<Membership<'_>> = (0..4)
            .map(|_| {
                let member = hub.join(Value::Null, backlog);
                let expression = Expression::parse("topic=x").unwrap();
                member.subscribe(json!({"id": "a"}), expression, 1).unwrap();
                member
            })
            .collect();
        let publish = |packet: &str| {
            let packet = Utf8Bytes::from(packet.to_owned());
            hub.publish(&json!({"topic": "x"}), None, |_| true, || Some(packet));
        };
        publish("123456");
        assert!(members.iter().all(|member| !member.outbox().is_overrun()));
        let (reading, silent) = members.split_first().unwrap();
        assert!(reading.outbox().pop().is_some());
        publish("654321");
        assert!(silent.iter().all(|member| member.outbox().is_overrun()));
        let queued = reading
            .outbox()
            .pop()
            .map(|queued| queued.packet.to_string());
        assert_eq!(queued.as_deref(), Some("654321"));
        let long = "x".repeat(100);
        publish(&long);
        let queued = reading
            .outbox()
            .pop()
            .map(|queued| queued.packet.to_string());
        assert_eq!(
            queued,
            Some(long),
            "one that nothing waits beside is let through"
        );
    }
}
