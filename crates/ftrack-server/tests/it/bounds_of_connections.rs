//! Connections that ask for more than anybody needs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ftrack_server::{Server, ServerLimits};
use serde_json::json;

use crate::client::Studio;
use crate::event_client::Peer;

fn with_limits(change: impl FnOnce(&mut ServerLimits)) -> Studio {
    let mut limits = ServerLimits::default();
    change(&mut limits);
    let server = Server::builder().limits(limits).start().unwrap();
    Studio { server }
}

/// What the server still sends before it ends the connection.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut rest = Vec::new();
    // A connection that is cut is over too.
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(
            error.kind(),
            std::io::ErrorKind::ConnectionReset,
            "it is not over"
        ),
    }
    rest
}

#[test]
fn a_head_that_never_ends_does_not_keep_a_connection() {
    let studio = with_limits(|limits| limits.header_time = Duration::from_millis(300));
    let address = studio.server.address();
    let mut silent = TcpStream::connect(address).unwrap();
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"POST /api HTTP/1.1\r\n").unwrap();
    let feeding = std::thread::spawn({
        let mut slow = slow.try_clone().unwrap();
        move || {
            while slow.write_all(b"x: y\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    });
    assert!(rest(&mut silent).is_empty());
    rest(&mut slow);
    feeding.join().unwrap();
}

#[test]
fn a_connection_may_rest_between_requests_longer_than_a_head_may_take() {
    let studio = with_limits(|limits| limits.header_time = Duration::from_millis(300));
    let mut stream = TcpStream::connect(studio.server.address()).unwrap();
    for _ in 0..2 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        let mut rest = [0; 1024];
        assert!(stream.read(&mut rest).unwrap() > 0);
        std::thread::sleep(Duration::from_millis(900));
    }
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    let studio = with_limits(|limits| limits.body_time = Duration::from_millis(300));
    let mut stream = TcpStream::connect(studio.server.address()).unwrap();
    write!(
        stream,
        "POST /api HTTP/1.1\r\nhost: x\r\nconnection: close\r\nftrack-user: admin\r\nftrack-api-key: {}\r\n\
         content-length: 100\r\n\r\n[",
        studio.server.api_key()
    )
    .unwrap();
    let answer = String::from_utf8(rest(&mut stream)).unwrap();
    assert!(
        answer.contains("the request took too long to arrive"),
        "{answer}"
    );
}

#[test]
fn idle_connections_make_room_for_new_ones() {
    let studio = with_limits(|limits| limits.connections = 8);
    let mut idle: Vec<TcpStream> = (0..8)
        .map(|_| TcpStream::connect(studio.server.address()).unwrap())
        .collect();
    for _ in 0..4 {
        assert!(!studio.query("select username from User").is_empty());
    }
    let first = idle.first_mut().unwrap();
    assert!(
        rest(first).is_empty(),
        "the one that is idle for longest is closed"
    );
}

#[test]
fn bodies_have_a_size_together() {
    let studio = with_limits(|limits| limits.requests_bytes = 1024 * 1024);
    let body = format!("[\"{}\"]", "x".repeat(2 * 1024 * 1024));
    let answer = studio.post(&[("ftrack-strict-api", "true")], body.as_bytes());
    assert_eq!(answer.status, 503);
    let content = answer.json()["content"].as_str().unwrap().to_owned();
    assert!(content.contains("too large together"), "{content}");
    assert!(!studio.query("select username from User").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_event_arrives_whole() {
    let studio = Studio::new();
    let mut listener = Peer::subscribed(&studio, "listener", "topic=large").await;
    let mut sender = Peer::connect(&studio).await;
    for size in [60_000, 65_536, 100_000, 3_000_000] {
        let data = json!({"text": "ü".repeat(size / 2), "size": size});
        let answer = sender
            .publish(&json!({"topic": "large", "data": data}))
            .await;
        assert_eq!(answer["success"], true);
        assert_eq!(listener.event().await["data"], data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_wait_for_silent_connections_have_a_size_together() {
    let studio = with_limits(|limits| limits.queued_bytes = 24 * 1024 * 1024);
    let mut silent = Vec::new();
    for number in 0..20 {
        silent.push(Peer::subscribed(&studio, &format!("silent {number}"), "topic=large").await);
    }
    let mut listener = Peer::subscribed(&studio, "listener", "topic=large").await;
    let mut sender = Peer::connect(&studio).await;
    let text = "x".repeat(6 * 1024 * 1024);
    for number in 0..8 {
        let event = json!({"topic": "large", "data": {"number": number, "text": text}});
        assert_eq!(sender.publish(&event).await["success"], true);
        assert_eq!(listener.event().await["data"]["number"], number);
    }
    for peer in &mut silent {
        let mut received = 0;
        while let Some(packet) = peer.packet().await {
            received += usize::from(packet.starts_with('5'));
        }
        assert!(received < 8, "it was not sent away: {received}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_subscriptions_and_targets_are_refused() {
    let studio = Studio::new();
    let mut peer = Peer::connect(&studio).await;
    let long = vec!["data.x=1"; 4_000].join(" or ");
    let mut subscribe = async |subscriber: serde_json::Value, expression: &str| {
        let data = json!({"subscriber": subscriber, "subscription": expression});
        let event = json!({"topic": "ftrack.meta.subscribe", "data": data});
        peer.publish(&event).await
    };
    let answer = subscribe(json!({"id": "a"}), &long).await;
    assert_eq!(answer["success"], false);
    let message = answer["message"].as_str().unwrap();
    assert_eq!(
        message,
        "the expression of a subscription cannot have more than 16384 bytes"
    );
    let mut taken = 0;
    for number in 0..200 {
        let subscriber = json!({"id": number.to_string(), "more": "x".repeat(20_000)});
        let answer = subscribe(subscriber, "topic=x").await;
        if answer["success"] == true {
            taken += 1;
        } else {
            let message = answer["message"].as_str().unwrap();
            assert!(
                message.contains("subscriptions of a connection"),
                "{message}"
            );
        }
    }
    assert_eq!(taken, 1024 * 1024 / 20_027);
    let answer = peer.publish(&json!({"topic": "x", "target": long})).await;
    let message = answer["message"].as_str().unwrap();
    assert_eq!(
        message,
        "the target of an event cannot have more than 16384 bytes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_very_many_values_is_refused() {
    let studio = with_limits(|limits| limits.values = 1_000);
    let mut peer = Peer::connect(&studio).await;
    let answer = peer
        .publish(&json!({"topic": "x", "data": vec![0; 2_000]}))
        .await;
    assert_eq!(
        answer["message"],
        "an event cannot have more than 1000 values"
    );
    let answer = peer
        .publish(&json!({"topic": "x", "data": vec![0; 500]}))
        .await;
    assert_eq!(answer["success"], true);
}
