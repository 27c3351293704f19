//! An event client of few lines, to see exactly what the server sends.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::client::{Answer, Studio, send};

const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to the event server.
pub(crate) struct Peer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    packets: u32,
}

/// Shakes hands with the credentials of the studio.
pub(crate) fn shake_hands(studio: &Studio) -> Answer {
    shake_hands_of(studio, studio.server.user(), studio.server.api_key())
}

/// Shakes hands with the credentials of a user.
fn shake_hands_of(studio: &Studio, user: &str, key: &str) -> Answer {
    let headers = [("ftrack-user", user), ("ftrack-api-key", key)];
    send(studio.server.url(), "GET", "/socket.io/1/", &headers, b"")
}

/// The address of the websocket of a handshake.
pub(crate) fn socket_url(studio: &Studio, ticket: &str) -> String {
    let address = studio.server.address();
    format!("ws://{address}/socket.io/1/websocket/{ticket}")
}

impl Peer {
    /// Connects, and reads the first packet.
    pub(crate) async fn connect(studio: &Studio) -> Self {
        Self::connect_as(studio, studio.server.user(), studio.server.api_key()).await
    }

    /// Connects with the credentials of a user, and reads the first packet.
    pub(crate) async fn connect_as(studio: &Studio, user: &str, key: &str) -> Self {
        let answer = shake_hands_of(studio, user, key);
        assert_eq!(answer.status, 200);
        let text = String::from_utf8(answer.body).unwrap();
        let (ticket, _) = text.split_once(':').unwrap();
        let mut peer = Self::redeem(studio, ticket).await;
        assert_eq!(peer.packet().await.as_deref(), Some("1::"));
        peer
    }

    /// Connects with the ticket of a handshake.
    pub(crate) async fn redeem(studio: &Studio, ticket: &str) -> Self {
        let (socket, _) = connect_async_with_config(socket_url(studio, ticket), None, true)
            .await
            .unwrap();
        Self { socket, packets: 0 }
    }

    /// Connects, and subscribes as `id`.
    pub(crate) async fn subscribed(studio: &Studio, id: &str, expression: &str) -> Self {
        let mut peer = Self::connect(studio).await;
        peer.subscribe(json!({"id": id}), expression).await;
        peer
    }

    /// Sends a packet, or what is none.
    pub(crate) async fn send(&mut self, packet: &str) {
        self.send_message(Message::text(packet)).await;
    }

    /// Sends any message.
    pub(crate) async fn send_message(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// Sends any message, which may fail.
    pub(crate) async fn try_send(&mut self, message: Message) -> bool {
        self.socket.send(message).await.is_ok()
    }

    /// The next packet that is not a heartbeat; nothing when the connection is over.
    pub(crate) async fn packet(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("a packet")
            {
                Some(Ok(Message::Text(text))) if text.starts_with('2') => {}
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next event; acknowledgements are passed over.
    pub(crate) async fn event(&mut self) -> Value {
        loop {
            let packet = self.packet().await.expect("the connection is over");
            if !packet.starts_with('6') {
                return event_of(&packet);
            }
        }
    }

    /// Sends an event, and gives the answer in its acknowledgement. No other packet may come before.
    pub(crate) async fn publish(&mut self, event: &Value) -> Value {
        self.packets += 1;
        let id = self.packets;
        let packet = json!({"name": "ftrack.event", "args": [event]});
        self.send(&format!("5:{id}+::{packet}")).await;
        let answer = self.packet().await.expect("the connection is over");
        let data = answer
            .strip_prefix(&format!("6:::{id}+"))
            .unwrap_or_else(|| panic!("{answer} is not an acknowledgement of {id}"));
        let mut arguments: Vec<Value> = serde_json::from_str(data).unwrap();
        assert_eq!(arguments.len(), 1, "{data}");
        arguments.pop().unwrap()
    }

    /// Sends an event that must be accepted.
    pub(crate) async fn tell(&mut self, event: &Value) {
        let answer = self.publish(event).await;
        assert_eq!(answer, json!({"success": true}), "{event}");
    }

    /// Subscribes, which must succeed.
    pub(crate) async fn subscribe(&mut self, subscriber: Value, expression: &str) {
        self.tell(&subscribe(&subscriber, expression)).await;
    }

    /// Everything that has been sent to this peer so far, as topics.
    pub(crate) async fn topics(&mut self) -> Vec<Value> {
        // What is sent to one connection stays in order, so what comes before this came before.
        let end = uuid::Uuid::new_v4().to_string();
        let id = json!({"id": end});
        self.send_subscribe(&id, &end).await;
        let packet = json!({"name": "ftrack.event", "args": [{"topic": end}]});
        self.send(&format!("5:::{packet}")).await;
        let mut topics = Vec::new();
        loop {
            let topic = self.event().await["topic"].clone();
            if topic == json!(end) {
                return topics;
            }
            topics.push(topic);
        }
    }

    async fn send_subscribe(&mut self, subscriber: &Value, topic: &str) {
        let event = subscribe(subscriber, &format!("topic={topic}"));
        let packet = json!({"name": "ftrack.event", "args": [event]});
        self.send(&format!("5:::{packet}")).await;
    }
}

/// An event that subscribes.
pub(crate) fn subscribe(subscriber: &Value, expression: &str) -> Value {
    let data = json!({"subscriber": subscriber, "subscription": expression});
    json!({"topic": "ftrack.meta.subscribe", "data": data})
}

/// An event that ends a subscription.
pub(crate) fn unsubscribe(id: &str) -> Value {
    json!({"topic": "ftrack.meta.unsubscribe", "data": {"subscriber": {"id": id}}})
}

/// The event in a packet, which has no id.
pub(crate) fn event_of(packet: &str) -> Value {
    let data = packet
        .strip_prefix("5:::")
        .unwrap_or_else(|| panic!("{packet} is not an event"));
    let mut data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["name"], "ftrack.event");
    assert_eq!(data["args"].as_array().map(Vec::len), Some(1));
    data["args"][0].take()
}
