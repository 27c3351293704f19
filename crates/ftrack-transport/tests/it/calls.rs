//! What a call looks like on the wire.

use std::thread;

use ftrack_transport::{CallOptions, HttpTransport, Transport};

use crate::server::{Connect, Server, options, reply};

const BATCH: &[u8] = br#"[{"action":"query_server_information"}]"#;

#[test]
fn a_call_carries_what_the_protocol_asks_for() {
    let server = Server::answering("200 OK", b"[{}]");
    let options = options(&format!("{}/ftrack/", server.url()))
        .header("x-studio", "north")
        .cookie("affinity", "blue")
        .cookie("lang", "en")
        .client_token("rust--1")
        .strict_api(true);
    let transport = HttpTransport::new(options).unwrap();
    assert_eq!(transport.server_url(), format!("{}/ftrack", server.url()));

    let call_options = CallOptions::new().header("ftrack-api-options", "strict:1;denormalize:1");
    let answer = transport.call(BATCH.to_vec(), call_options).wait().unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"[{}]"[..]));

    let [received] = &server.received()[..] else {
        panic!("one request")
    };
    assert_eq!(received.line, "POST /ftrack/api HTTP/1.1");
    assert_eq!(received.body, BATCH);
    let expected = [
        ("ftrack-user", "ada"),
        ("ftrack-api-key", "the-secret-key"),
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("ftrack-strict-api", "true"),
        ("ftrack-clienttoken", "rust--1"),
        ("ftrack-api-options", "strict:1;denormalize:1"),
        ("x-studio", "north"),
        ("content-length", &BATCH.len().to_string()),
        (
            "user-agent",
            concat!("ftrack-rust/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    for (name, value) in expected {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    let cookies = received.header("cookie").unwrap();
    assert!(
        cookies.contains("affinity=blue") && cookies.contains("lang=en"),
        "{cookies}"
    );
    for absent in [
        "ftrack-pushtoken",
        "referer",
        "transfer-encoding",
        "authorization",
    ] {
        assert_eq!(received.header(absent), None, "{absent}");
    }
}

#[test]
fn strictness_is_always_said_and_tokens_only_when_set() {
    let server = Server::answering("200 OK", b"[]");
    let transport = HttpTransport::new(server.options().push_token("push")).unwrap();
    transport
        .call(b"[]".to_vec(), CallOptions::new())
        .wait()
        .unwrap();
    let [received] = &server.received()[..] else {
        panic!("one request")
    };
    assert_eq!(received.header("ftrack-strict-api"), Some("false"));
    assert_eq!(received.header("ftrack-pushtoken"), Some("push"));
    assert_eq!(received.header("ftrack-clienttoken"), None);
}

#[test]
fn a_call_cannot_replace_the_credentials() {
    let server = Server::answering("200 OK", b"[]");
    let eve = CallOptions::new()
        .header("ftrack-user", "eve")
        .header("x-call", "1");
    server.transport().call(b"[]".to_vec(), eve).wait().unwrap();
    let [received] = &server.received()[..] else {
        panic!("one request")
    };
    assert_eq!(received.header("ftrack-user"), Some("ada"));
    assert_eq!(received.header("x-call"), Some("1"));
}

#[test]
fn cookies_of_the_server_come_back_to_it() {
    let server = Server::start(|_, _, stream| {
        reply(
            stream,
            "200 OK",
            "set-cookie: route=7; Path=/; HttpOnly\r\n",
            b"[]",
        )
    });
    let transport = server.transport();
    for _ in 0..2 {
        transport
            .call(b"[]".to_vec(), CallOptions::new())
            .wait()
            .unwrap();
    }
    let received = server.received();
    assert_eq!(received[0].header("cookie"), None);
    assert_eq!(received[1].header("cookie"), Some("route=7"));
}

#[test]
fn connections_are_used_again() {
    let server = Server::answering("200 OK", b"[]");
    let transport = server.transport();
    for _ in 0..40 {
        transport
            .call(b"[]".to_vec(), CallOptions::new())
            .wait()
            .unwrap();
    }
    assert_eq!(server.received().len(), 40);
    // A call may come a moment before the last one's connection is free again.
    assert!(server.connections() < 10, "{}", server.connections());
}

#[test]
fn many_threads_can_call_at_once() {
    let server = Server::start(|_, received, stream| reply(stream, "200 OK", "", &received.body));
    let transport = server.transport();
    thread::scope(|scope| {
        for caller in 0..8 {
            let transport = &transport;
            scope.spawn(move || {
                for number in 0..20 {
                    let body = format!("[{caller}, {number}]").into_bytes();
                    let answer = transport
                        .call(body.clone(), CallOptions::new())
                        .wait()
                        .unwrap();
                    assert_eq!(answer.body, body);
                }
            });
        }
    });
    assert_eq!(server.received().len(), 160);
}

#[test]
fn large_batches_and_answers_arrive_whole() {
    let server = Server::start(|_, received, stream| reply(stream, "200 OK", "", &received.body));
    let body: Vec<u8> = (0..3_000_001_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let answer = server
        .transport()
        .call(body.clone(), CallOptions::new())
        .wait()
        .unwrap();
    assert!(answer.body == body);
    assert_eq!(
        server.received()[0].header("content-length"),
        Some("3000001")
    );
}

#[test]
fn compressed_answers_are_unpacked() {
    const PACKED: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 139, 174, 86, 74, 73, 44, 73, 84, 178, 82, 48, 172, 141,
        5, 0, 27, 58, 245, 87, 13, 0, 0, 0,
    ];
    let server =
        Server::start(|_, _, stream| reply(stream, "200 OK", "content-encoding: gzip\r\n", PACKED));
    let answer = server
        .transport()
        .call(b"[]".to_vec(), CallOptions::new())
        .wait()
        .unwrap();
    assert_eq!(answer.body, b"[{\"data\": 1}]");
    assert!(
        server.received()[0]
            .header("accept-encoding")
            .unwrap()
            .contains("gzip")
    );
}
