//! Tests of what takes long with the limits of a real server, or much.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::EventLimits;
use crate::engine::Engine;
use crate::files::Files;

const TIMEOUT: Duration = Duration::from_secs(60);

/// An event server alone, on a port of its own.
struct Server {
    engine: Arc<Engine>,
    address: std::net::SocketAddr,
}

impl Server {
    async fn start(limits: EventLimits) -> Self {
        let seed = |_: &crate::schema::Schema| Ok(crate::studio::rows("admin"));
        let files = Files::new(None).unwrap();
        let mut engine = Engine::new(None, files, None, seed).unwrap();
        engine.set_key("admin", "secret").unwrap();
        engine.events.limits = limits;
        let engine = Arc::new(engine);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = crate::http::router(Arc::clone(&engine));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { engine, address }
    }

    async fn connect(&self) -> Client {
        let caller = self.engine.authenticate(Some("admin"), Some("secret"));
        let ticket = self.engine.events.tickets.issue(caller.unwrap());
        let url = format!("ws://{}/socket.io/1/websocket/{ticket}", self.address);
        let (socket, _) = connect_async(url).await.unwrap();
        Client { socket }
    }
}

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    async fn send(&mut self, packet: &str) {
        self.socket.send(Message::text(packet)).await.unwrap();
    }

    async fn publish(&mut self, topic: &str, data: &Json) {
        let event = json!({"topic": topic, "data": data, "source": {"id": "test"}});
        let packet = json!({"name": "ftrack.event", "args": [event]});
        self.send(&format!("5:1+::{packet}")).await;
        self.find("6:").await;
    }

    async fn subscribe(&mut self, id: &str, expression: &str) {
        let data = json!({"subscriber": {"id": id}, "subscription": expression});
        self.publish("ftrack.meta.subscribe", &data).await;
    }

    /// The next packet; nothing when the connection is over.
    async fn packet(&mut self) -> Option<String> {
        loop {
            match timeout(TIMEOUT, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next packet that starts like this.
    async fn find(&mut self, start: &str) -> String {
        loop {
            let packet = self.packet().await.expect("the connection is over");
            if packet.starts_with(start) {
                return packet;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_answers_no_heartbeat_is_sent_away() {
    let server = Server::start(
        EventLimits::default()
            .heartbeat(Duration::from_millis(100))
            .silence(Duration::from_secs(2)),
    )
    .await;
    let mut alive = server.connect().await;
    let mut silent = server.connect().await;
    let answering = tokio::spawn(async move {
        for _ in 0..40 {
            assert_eq!(alive.find("2").await, "2::");
            alive.send("2:::").await;
        }
    });
    assert_eq!(silent.packet().await.as_deref(), Some("1::"));
    assert!(silent.find("7").await.starts_with("7:::disconnected"));
    assert_eq!(silent.packet().await, None);
    answering.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_is_sent_away_and_delays_nobody() {
    let server = Server::start(
        EventLimits::default()
            .farewell(TIMEOUT)
            .backlog(8, 1024 * 1024),
    )
    .await;
    let (mut slow, mut quick) = (server.connect().await, server.connect().await);
    let mut sender = server.connect().await;
    slow.subscribe("slow", "topic=flood").await;
    quick.subscribe("quick", "topic=flood").await;
    // More than all buffers between the two ends hold together.
    let data = json!("x".repeat(512 * 1024));
    let count = 64;
    for _ in 0..count {
        sender.publish("flood", &data).await;
        assert!(quick.find("5").await.contains("\"flood\""));
    }
    let mut read = 0;
    let last = loop {
        let packet = slow.packet().await.unwrap();
        if !packet.starts_with('5') && !packet.starts_with('2') {
            break packet;
        }
        read += 1;
    };
    assert!(read < count, "{read}");
    assert!(last.starts_with("7:::disconnected: events were not read"));
    assert_eq!(slow.packet().await, None);
    // It is forgotten at once, and the others go on.
    sender.publish("flood", &json!(1)).await;
    assert!(quick.find("5").await.contains("\"data\":1"));
    assert_eq!(server.engine.events.hub.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_vanishes_is_forgotten() {
    let server = Server::start(
        EventLimits::default()
            .silence(Duration::from_millis(300))
            .farewell(Duration::from_millis(300)),
    )
    .await;
    let mut gone = server.connect().await;
    gone.subscribe("gone", "topic=x").await;
    let half_open = server.connect().await;
    drop(gone);
    // The other stays as if its machine had lost its power: nothing is said and nothing read.
    let hub = &server.engine.events.hub;
    let forgotten = async {
        while hub.len() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(TIMEOUT, forgotten).await.unwrap();
    assert!(!hub.is_wanted("x"));
    drop(half_open);
}
