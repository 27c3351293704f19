//! One websocket, from its opening to its end.

use std::ops::ControlFlow;
use std::time::Duration;

use ftrack_expression::Expression;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::{Value as Json, json};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::error::EventError;
use super::frames::{Frames, Socket};
use super::hub::Membership;
use super::message::{Event, Sender};
use super::outbox::{Outbox, QueuedPacket};
use super::packet::{Packet, PacketKind};
use super::{EventLimits, Events};
use crate::caller::Caller;
use crate::json_size::has_more_values;

/// The largest event that is accepted, in bytes of its packet.
const PACKET_LIMIT: usize = 16 * 1024 * 1024;

/// Reading a larger packet takes long enough to let other connections go on beside it.
const LARGE: usize = 64 * 1024;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, in good order or not.
    Gone,
    /// The client did not read what was sent to it.
    Behind,
    /// The client said nothing for too long, heartbeats included.
    Silent,
    /// The user lost the credentials or a role.
    Dismissed,
}

impl End {
    /// What the client is told.
    fn message(self) -> Option<&'static str> {
        match self {
            Self::Gone => None,
            Self::Behind => Some("disconnected: events were not read as fast as they came"),
            Self::Silent => Some("disconnected: heartbeats were not answered"),
            Self::Dismissed => Some("disconnected: credentials or roles were revoked"),
        }
    }
}

/// Talks to a client until one side has enough.
pub(super) async fn serve(
    socket: Socket,
    events: &Events,
    caller: &Caller,
    is_welcome: impl Fn() -> bool,
) {
    let client = Client {
        membership: events.hub.join(caller.id.clone(), events.limits.backlog),
        events,
        sender: Sender {
            username: &caller.username,
            id: caller.id.to_text(),
            server: &events.source,
        },
    };
    // Whoever is sent away from here on is known; before, the credentials tell.
    if !is_welcome() {
        client.membership.outbox().close();
    }
    let (sink, mut stream) = socket.split();
    let mut frames = Frames::new(sink);
    client.send(&Packet::new(PacketKind::Connect, ""));
    let limits = events.limits;
    let end = tokio::select! {
        end = read(&mut stream, &client, limits.silence) => end,
        end = write(&mut frames, client.membership.outbox(), &limits) => end,
    };
    tracing::debug!(user = caller.username, ?end, "an event connection ends");
    drop(client);
    take_leave(end, frames, stream, limits.farewell).await;
}

async fn read(stream: &mut SplitStream<Socket>, client: &Client<'_>, silence: Duration) -> End {
    loop {
        let message = match timeout(silence, stream.next()).await {
            Err(_) => return End::Silent,
            Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return End::Gone,
            Ok(Some(Ok(message))) => message,
        };
        match message {
            Message::Text(text) => {
                if client.membership.outbox().is_closed() {
                    // The other side says why.
                    continue;
                }
                if client.receive_beside(&text).is_break() {
                    return End::Gone;
                }
                // One that sends as fast as it can must not keep others from being heard.
                tokio::task::yield_now().await;
            }
            Message::Binary(_) => client.complain("packets are texts"),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
}

async fn write(frames: &mut Frames, outbox: &Outbox, limits: &EventLimits) -> End {
    let heartbeat = limits.heartbeat;
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beat.tick() => outbox.push(text(&Packet::new(PacketKind::Heartbeat, ""))),
            () = outbox.filled() => {}
        }
        if outbox.is_closed() {
            // Whoever does not read it in time misses it.
            let _ = timeout(limits.farewell, frames.send_all(outbox)).await;
            return End::Dismissed;
        }
        tokio::select! {
            sent = frames.send_all(outbox) => if sent.is_err() { return End::Gone },
            () = outbox.over() => {}
        }
        if outbox.is_overrun() {
            return End::Behind;
        }
    }
}

