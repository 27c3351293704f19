//! Uploads, from bytes and from readers that behave or do not.

use std::io::{self, Cursor, Read};
use std::sync::mpsc;

use ftrack_transport::{Body, CallOptions, Error, HttpTransport, Method, Request, Transport};

use crate::server::{Connect, Server, Then, reply};

fn content() -> Vec<u8> {
    (0..2_000_003_u32)
        .map(|number| (number % 241) as u8)
        .collect()
}

#[test]
fn bytes_and_readers_arrive_whole() {
    let server = Server::answering("200 OK", b"");
    let transport = server.transport();
    let length = content().len();
    let requests = [
        Request::put(server.url()).bytes(content()),
        Request::put(server.url()).reader(Cursor::new(content()), Some(length as u64)),
        Request::new(Method::Post, server.url()).reader(Cursor::new(content()), None),
        Request::put(server.url()).reader(io::empty(), Some(0)),
    ];
    for request in requests {
        let request = request
            .header("content-md5", "abc")
            .header("Content-Length", "99")
            .header("content-type", "image/png");
        assert!(transport.request(request).wait().unwrap().is_success());
    }
    let received = server.received();
    let lengths: Vec<_> = received
        .iter()
        .map(|one| one.header("content-length"))
        .collect();
    assert_eq!(lengths, [Some("2000003"), Some("2000003"), None, Some("0")]);
    assert!(received[..3].iter().all(|one| one.body == content()));
    assert!(
        received
            .iter()
            .all(|one| one.header("content-md5") == Some("abc"))
    );
    assert_eq!(received[1].line, "PUT / HTTP/1.1");
    assert_eq!(received[2].line, "POST / HTTP/1.1");
}

/// Gives nothing until it is let go.
struct Stuck(mpsc::Receiver<()>);

impl Read for Stuck {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(0)
    }
}

#[test]
fn readers_that_take_their_time_keep_nobody_else_from_asking() {
    let server = Server::answering("200 OK", b"[]");
    let transport = server.transport();
    // More of them than the engine has threads.
    let (stuck, uploads): (Vec<_>, Vec<_>) = (0..8)
        .map(|_| {
            let (sender, receiver) = mpsc::channel();
            let request = Request::put(server.url()).reader(Stuck(receiver), None);
            (sender, transport.request(request))
        })
        .unzip();
    let answer = transport.call(b"[1]".to_vec(), CallOptions::new()).wait();
    assert_eq!(answer.unwrap().body, b"[]");
    drop(stuck);
    for upload in uploads {
        assert!(upload.wait().unwrap().is_success());
    }
}

/// Gives some bytes, and then does what it is told.
struct Unruly(usize, fn() -> io::Result<usize>);

impl Read for Unruly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return (self.1)();
        }
        let length = buffer.len().min(self.0);
        self.0 -= length;
        Ok(length)
    }
}

#[test]
fn readers_that_misbehave_are_told_apart_from_the_network() {
    let cases: [(&str, Unruly, &str); 4] = [
        (
            "too few",
            Unruly(400_000, || Ok(0)),
            "than the 500000 announced",
        ),
        (
            "too many",
            Unruly(600_000, || Ok(0)),
            "than the 500000 announced",
        ),
        (
            "failing",
            Unruly(300_000, || Err(io::Error::other("disk on fire"))),
            "disk on fire",
        ),
        (
            "panicking",
            Unruly(300_000, || panic!("this panic is part of the test")),
            "panicked",
        ),
    ];
    let server = Server::answering("200 OK", b"");
    let transport = HttpTransport::new(server.options()).unwrap();
    for (name, reader, expected) in cases {
        let request = Request::put(server.url()).reader(reader, Some(500_000));
        let error = transport.request(request).wait().unwrap_err();
        let Error::Body { source } = &error else {
            panic!("{name}: {error:?}")
        };
        assert!(source.to_string().contains(expected), "{name}: {source}");
        assert!(!error.is_retryable());
    }
    assert_eq!(server.received().len(), 0, "no request arrived whole");
}

#[test]
fn an_upload_is_repeated_only_when_it_can_be() {
    let count = |idempotent: bool, body: Body| {
        let server = Server::start(|number, _, stream| match number {
            0 => Then::Close,
            _ => reply(stream, "200 OK", "", b""),
        });
        let transport = HttpTransport::new(server.options()).unwrap();
        let request = Request::put(server.url()).idempotent(idempotent);
        let request = match body {
            Body::Bytes(bytes) => request.bytes(bytes),
            _ => request.reader(Cursor::new(vec![0; 10]), Some(10)),
        };
        let result = transport.request(request).wait();
        (server.received().len(), result.is_ok())
    };
    assert_eq!(count(true, Body::Bytes(vec![0; 10])), (2, true));
    assert_eq!(count(false, Body::Bytes(vec![0; 10])), (1, false));
    assert_eq!(count(true, Body::Empty), (1, false));
}

#[test]
fn a_refusal_is_an_answer() {
    let server = Server::answering("403 Forbidden", b"expired");
    let transport = server.transport();
    let request = Request::put(server.url()).bytes(content());
    let response = transport.request(request).wait().unwrap();
    assert_eq!(
        (response.status(), response.into_excerpt().as_str()),
        (403, "expired")
    );
}
