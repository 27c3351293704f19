//! What is tried again, and what is not.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use ftrack_transport::{CallOptions, Error, HttpTransport, Request, RetryPolicy, Transport};

use crate::server::{Connect, Server, Then, dripping, options, raw, reply};

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

/// A server that has too many requests has not carried this one out, so 429 is another matter.
#[test]
fn writing_calls_that_may_have_been_carried_out_are_never_sent_twice() {
    for failure in TEMPORARY {
        if failure.contains(" 429 ") {
            continue;
        }
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
        .backoff(Duration::ZERO, Duration::ZERO);
    let transport = HttpTransport::new(server.options().retry(short)).unwrap();
    let error = transport
        .call(b"[]".to_vec(), reading())
        .wait()
        .unwrap_err();
    assert_eq!(server.received().len(), 4);
    assert_eq!(error.retry_statistics().unwrap().attempts, 4);
    assert!(
        error
            .to_string()
            .contains("status 502 after 4 attempts in "),
        "{error}"
    );
}

#[test]
fn a_busy_server_is_an_error_that_says_how_often_it_was_asked_even_with_json() {
    let server = failing(usize::MAX, TEMPORARY[4]);
    let transport = HttpTransport::new(server.options()).unwrap();
    let error = transport
        .call(b"[]".to_vec(), reading())
        .wait()
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("status 503 after 5 attempts in "), "{text}");
    assert!(text.ends_with(": {}") && error.is_retryable(), "{text}");
    assert_eq!(server.received().len(), 5);
}

#[test]
fn a_commit_waits_for_a_server_that_has_too_many_requests() {
    let server = Server::start(|number, _, stream| match number {
        0 => reply(stream, "429 Too Many Requests", "retry-after: 1\r\n", b"{}"),
        _ => reply(stream, "200 OK", "", b"[]"),
    });
    let transport = HttpTransport::new(server.options()).unwrap();
    let started = Instant::now();
    let answer = transport.call(b"[1]".to_vec(), CallOptions::new()).wait();
    assert_eq!(answer.unwrap().status, 200);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_server_that_asks_for_a_day_gets_an_error_that_says_so() {
    let server = Server::start(|_, _, stream| {
        let headers = "retry-after: 99999\r\n";
        reply(stream, "429 Too Many Requests", headers, b"{}")
    });
    let transport = HttpTransport::new(server.options()).unwrap();
    let error = transport
        .call(b"[1]".to_vec(), CallOptions::new())
        .wait()
        .unwrap_err();
    let expected = format!(
        "{} answered with status 429 and asks to wait 99999 s: {{}}",
        server.url()
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.is_retryable() && !error.is_outcome_unknown());
    assert_eq!(server.received().len(), 1);
}

#[test]
fn a_server_that_asks_for_longer_than_time_lasts_breaks_nothing() {
    let server = Server::start(|_, _, stream| {
        let headers = "retry-after: 18446744073709551615\r\n";
        reply(stream, "429 Too Many Requests", headers, b"{}")
    });
    let endless = RetryPolicy::default().deadline(Duration::MAX);
    let transport = HttpTransport::new(server.options().retry(endless)).unwrap();
    let answer = transport.call(b"[1]".to_vec(), CallOptions::new()).wait();
    assert!(
        matches!(answer, Err(Error::Status { status: 429, .. })),
        "{answer:?}"
    );
}

#[test]
fn an_overall_deadline_ends_a_request_that_drips() {
    let server = dripping(1);
    let options = server.options().deadline(Duration::from_millis(300));
    let transport = HttpTransport::new(options).unwrap();
    let error = transport
        .call(b"[]".to_vec(), reading())
        .wait()
        .unwrap_err();
    let expected = format!(
        "the request to {} was not complete within 300ms",
        server.url()
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.is_retryable() && error.is_outcome_unknown());
}

#[test]
fn a_file_that_drips_counts_as_one_that_does_not_move() {
    let server = dripping(1);
    let options = server.options().timeout(Duration::from_millis(400));
    let transport = HttpTransport::new(options.retry(RetryPolicy::none())).unwrap();
    let mut response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    let error = std::io::copy(&mut response, &mut std::io::sink()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut, "{error:?}");
}

#[test]
fn a_download_can_have_a_deadline() {
    let server = dripping(4096);
    let transport = server.transport();
    let request = Request::get(server.url()).deadline(Duration::from_millis(300));
    let mut response = transport.request(request).wait().unwrap();
    let error = std::io::copy(&mut response, &mut std::io::sink()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut, "{error:?}");
}

#[test]
fn a_request_may_have_a_policy_of_its_own() {
    let server = failing(usize::MAX, TEMPORARY[3]);
    let transport = HttpTransport::new(server.options()).unwrap();
    let request = Request::get(server.url()).retry(RetryPolicy::none());
    assert_eq!(transport.request(request).wait().unwrap().status(), 502);
    assert_eq!(server.received().len(), 1);
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
    let policy = RetryPolicy::default().retries(200).backoff(pauses, pauses);
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
    assert_eq!(error.retry_statistics().unwrap().attempts, 5);
}
