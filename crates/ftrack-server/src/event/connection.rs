//! One websocket, from its opening to its end.

use std::ops::ControlFlow;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use ftrack_expression::Expression;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::Events;
use super::fault::EventFault;
use super::hub::Membership;
use super::message::Event;
use super::outbox::Outbox;
use super::packet::{Packet, PacketKind};
use crate::caller::Caller;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, in good order or not.
    Gone,
    /// The client did not read what was sent to it.
    Behind,
    /// The client said nothing for too long, heartbeats included.
    Silent,
}

impl End {
    /// What the client is told.
    fn message(self) -> Option<&'static str> {
        match self {
            Self::Gone => None,
            Self::Behind => Some("disconnected: events were not read as fast as they came"),
            Self::Silent => Some("disconnected: heartbeats were not answered"),
        }
    }
}

/// Talks to a client until one side has enough.
pub(super) async fn serve(socket: WebSocket, events: &Events, caller: &Caller) {
    let client = Client {
        membership: events.hub.join(caller.id.clone(), events.limits.backlog),
        events,
        username: &caller.username,
    };
    let (mut sink, mut stream) = socket.split();
    client.send(&Packet::new(PacketKind::Connect, ""));
    let limits = events.limits;
    let end = tokio::select! {
        end = read(&mut stream, &client, limits.silence) => end,
        end = write(&mut sink, client.membership.outbox(), limits.heartbeat) => end,
    };
    tracing::debug!(user = caller.username, ?end, "an event connection ends");
    drop(client);
    take_leave(end, sink, stream, limits.farewell).await;
}

async fn read(stream: &mut SplitStream<WebSocket>, client: &Client<'_>, silence: Duration) -> End {
    loop {
        let message = match timeout(silence, stream.next()).await {
            Err(_) => return End::Silent,
            Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return End::Gone,
            Ok(Some(Ok(message))) => message,
        };
        match message {
            Message::Text(text) => {
                if client.receive(&text).is_break() {
                    return End::Gone;
                }
            }
            Message::Binary(_) => client.complain("packets are texts"),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }
}

async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    outbox: &Outbox,
    heartbeat: Duration,
) -> End {
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beat.tick() => outbox.push(text(&Packet::new(PacketKind::Heartbeat, ""))),
            () = outbox.filled() => {}
        }
        tokio::select! {
            sent = send_all(sink, outbox) => if sent.is_err() { return End::Gone },
            () = outbox.overrun() => {}
        }
        if outbox.is_overrun() {
            return End::Behind;
        }
    }
}

async fn send_all(
    sink: &mut SplitSink<WebSocket, Message>,
    outbox: &Outbox,
) -> Result<(), axum::Error> {
    while let Some(packet) = outbox.pop() {
        sink.feed(Message::Text(packet)).await?;
    }
    sink.flush().await
}

/// Says why, and closes. What the client still sends is read and dropped: unread data would make the network
/// throw away what it has not read yet.
async fn take_leave(
    end: End,
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
    farewell: Duration,
) {
    let closing = async {
        if let Some(message) = end.message() {
            let packet = text(&Packet::new(PacketKind::Error, message));
            sink.send(Message::Text(packet)).await?;
        }
        sink.close().await
    };
    let draining = async { while let Some(Ok(_)) = stream.next().await {} };
    // Whoever does not read in time is cut off.
    let _ = timeout(farewell, async { tokio::join!(closing, draining) }).await;
}

/// The client at the other end.
struct Client<'a> {
    membership: Membership<'a>,
    events: &'a Events,
    username: &'a str,
}

impl Client<'_> {
    /// Does what a packet asks for; breaks when the client leaves.
    fn receive(&self, packet: &str) -> ControlFlow<()> {
        let packet = match Packet::parse(packet) {
            Ok(packet) => packet,
            Err(error) => {
                self.complain(&error.to_string());
                return ControlFlow::Continue(());
            }
        };
        match packet.kind {
            PacketKind::Disconnect => return ControlFlow::Break(()),
            PacketKind::Event => self.event(&packet),
            PacketKind::Error => tracing::debug!(message = packet.data, "a client complains"),
            // To have been heard is all that a heartbeat is for; the others mean nothing to this server.
            PacketKind::Connect
            | PacketKind::Heartbeat
            | PacketKind::Message
            | PacketKind::Json
            | PacketKind::Acknowledge
            | PacketKind::Noop => {}
        }
        ControlFlow::Continue(())
    }

    fn event(&self, packet: &Packet<'_>) {
        let event = match Event::receive(packet.data, self.username) {
            Ok(event) => event,
            Err(fault) => return self.acknowledge(packet, &Err(fault)),
        };
        let data = event.json.get("data");
        match event.topic.as_str() {
            "ftrack.meta.subscribe" => self.acknowledge(packet, &self.subscribe(data)),
            "ftrack.meta.unsubscribe" => self.acknowledge(packet, &self.unsubscribe(data)),
            _ => {
                self.acknowledge(packet, &Ok(()));
                self.events.hub.publish(
                    &event.json,
                    event.target.as_ref(),
                    |_| true,
                    || Some(event.packet()),
                );
            }
        }
    }

    fn subscribe(&self, data: Option<&Json>) -> Result<(), EventFault> {
        let part = |name: &str| data.and_then(|data| data.get(name));
        let subscription = part("subscription")
            .and_then(Json::as_str)
            .ok_or(EventFault::NoSubscription)?;
        let expression = Expression::parse(subscription).map_err(EventFault::Subscription)?;
        let subscriber = part("subscriber").cloned().unwrap_or_default();
        self.membership.subscribe(subscriber, expression)
    }

    fn unsubscribe(&self, data: Option<&Json>) -> Result<(), EventFault> {
        let subscriber = data.and_then(|data| data.get("subscriber"));
        self.membership
            .unsubscribe(subscriber.unwrap_or(&Json::Null))
    }

    /// Answers a packet that has an id, with exactly one object: the Python client fails on any other number.
    fn acknowledge(&self, packet: &Packet<'_>, outcome: &Result<(), EventFault>) {
        if let Err(fault) = outcome {
            tracing::debug!(user = self.username, %fault, "an event is not accepted");
        }
        if packet.id.is_empty() {
            return;
        }
        let answer = match outcome {
            Ok(()) => json!([{"success": true}]),
            Err(fault) => json!([{"success": false, "message": fault.to_string()}]),
        };
        let data = format!("{}+{answer}", packet.id);
        self.send(&Packet::new(PacketKind::Acknowledge, &data));
    }

    fn complain(&self, message: &str) {
        tracing::debug!(user = self.username, message, "a client sent no packet");
        self.send(&Packet::new(PacketKind::Error, message));
    }

    fn send(&self, packet: &Packet<'_>) {
        self.membership.outbox().push(text(packet));
    }
}

fn text(packet: &Packet<'_>) -> Utf8Bytes {
    packet.to_string().into()
}
