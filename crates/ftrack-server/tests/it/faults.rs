//! Servers that fail on request.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use ftrack_server::{Fault, Server};
use serde_json::{Value, json};

use crate::client::{Answer, Studio, create, send};
use crate::event_client::{Peer, shake_hands};

fn testing() -> Studio {
    Studio {
        server: Server::builder().demo(true).testing(true).start().unwrap(),
    }
}

fn credentials(studio: &Studio) -> [(&str, &str); 2] {
    [
        ("ftrack-user", studio.server.user()),
        ("ftrack-api-key", studio.server.api_key()),
    ]
}

fn order(studio: &Studio, order: &Value) -> Answer {
    let body = order.to_string();
    let headers = credentials(studio);
    send(
        studio.server.url(),
        "POST",
        "/_local/faults",
        &headers,
        body.as_bytes(),
    )
}

fn query(expression: &str) -> Value {
    json!([{"action": "query", "expression": expression}])
}

/// Everything that comes back for a call, until the connection ends in whatever way.
fn raw(studio: &Studio, operations: &Value) -> Vec<u8> {
    let mut stream = TcpStream::connect(studio.server.address()).unwrap();
    let [user, key] = credentials(studio);
    let body = operations.to_string();
    let (user, key, size) = (user.1, key.1, body.len());
    let head = format!(
        "host: x\r\nftrack-user: {user}\r\nftrack-api-key: {key}\r\ncontent-length: {size}"
    );
    write!(stream, "POST /api HTTP/1.1\r\n{head}\r\n\r\n{body}").unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut answer = Vec::new();
    // A connection that is reset is one of the ways to end; one that stays open is not.
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    answer
}

/// The head and the body of an answer.
fn split(raw: &[u8]) -> (String, &[u8]) {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&raw[..end]).to_lowercase();
    (head, &raw[end + 4..])
}

#[test]
fn a_status_stops_requests_that_match_and_no_others() {
    let studio = testing();
    let fault = Fault::status(503).action("create").times(2);
    studio.server.fail_next(fault).unwrap();
    let user = |name: &str| json!([create("User", &json!({"username": name}))]);
    for name in ["a", "b", "c"] {
        assert!(studio.call(&query("Task limit 1")).is_array());
        let answer = studio.post(&[], user(name).to_string().as_bytes());
        if name == "c" {
            assert_eq!(answer.status, 200);
            assert!(answer.json().is_array());
        } else {
            assert_eq!(answer.status, 503);
            assert_eq!(answer.json()["exception"], "ServerError");
        }
    }
    assert_eq!(studio.query("User where username in (a, b)").len(), 0);
    assert_eq!(studio.query("User where username is c").len(), 1);
    assert_eq!(studio.server.faults_left(), 0);
}

#[test]
fn faults_are_ordered_over_http_and_can_be_forgotten() {
    let studio = testing();
    let wanted = json!({"kind": "status", "status": 502, "path": "/component/", "count": 3});
    assert_eq!(order(&studio, &wanted).status, 200);
    let headers = credentials(&studio);
    let get = || {
        send(
            studio.server.url(),
            "GET",
            "/component/get?id=x",
            &headers,
            b"",
        )
        .status
    };
    assert_eq!(get(), 502);
    assert!(studio.call(&query("Task limit 1")).is_array());
    assert_eq!(studio.server.faults_left(), 2);
    let forget = send(
        studio.server.url(),
        "DELETE",
        "/_local/faults",
        &headers,
        b"",
    );
    assert_eq!(forget.status, 200);
    assert_eq!(get(), 404);

    for wrong in [
        json!({}),
        json!([]),
        json!({"kind": "rain"}),
        json!({"kind": "status"}),
    ] {
        let answer = order(&studio, &wrong);
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["exception"].is_string());
    }
    assert_eq!(order(&studio, &json!({"kind": "garbage"})).status, 200);
    studio.server.clear_faults().unwrap();
    assert!(studio.call(&query("Task limit 1")).is_array());
    assert_eq!(order(&studio, &json!({"kind": "garbage"})).status, 200);
    let reset = send(studio.server.url(), "POST", "/_local/reset", &headers, b"");
    assert_eq!(reset.status, 200, "switches never fail");
    assert_eq!(studio.server.faults_left(), 0, "a reset forgets faults");
}

