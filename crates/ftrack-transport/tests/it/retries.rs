//! What is tried again, and what is not.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use ftrack_transport::{CallOptions, Error, HttpTransport, RetryPolicy, Transport};

use crate::server::{Server, Then, options, raw, reply};

fn reading() -> CallOptions {
    CallOptions::new().idempotent(true)
}

/// Fails in this way as often as said, then answers.
fn failing(times: usize, failure: &'static str) -> Server {
    Server::start(move |number, _, stream| {
        if number < times {
            raw(stream, failure);
            return Then::Close;
        }
        reply(stream, "200 OK", "", b"[]")
    })
}

const TEMPORARY: [&str; 6] = [
    "",
    "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{",
    "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops",
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\nretry-after: 0\r\n\r\n{}",
    "HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n",
];

#[test]
fn reading_calls_survive_temporary_failures() {
    for failure in TEMPORARY {
        let server = failing(2, failure);
        let transport = HttpTransport::new(server.options()).unwrap();
        let answer = transport.call(b"[1]".to_vec(), reading()).wait();
        assert_eq!(answer.unwrap().status, 200, "{failure:?}");
        let bodies: Vec<_> = server
            .received()
            .into_iter()
            .map(|received| received.body)
            .collect();
        assert_eq!(bodies, [b"[1]", b"[1]", b"[1]"], "{failure:?}");
    }
}

#[test]
fn writing_calls_are_never_sent_twice() {
    for failure in TEMPORARY {
        let server = failing(2, failure);
        let transport = HttpTransport::new(server.options()).unwrap();
        let _ = transport.call(b"[1]".to_vec(), CallOptions::new()).wait();
        assert_eq!(server.received().len(), 1, "{failure:?}");
    }
}

#[test]
fn lasting_failures_are_not_tried_again() {
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "404 Not Found",
        "500 Broken",
    ] {
        let server = Server::answering(status, b"no");
        let transport = HttpTransport::new(server.options()).unwrap();
        assert!(transport.call(b"[]".to_vec(), reading()).wait().is_err());
        assert_eq!(server.received().len(), 1, "{status}");
    }
}

#[test]
fn attempts_are_bounded_and_told() {
    let server = failing(usize::MAX, TEMPORARY[3]);
    let short = RetryPolicy::default()
        .retries(3)
        .pauses(Duration::ZERO, Duration::ZERO);
    let transport = HttpTransport::new(server.options().retry(short)).unwrap();
    let error = transport
        .call(b"[]".to_vec(), reading())
        .wait()
        .unwrap_err();
    assert_eq!(server.received().len(), 4);
    assert_eq!(error.effort().unwrap().attempts, 4);
    assert!(
        error
            .to_string()
            .contains("status 502 after 4 attempts in "),
        "{error}"
    );
}

#[test]
fn an_answer_of_the_server_stays_an_answer_after_the_last_attempt() {
    let server = failing(usize::MAX, TEMPORARY[4]);
    let transport = HttpTransport::new(server.options()).unwrap();
    let answer = transport.call(b"[]".to_vec(), reading()).wait().unwrap();
    assert_eq!((answer.status, &answer.body[..]), (503, &b"{}"[..]));
    assert_eq!(server.received().len(), 5);
}

#[test]
fn retrying_can_be_turned_off() {
    let server = failing(1, TEMPORARY[0]);
    assert!(
        server
            .transport()
            .call(b"[]".to_vec(), reading())
            .wait()
            .is_err()
    );
    assert_eq!(server.received().len(), 1);
}

#[test]
fn a_server_that_asks_for_more_than_the_deadline_is_believed() {
    let server = Server::start(|_, _, stream| {
        reply(
            stream,
            "503 Service Unavailable",
            "retry-after: 3600\r\n",
            b"later",
        )
    });
    let transport = HttpTransport::new(server.options()).unwrap();
    let started = Instant::now();
    let error = transport
        .call(b"[]".to_vec(), reading())
        .wait()
        .unwrap_err();
    assert!(
        matches!(error, Error::Status { status: 503, .. }),
        "{error:?}"
    );
    assert_eq!(server.received().len(), 1);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_server_that_asks_for_a_second_gets_it() {
    let server = Server::start(|number, _, stream| match number {
        0 => reply(stream, "429 Too Many Requests", "retry-after: 1\r\n", b""),
        _ => reply(stream, "200 OK", "", b"[]"),
    });
    let transport = HttpTransport::new(server.options()).unwrap();
    let started = Instant::now();
    transport.call(b"[]".to_vec(), reading()).wait().unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
fn even_a_writing_call_waits_for_a_server_that_is_starting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let pauses = Duration::from_millis(50);
    let policy = RetryPolicy::default().retries(200).pauses(pauses, pauses);
    let transport =
        HttpTransport::new(options(&format!("http://{address}")).retry(policy)).unwrap();
    let pending = transport.call(b"[]".to_vec(), CallOptions::new());
    thread::sleep(Duration::from_millis(100));
    assert!(!pending.is_ready());
    let listener = TcpListener::bind(address).unwrap();
    let server = Server::on(listener, |_, _, stream| reply(stream, "200 OK", "", b"[]"));
    assert_eq!(pending.wait().unwrap().status, 200);
    assert_eq!(server.received().len(), 1);
}

#[test]
fn an_unanswered_port_costs_all_attempts() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let transport = HttpTransport::new(options(&format!("http://{address}"))).unwrap();
    let error = transport
        .call(b"[]".to_vec(), CallOptions::new())
        .wait()
        .unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.effort().unwrap().attempts, 5);
}
