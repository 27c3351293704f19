//! Downloads: streamed, whole or an error, and with credentials only where they belong.

use std::io::{self, Read};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use ftrack_transport::{Error, HttpTransport, Request, Response, Transport};

use crate::server::{Connect, Server, Then, half_an_answer, raw, reply};

fn text(mut response: Response) -> io::Result<String> {
    let mut text = String::new();
    response.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn a_download_is_read_while_it_arrives() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let server = Server::start(move |_, _, stream| {
        raw(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 8\r\nETag: \"7\"\r\n\r\nhalf",
        );
        released.lock().unwrap().recv().unwrap();
        raw(stream, "rest");
        Then::Keep
    });
    let transport = server.transport();
    let mut response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    assert_eq!(
        (response.status(), response.content_length()),
        (200, Some(8))
    );
    assert_eq!(response.header("etag"), Some("\"7\""));
    let mut half = [0; 4];
    response.read_exact(&mut half).unwrap();
    assert_eq!(&half, b"half");
    release.send(()).unwrap();
    assert_eq!(text(response).unwrap(), "rest");
}

#[test]
fn a_large_download_arrives_whole() {
    let content: Vec<u8> = (0..5_000_003_u32)
        .map(|number| (number % 253) as u8)
        .collect();
    let sent = content.clone();
    let server = Server::start(move |_, _, stream| reply(stream, "200 OK", "", &sent));
    let transport = server.transport();
    let mut response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    let mut received = Vec::new();
    assert_eq!(response.read_to_end(&mut received).unwrap(), content.len());
    assert!(received == content);
    assert_eq!(
        server.received()[0].header("accept-encoding"),
        Some("identity")
    );
}

#[test]
fn a_cut_download_is_an_error_however_often_it_is_read() {
    let server = half_an_answer(Then::Close);
    let transport = server.transport();
    let mut response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    let mut content = Vec::new();
    let error = response.read_to_end(&mut content).unwrap_err();
    assert_eq!(
        (&content[..], error.kind()),
        (&b"half"[..], io::ErrorKind::ConnectionReset)
    );
    assert!(response.read(&mut [0; 10]).is_err());
}

#[test]
fn a_stalled_download_is_an_error() {
    let server = half_an_answer(Then::Keep);
    let transport = server.transport();
    let request = Request::get(server.url()).timeout(Duration::from_millis(300));
    let error = text(transport.request(request).wait().unwrap()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    assert!(matches!(inner, Some(Error::Timeout { .. })), "{error:?}");
}

#[test]
fn an_error_status_is_an_answer() {
    let server = Server::answering("404 Not Found", b"no\x07 such component");
    let response = server
        .transport()
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    assert!(!response.is_success());
    // The transport is gone already: what there is to say was never fetched.
    assert_eq!(response.status(), 404);
    let transport = server.transport();
    let response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    assert_eq!(response.into_excerpt(), "no\\u{7} such component");
}

#[test]
fn a_download_survives_a_temporary_failure() {
    let server = Server::start(|number, _, stream| match number {
        0 => Then::Close,
        1 => reply(stream, "503 Service Unavailable", "", b"later"),
        _ => reply(stream, "200 OK", "", b"frame"),
    });
    let transport = HttpTransport::new(server.options()).unwrap();
    let response = transport
        .request(Request::get(server.url()))
        .wait()
        .unwrap();
    assert_eq!(text(response).unwrap(), "frame");
    assert_eq!(server.received().len(), 3);
}

#[test]
fn credentials_go_along_only_when_asked_and_only_home() {
    let home = Server::answering("200 OK", b"");
    let storage = Server::answering("200 OK", b"");
    let options = home
        .options()
        .header("x-studio", "north")
        .cookie("affinity", "blue");
    let transport = HttpTransport::new(options).unwrap();
    let send = |request: Request| transport.request(request).wait().unwrap().status();

    send(Request::get(format!("{}/a", home.url())).with_credentials());
    send(Request::get(format!("{}/b", home.url())));
    send(
        Request::get(format!("{}/c", storage.url()))
            .with_credentials()
            .header("x-own", "1"),
    );

    let at_home = home.received();
    let credentials = ["ftrack-user", "ftrack-api-key", "x-studio", "cookie"];
    for name in credentials {
        assert!(at_home[0].header(name).is_some(), "{name}");
        assert_eq!(at_home[1].header(name), None, "{name}");
        assert_eq!(storage.received()[0].header(name), None, "{name}");
    }
    assert_eq!(storage.received()[0].header("x-own"), Some("1"));
    assert!(storage.received()[0].header("user-agent").is_some());
}

#[test]
fn urls_that_cannot_be_asked_are_refused_without_being_shown() {
    let server = Server::answering("200 OK", b"");
    let transport = server.transport();
    for url in [
        "",
        "/component/get?key=hidden",
        "file:///hidden",
        "http://[hidden",
    ] {
        let error = transport.request(Request::get(url)).wait().unwrap_err();
        assert!(
            matches!(error, Error::InvalidRequest { .. }),
            "{url}: {error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error}");
    }
}
