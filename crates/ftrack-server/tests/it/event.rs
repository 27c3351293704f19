//! The event server: handshakes, acknowledgements, and who gets what.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;

use crate::client::{Studio, send};
use crate::event_client::{Peer, event_of, shake_hands, socket_url, subscribe, unsubscribe};

#[test]
fn handshakes_need_credentials_in_headers_or_in_the_address() {
    let studio = Studio::new();
    let (user, key) = (studio.server.user(), studio.server.api_key());
    let encoded = key
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let in_headers = [("ftrack-user", user), ("ftrack-api-key", key)];
    let wrong = [("ftrack-user", user), ("ftrack-api-key", "wrong")];
    let in_address = format!("/socket.io/1/?api_user={user}&api_key={encoded}");
    for (path, headers, is_good) in [
        ("/socket.io/1/", &in_headers[..], true),
        ("/socket.io/1", &in_headers[..], true),
        ("/socket.io/1/?t=1234", &in_headers[..], true),
        (&in_address, &[], true),
        ("/socket.io/1/", &[], false),
        ("/socket.io/1/", &wrong, false),
        ("/socket.io/1/?api_user=admin&api_key=wrong", &[], false),
        ("/socket.io/1/?api_user=admin&api_user=admin", &[], false),
        ("/socket.io/1/?%ff=%", &[], false),
    ] {
        let answer = send(studio.server.url(), "GET", path, headers, b"");
        if is_good {
            assert_eq!(answer.status, 200, "{path}");
            let text = String::from_utf8(answer.body).unwrap();
            let parts: Vec<&str> = text.split(':').collect();
            let [ticket, heartbeat, close, transports] = parts[..] else {
                panic!("{text}");
            };
            assert!(ticket.len() >= 32, "{text}");
            assert!(heartbeat.parse::<u32>().is_ok_and(|seconds| seconds > 5));
            assert!(close.parse::<u32>().is_ok());
            assert!(transports.split(',').any(|name| name == "websocket"));
        } else {
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(answer.json()["exception"], "InvalidCredentialsError");
        }
    }
}

#[tokio::test]
async fn a_handshake_is_good_for_one_websocket() {
    let studio = Studio::new();
    let text = String::from_utf8(shake_hands(&studio).body).unwrap();
    let (ticket, _) = text.split_once(':').unwrap();
    let path = format!("/socket.io/1/websocket/{ticket}");
    let plain = send(studio.server.url(), "GET", &path, &[], b"");
    assert!((400..500).contains(&plain.status), "it is not an upgrade");
    // The JavaScript client repeats its credentials; they do not matter here.
    let url = socket_url(&studio, ticket) + "?api_user=admin&api_key=wrong";
    let (socket, _) = connect_async(&url).await.unwrap();
    for ticket in [ticket, "unknown", "%00"] {
        match connect_async(socket_url(&studio, ticket)).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 401),
            other => panic!("{other:?}"),
        }
    }
    drop(socket);
}

#[tokio::test]
async fn acknowledgements_carry_one_object_that_says_what_is_wrong() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    for (event, expected) in [
        (json!({"topic": "y"}), ""),
        (subscribe(&json!({"id": "b"}), "topic=x"), ""),
        (
            subscribe(&json!({"id": "b"}), "topic=y"),
            "there is a subscriber with the id b",
        ),
        (
            subscribe(&json!({"id": "c"}), "topic="),
            "the subscription is not an expression",
        ),
        (
            subscribe(&json!({"id": "c"}), ""),
            "the subscription is not an expression",
        ),
        (
            subscribe(&json!({}), "topic=x"),
            "a subscriber must have an id",
        ),
        (
            subscribe(&json!(["a"]), "topic=x"),
            "a subscriber must have an id",
        ),
        (
            json!({"topic": "ftrack.meta.subscribe"}),
            "a subscription must be a text",
        ),
        (
            json!({"topic": "ftrack.meta.subscribe", "data": 5}),
            "a subscription must be a text",
        ),
        (unsubscribe("b"), ""),
        (unsubscribe("b"), "there is no subscriber with the id b"),
        (
            json!({"topic": "ftrack.meta.unsubscribe"}),
            "a subscriber must have an id",
        ),
        (
            json!({"topic": "y", "target": "id="}),
            "the target of the event is not an expression",
        ),
        (json!({"data": {}}), "the topic of an event must be a text"),
        (json!("y"), "the packet must have the name"),
    ] {
        let answer = peer.publish(&event).await;
        if expected.is_empty() {
            assert_eq!(answer, json!({"success": true}), "{event}");
        } else {
            assert_eq!(answer["success"], false, "{event}");
            let message = answer["message"].as_str().unwrap();
            assert!(message.starts_with(expected), "{event}: {message}");
        }
    }
    assert_eq!(peer.topics().await, Vec::<Value>::new());
}

