//! Waiting, cancelling, closing, and living inside other people's programs.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ftrack_transport::{CallOptions, Error, HttpTransport, Request, Transport};

use crate::server::{Connect, Received, Server, Then, half_an_answer, raw, reply};

/// Never answers; the connection stays until the client ends it.
fn silent() -> Server {
    Server::start(|_, _, _| Then::Keep)
}

fn wait_for_request(server: &Server) {
    let started = Instant::now();
    while server.received().is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "the request did not arrive"
        );
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn waiting_can_be_given_up_and_resumed() {
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let server = Server::start(move |_, _, stream| {
        released.lock().unwrap().recv().unwrap();
        reply(stream, "200 OK", "", b"[]")
    });
    let transport = server.transport();
    let mut pending = transport.call(b"[]".to_vec(), CallOptions::new());
    assert_eq!(
        pending.wait_timeout(Duration::from_millis(20)).unwrap(),
        None
    );
    assert!(!pending.is_ready());
    release.send(()).unwrap();
    let answer = pending.wait_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(answer.unwrap().body, b"[]");
}

#[test]
fn cancelling_ends_the_request_at_once() {
    let server = silent();
    let transport = server.transport();
    let pending = transport.call(b"[]".to_vec(), CallOptions::new());
    wait_for_request(&server);
    let canceller = pending.canceller();
    thread::spawn(move || canceller.cancel());
    let error = pending.wait().unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    assert!(error.is_outcome_unknown());
    assert!(server.wait_for_ending());
}

#[test]
fn dropping_a_pending_answer_ends_the_request() {
    let server = silent();
    let transport = server.transport();
    let pending = transport.call(b"[]".to_vec(), CallOptions::new());
    wait_for_request(&server);
    drop(pending);
    assert!(server.wait_for_ending());
}

#[test]
fn after_closing_nothing_is_sent() {
    let server = Server::answering("200 OK", b"[]");
    let transport = server.transport();
    transport
        .call(b"[]".to_vec(), CallOptions::new())
        .wait()
        .unwrap();
    transport.close();
    transport.close();
    let refused = transport.call(b"[]".to_vec(), CallOptions::new()).wait();
    assert!(matches!(refused, Err(Error::Closed)), "{refused:?}");
    let refused = transport.request(Request::get(server.url())).wait();
    assert!(matches!(refused, Err(Error::Closed)), "{refused:?}");
    assert_eq!(server.received().len(), 1);
    assert!(server.wait_for_ending());
}

#[test]
fn closing_interrupts_requests_under_way() {
    let server = silent();
    let transport = server.transport();
    let pending = transport.call(b"[]".to_vec(), CallOptions::new());
    wait_for_request(&server);
    transport.close();
    let error = pending.wait().unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error:?}");
    assert!(error.is_outcome_unknown());
}

#[test]
fn dropping_does_not_wait_for_the_network() {
    let server = silent();
    let transport = server.transport();
    let pending = transport.call(b"[]".to_vec(), CallOptions::new());
    wait_for_request(&server);
    let started = Instant::now();
    drop(transport);
    assert!(matches!(pending.wait(), Err(Error::Interrupted)));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_closed_download_does_not_look_finished() {
    let server = half_an_answer(Then::Keep);
    let transport = server.transport();
    let mut response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    let mut start = [0; 4];
    response.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"half");
    drop(transport);
    for _ in 0..2 {
        let error = response.read(&mut start).unwrap_err();
        // Either the task or its socket goes first.
        let kinds = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];
        assert!(kinds.contains(&error.kind()), "{error:?}");
    }
}

#[test]
fn it_works_inside_a_runtime_and_ends_there() {
    let server = Server::start(|_, received: &Received, stream: &mut TcpStream| {
        reply(stream, "200 OK", "", &received.body)
    });
    for threads in [1, 2] {
        let mut builder = match threads {
            1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        builder.build().unwrap().block_on(async {
            let transport = server.transport();
            let blocking = transport.call(b"[1]".to_vec(), CallOptions::new()).wait();
            assert_eq!(blocking.unwrap().body, b"[1]");
            let awaited = transport.call(b"[2]".to_vec(), CallOptions::new()).await;
            assert_eq!(awaited.unwrap().body, b"[2]");

            let request = Request::new(ftrack_transport::Method::Post, server.url()).bytes("[3]");
            let mut response = transport.request(request).await.unwrap();
            let mut text = String::new();
            response.read_to_string(&mut text).unwrap();
            assert_eq!(text, "[3]");
            drop(transport);
        });
    }
}

#[test]
fn it_can_be_made_and_dropped_without_being_used() {
    let options = crate::server::options("http://127.0.0.1:9");
    drop(HttpTransport::new(options).unwrap());
}

#[test]
fn a_reader_may_stop_anywhere() {
    let server = Server::start(|_, _, stream| {
        raw(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n",
        );
        let piece = [0_u8; 8192];
        while stream.write_all(&piece).is_ok() {}
        Then::Close
    });
    let transport = server.transport();
    let mut response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    assert_eq!(response.content_length(), Some(1_000_000_000));
    let mut start = [1; 1000];
    response.read_exact(&mut start).unwrap();
    assert_eq!(start, [0; 1000]);
    drop(response);
}