/// Says why, and closes. What the client still sends is read and dropped: unread data would make the network
/// throw away what it has not read yet.
async fn take_leave(
    end: End,
    mut frames: Frames,
    mut stream: SplitStream<Socket>,
    farewell: Duration,
) {
    let message = end.message();
    let last = message.map(|message| text(&Packet::new(PacketKind::Error, message)));
    let closing = frames.close(last.map(|packet| QueuedPacket::new(packet, None)));
    let draining = async { while let Some(Ok(_)) = stream.next().await {} };
    // Whoever does not read in time is cut off.
    let _ = timeout(farewell, async { tokio::join!(closing, draining) }).await;
}

/// The client at the other end.
struct Client<'a> {
    membership: Membership<'a>,
    events: &'a Events,
    sender: Sender<'a>,
}

impl Client<'_> {
    /// Does what a packet asks for; a large one while others are served by another thread.
    fn receive_beside(&self, text: &str) -> ControlFlow<()> {
        let has_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
        if text.len() > LARGE && has_threads {
            tokio::task::block_in_place(|| self.receive(text))
        } else {
            self.receive(text)
        }
    }

    /// Does what a packet asks for; breaks when the client leaves.
    fn receive(&self, text: &str) -> ControlFlow<()> {
        let packet = match Packet::parse(text) {
            Ok(packet) => packet,
            Err(error) => {
                self.complain(&error.to_string());
                return ControlFlow::Continue(());
            }
        };
        match packet.kind {
            PacketKind::Disconnect => return ControlFlow::Break(()),
            PacketKind::Event if text.len() > PACKET_LIMIT => {
                let (bytes, limit) = (text.len(), PACKET_LIMIT);
                self.acknowledge(&packet, &Err(EventError::TooLarge { bytes, limit }));
            }
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
        let bounds = &self.events.bounds;
        if has_more_values(packet.data.as_bytes(), bounds.values) {
            return self.acknowledge(packet, &Err(EventError::Values(bounds.values)));
        }
        let event = match Event::receive(packet.data, &self.sender, bounds) {
            Ok(event) => event,
            Err(error) => return self.acknowledge(packet, &Err(error)),
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

    fn subscribe(&self, data: Option<&Json>) -> Result<(), EventError> {
        let part = |name: &str| data.and_then(|data| data.get(name));
        let subscription = part("subscription")
            .and_then(Json::as_str)
            .ok_or(EventError::NoSubscription)?;
        let limit = self.events.bounds.subscription;
        if subscription.len() > limit {
            let what = "expression of a subscription";
            return Err(EventError::TooLong { what, limit });
        }
        let expression = Expression::parse(subscription).map_err(EventError::Subscription)?;
        let subscriber = part("subscriber").cloned().unwrap_or_default();
        let bytes = subscription.len() + subscriber.to_string().len();
        self.membership.subscribe(subscriber, expression, bytes)
    }

    fn unsubscribe(&self, data: Option<&Json>) -> Result<(), EventError> {
        let subscriber = data.and_then(|data| data.get("subscriber"));
        self.membership
            .unsubscribe(subscriber.unwrap_or(&Json::Null))
    }

    /// Answers a packet that has an id, with exactly one object: the Python client fails on any other number.
    fn acknowledge(&self, packet: &Packet<'_>, outcome: &Result<(), EventError>) {
        if let Err(error) = outcome {
            tracing::debug!(user = self.sender.username, %error, "an event is not accepted");
        }
        if packet.id.is_empty() {
            return;
        }
        let answer = match outcome {
            Ok(()) => json!([{"success": true}]),
            Err(error) => json!([{"success": false, "message": error.to_string()}]),
        };
        let data = format!("{}+{answer}", packet.id);
        self.send(&Packet::new(PacketKind::Acknowledge, &data));
    }

    fn complain(&self, message: &str) {
        tracing::debug!(
            user = self.sender.username,
            message,
            "a client sent no packet"
        );
        self.send(&Packet::new(PacketKind::Error, message));
    }

    fn send(&self, packet: &Packet<'_>) {
        self.membership.outbox().push(text(packet));
    }
}

fn text(packet: &Packet<'_>) -> Utf8Bytes {
    packet.to_string().into()
}