#[test]
fn a_delay_takes_its_time_and_does_the_work() {
    let studio = testing();
    let delay = Duration::from_millis(300);
    studio.server.fail_next(Fault::delay(delay)).unwrap();
    let start = Instant::now();
    assert!(studio.call(&query("Task limit 1")).is_array());
    assert!(start.elapsed() >= delay);
}

#[test]
fn an_answer_is_cut_after_so_many_bytes() {
    let studio = testing();
    let whole = studio.call(&query("Task")).to_string();
    assert!(whole.len() > 1000);
    for bytes in [0, 1, 100] {
        studio.server.fail_next(Fault::cut_after(bytes)).unwrap();
        let answer = raw(&studio, &query("Task"));
        let (head, body) = split(&answer);
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert_eq!(body.len(), bytes, "{head}");
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let announced: usize = announced.unwrap().parse().unwrap();
        assert!(announced > 1000);
    }
    studio
        .server
        .fail_next(Fault::cut_after(1_000_000))
        .unwrap();
    assert!(
        studio.call(&query("Task")).is_array(),
        "short answers are whole"
    );
    // The work is done although nobody hears of it.
    studio
        .server
        .fail_next(Fault::cut_after(0).action("create"))
        .unwrap();
    raw(
        &studio,
        &json!([create("User", &json!({"username": "grace"}))]),
    );
    assert_eq!(studio.query("User where username is grace").len(), 1);
}

#[test]
fn garbage_is_no_json_and_a_disconnect_no_answer() {
    let studio = testing();
    studio.server.fail_next(Fault::garbage()).unwrap();
    let answer = studio.post(&[], query("Task limit 1").to_string().as_bytes());
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_slice::<Value>(&answer.body).is_err());
    assert!(String::from_utf8(answer.body).is_err());

    studio
        .server
        .fail_next(Fault::disconnect().action("create"))
        .unwrap();
    let answer = raw(
        &studio,
        &json!([create("User", &json!({"username": "grace"}))]),
    );
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(studio.query("User where username is grace").len(), 0);
}

#[test]
fn requests_that_are_no_json_go_on_as_ever() {
    let studio = testing();
    studio
        .server
        .fail_next(Fault::status(503).action("create"))
        .unwrap();
    for body in [&b"{"[..], b"[7]", b"{}", b"[{\"action\":7}]", b"\xff"] {
        let answer = studio.post(&[], body);
        assert_eq!(answer.status, 200);
        assert!(answer.json()["exception"].is_string());
    }
    assert_eq!(studio.server.faults_left(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_drop_and_can_be_opened_again() {
    let studio = testing();
    let mut first = Peer::subscribed(&studio, "first", "topic=a").await;
    let mut second = Peer::connect(&studio).await;
    studio.server.drop_websockets().unwrap();
    assert_eq!(first.packet().await, None);
    assert_eq!(second.packet().await, None);
    let mut third = Peer::connect(&studio).await;
    assert_eq!(
        order(&studio, &json!({"kind": "drop_websockets"})).status,
        200
    );
    assert_eq!(third.packet().await, None);
    let mut fourth = Peer::subscribed(&studio, "first", "topic=a").await;
    fourth.tell(&json!({"topic": "a"})).await;
    assert_eq!(fourth.event().await["topic"], "a");
    assert!(studio.call(&query("Task limit 1")).is_array());
}

#[test]
fn handshakes_can_fail() {
    let studio = testing();
    let fault = Fault::status(500).path("/socket.io/");
    studio.server.fail_next(fault).unwrap();
    assert_eq!(shake_hands(&studio).status, 500);
    assert_eq!(shake_hands(&studio).status, 200);
}

#[test]
fn a_status_is_seen_by_those_who_send_much() {
    let studio = testing();
    studio
        .server
        .fail_next(Fault::status(500).path("/upload/"))
        .unwrap();
    let body = vec![7; 16 * 1024 * 1024];
    for (target, status) in [("/upload/whatever", 500), ("/upload/unknown", 404)] {
        let answer = send(studio.server.url(), "PUT", target, &[], &body);
        assert_eq!(answer.status, status, "{target}");
    }
}