#[tokio::test]
async fn packets_without_an_id_are_not_acknowledged() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    for event in [
        json!({}),
        subscribe(&json!({"id": "a"}), "topic=x"),
        json!({"topic": "x"}),
    ] {
        let packet = json!({"name": "ftrack.event", "args": [event]});
        peer.send(&format!("5:::{packet}")).await;
    }
    // A bare event packet, as the JavaScript client can send it, and what is only heard.
    for packet in [
        "5",
        "2::",
        "2:::",
        "1::",
        "3:::hello",
        "4:::{}",
        "6:::1",
        "8::",
    ] {
        peer.send(packet).await;
    }
    let only = peer.packet().await.unwrap();
    assert_eq!(event_of(&only)["topic"], "x");
    assert_eq!(peer.topics().await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_event_reaches_each_connection_that_wants_it_once() {
    let studio = Studio::new();
    let mut sender = Peer::subscribed(&studio, "sender", "topic=a.*").await;
    sender.subscribe(json!({"id": "again"}), "topic=a.b").await;
    let mut same = Peer::subscribed(&studio, "same", "topic=a.b and data.n=1").await;
    let mut other = Peer::subscribed(&studio, "other", "topic=a.b and data.n=2").await;
    let mut named = Peer::connect(&studio).await;
    let about = json!({"id": "sender", "application": "nuke"});
    named.subscribe(about, "topic=a.b").await;
    for (n, target) in [
        (1, ""),
        (2, ""),
        (2, "id=same"),
        (1, "id=same or id=other"),
        (3, "application=nuke"),
        (3, "id=sender and not application=maya"),
        (3, "id=nobody"),
    ] {
        let event = json!({"topic": "a.b", "data": {"n": n}, "target": target});
        sender.tell_and_read(&event).await;
    }
    let count = |topics: Vec<Value>| topics.len();
    assert_eq!(count(same.topics().await), 2);
    assert_eq!(count(other.topics().await), 1);
    assert_eq!(count(named.topics().await), 4);
    assert_eq!(count(sender.topics().await), 0);
}

#[tokio::test]
async fn events_arrive_with_the_keys_that_clients_know_and_a_time() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    let event = json!({
        "topic": "x", "id": "e", "data": {"ö": [1.5, null, "\u{1F980}"]}, "sent": null,
        "source": {"id": "hub", "host": "h"}, "target": "", "inReplyToEvent": null, "extra": true,
    });
    peer.tell(&event).await;
    let mut arrived = peer.event().await;
    let sent = arrived["sent"].take();
    let sent = chrono::DateTime::parse_from_rfc3339(sent.as_str().unwrap()).unwrap();
    assert!((chrono::Utc::now() - sent.to_utc()).num_seconds().abs() < 60);
    let mut expected = event;
    expected.as_object_mut().unwrap().remove("extra");
    let id = studio.values("User where username is admin", "id")[0].clone();
    expected["source"]["user"] = json!({"username": "admin", "id": id});
    assert_eq!(arrived, expected);
}

#[tokio::test]
async fn replies_reach_the_hub_that_asked() {
    let studio = Studio::new();
    let mut asking = Peer::subscribed(&studio, "hub-1", "topic=ftrack.meta.reply").await;
    let mut bystander = Peer::subscribed(&studio, "hub-2", "topic=ftrack.meta.reply").await;
    let mut answering = Peer::subscribed(&studio, "hub-3", "topic=question").await;
    let source = json!({"id": "hub-1", "user": {"username": "ada"}});
    asking
        .tell(&json!({"topic": "question", "id": "q", "source": source}))
        .await;
    let question = answering.event().await;
    assert_eq!(question["source"]["id"], source["id"]);
    assert_eq!(
        question["source"]["user"]["username"], "admin",
        "nobody sends in another name"
    );
    let reply = json!({
        "topic": "ftrack.meta.reply", "data": {"answer": 42},
        "target": format!("id={}", question["source"]["id"].as_str().unwrap()),
        "inReplyToEvent": question["id"],
    });
    answering.tell(&reply).await;
    let reply = asking.event().await;
    assert_eq!(reply["inReplyToEvent"], "q");
    assert_eq!(reply["data"], json!({"answer": 42}));
    assert_eq!(bystander.topics().await, Vec::<Value>::new());
}

#[tokio::test]
async fn whoever_leaves_or_unsubscribes_gets_nothing_more() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    let mut leaving = Peer::subscribed(&studio, "a", "topic=x").await;
    leaving.send("0::").await;
    assert_eq!(leaving.packet().await, None);
    peer.tell(&json!({"topic": "x"})).await;
    assert_eq!(peer.event().await["topic"], "x");
    peer.tell(&unsubscribe("a")).await;
    peer.tell(&json!({"topic": "x"})).await;
    assert_eq!(peer.topics().await, Vec::<Value>::new());
    // An id is free again for whoever comes back after the connection was lost.
    let mut again = Peer::subscribed(&studio, "a", "topic=x").await;
    peer.tell(&json!({"topic": "x"})).await;
    assert_eq!(again.event().await["topic"], "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_get_an_event_each() {
    // As many as the usual limit of open files allows for both ends in one process.
    let count = 300;
    let studio = Studio::new();
    let mut peers = Vec::new();
    for index in 0..count {
        let id = format!("hub-{index}");
        let mut peer = Peer::subscribed(&studio, &id, "topic=ftrack.meta.reply").await;
        peer.subscribe(json!({"id": "all"}), "topic=all").await;
        peers.push(peer);
    }
    let mut sender = Peer::connect(&studio).await;
    sender.tell(&json!({"topic": "all"})).await;
    let reply = json!({"topic": "ftrack.meta.reply", "target": "id=hub-7"});
    sender.tell(&reply).await;
    for (index, peer) in peers.iter_mut().enumerate() {
        let expected = if index == 7 {
            vec![json!("all"), json!("ftrack.meta.reply")]
        } else {
            vec![json!("all")]
        };
        assert_eq!(peer.topics().await, expected);
    }
}

#[tokio::test]
async fn a_server_stops_although_clients_are_connected() {
    let studio = Studio::new();
    let mut peer = Peer::subscribed(&studio, "a", "topic=x").await;
    let start = Instant::now();
    studio.server.stop();
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(peer.packet().await, None);
}

impl Peer {
    /// Publishes what reaches the publisher too, perhaps, and reads that.
    async fn tell_and_read(&mut self, event: &Value) {
        self.tell(event).await;
        let is_for_all = event["target"] == "";
        let is_for_us = event["target"].as_str().unwrap().contains("id=sender");
        if is_for_all || is_for_us {
            assert_eq!(self.event().await["data"], event["data"]);
        }
    }
}
