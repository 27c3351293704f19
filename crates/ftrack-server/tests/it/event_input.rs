//! The event server and what is not an event, a packet, or a websocket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::client::Studio;
use crate::event_client::{Peer, shake_hands};

#[tokio::test]
async fn what_is_no_packet_is_answered_with_an_error() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    for garbage in [
        "",
        ":",
        "9::",
        "5:",
        "5:x+::{}",
        "{\"name\":\"ftrack.event\"}",
        "\u{0}",
    ] {
        peer.send(garbage).await;
        let answer = peer.packet().await.unwrap();
        assert!(answer.starts_with("7:::the "), "{garbage}: {answer}");
    }
    let binary = Message::binary(vec![0, 255, 254]);
    peer.send_message(binary).await;
    assert_eq!(
        peer.packet().await.as_deref(),
        Some("7:::packets are texts")
    );
    for data in [
        "",
        "{",
        "[]",
        "null",
        "{\"name\":\"ftrack.event\",\"args\":[]}",
    ] {
        peer.send(&format!("5:9+::{data}")).await;
        let answer = peer.packet().await.unwrap();
        assert!(answer.starts_with("6:::9+[{\"message\":"), "{answer}");
    }
    peer.send_message(Message::Ping(vec![1].into())).await;
    peer.tell(&json!({"topic": "x"})).await;
    assert_eq!(peer.event().await["topic"], "x");
}

#[tokio::test]
async fn broken_websockets_hurt_nobody() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    let garbage: [&[u8]; 6] = [
        b"\x00\x00\x00\x00 no frame at all \xff\xff\xff\xff",
        b"\x81\x05hello",
        b"\x81\x82\x01\x02\x03\x04\xfe\xfe",
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04",
        b"\x89\xfe\xff\xff\x01\x02\x03\x04",
        b"\x81\xfe\x01",
    ];
    for bytes in garbage {
        let mut stream = upgrade(&studio);
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        // The server closes; whether it could say why depends on what it got.
        let _ = stream.read_to_end(&mut rest);
    }
    // Half-open ones stay as they are.
    let silent: Vec<TcpStream> = (0..20).map(|_| upgrade(&studio)).collect();
    let mut half = TcpStream::connect(studio.server.address()).unwrap();
    half.write_all(b"GET /socket.io/1/websocket/x HTTP/1.1\r\nupgrade: web")
        .unwrap();
    peer.tell(&json!({"topic": "x"})).await;
    assert_eq!(peer.event().await["topic"], "x");
    drop((silent, half));
}

#[tokio::test]
async fn an_event_that_is_too_large_is_rejected_with_that_reason() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    let event = json!({"topic": "x", "data": "x".repeat(17 * 1024 * 1024)});
    let data = json!({"name": "ftrack.event", "args": [event]});
    peer.send(&format!("5:9+::{data}")).await;
    let answer = peer.packet().await.unwrap();
    let expected = "6:::9+[{\"message\":\"the event is too large: it has ";
    assert!(answer.starts_with(expected), "{answer}");
    peer.tell(&json!({"topic": "x"})).await;
    assert_eq!(peer.event().await["topic"], "x");
}

#[tokio::test]
async fn packets_that_are_too_large_end_the_connection() {
    let studio = Studio::new();
    let mut peer = Peer::connect(&studio).await;
    let mut large = Peer::connect(&studio).await;
    large
        .send(&format!("3:::{}", "x".repeat(15 * 1024 * 1024)))
        .await;
    large.tell(&json!({"topic": "x"})).await;
    let packet = Message::text("x".repeat(33 * 1024 * 1024));
    // The server may hang up before it has read all of it.
    let _ = tokio::time::timeout(Duration::from_secs(30), large.try_send(packet)).await;
    assert_eq!(large.packet().await, None);
    peer.tell(&json!({"topic": "x"})).await;
}

/// A websocket of which only the upgrade was done.
fn upgrade(studio: &Studio) -> TcpStream {
    let text = String::from_utf8(shake_hands(studio).body).unwrap();
    let (ticket, _) = text.split_once(':').unwrap();
    let mut stream = TcpStream::connect(studio.server.address()).unwrap();
    let head = format!(
        "GET /socket.io/1/websocket/{ticket} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 101");
    stream
}
