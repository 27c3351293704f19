//! Every way in which a call can fail, and what it is told as.

use std::net::TcpListener;
use std::time::Duration;

use ftrack_transport::{ApiResponse, CallOptions, Error, HttpTransport, RetryPolicy, Transport};

use crate::server::{Connect, Server, Then, options, raw, reply};

fn call(transport: &HttpTransport) -> Result<ApiResponse, Error> {
    transport
        .call(b"[{\"action\":\"update\"}]".to_vec(), CallOptions::new())
        .wait()
}

/// An answer that is not even HTTP, or is not whole: these bytes, and then the end.
fn call_answered_by(text: &'static str) -> Result<ApiResponse, Error> {
    let server = Server::start(move |_, _, stream| {
        raw(stream, text);
        Then::Close
    });
    call(&server.transport())
}

#[test]
fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{address}");
    let transport = HttpTransport::new(options(&url).retry(RetryPolicy::none())).unwrap();
    let error = call(&transport).unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("could not connect to {url}"));
    assert!(error.is_retryable() && !error.is_outcome_unknown());
}

#[test]
fn the_server_speaks_no_tls() {
    let server = Server::answering("200 OK", b"[]");
    let url = format!("https://{}", server.address);
    let error = call(&HttpTransport::new(options(&url)).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    let expected = format!("TLS handshake with {url} failed");
    assert_eq!(error.to_string(), expected);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("may begin with http://"), "{cause}");
    assert!(!error.is_outcome_unknown() && !error.is_retryable());
}

#[test]
fn the_connection_ends_before_or_within_the_answer() {
    let cases = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"data\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[{\"da",
        "+OK POP3 server ready\r\n\r\n",
    ];
    for text in cases {
        let error = call_answered_by(text).unwrap_err();
        assert!(
            matches!(error, Error::ConnectionLost { .. }),
            "{text:?}: {error:?}"
        );
        assert!(
            error.is_outcome_unknown() && error.is_retryable(),
            "{text:?}"
        );
        assert!(std::error::Error::source(&error).is_some(), "{text:?}");
    }
}

#[test]
fn the_server_takes_too_long() {
    let cases = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"data\":",
    ];
    for text in cases {
        let server = Server::start(move |_, _, stream| {
            raw(stream, text);
            Then::Keep
        });
        let transport = server.transport();
        let limit = Duration::from_millis(300);
        let pending = transport.call(b"[]".to_vec(), CallOptions::new().timeout(limit));
        let error = pending.wait().unwrap_err();
        assert!(
            matches!(error, Error::Timeout { sent: true, .. }),
            "{text:?}: {error:?}"
        );
        assert_eq!(
            error.to_string(),
            format!("{} did not answer within 300ms", server.url())
        );
        assert!(error.is_outcome_unknown() && error.is_retryable());
    }
}

#[test]
fn an_answer_may_take_long_as_long_as_it_moves() {
    let server = Server::start(|_, _, stream| {
        raw(stream, "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n");
        for _ in 0..8 {
            std::thread::sleep(Duration::from_millis(60));
            raw(stream, "1");
        }
        Then::Keep
    });
    let patience = CallOptions::new().timeout(Duration::from_millis(400));
    let answer = server
        .transport()
        .call(b"[]".to_vec(), patience)
        .wait()
        .unwrap();
    assert_eq!(answer.body, b"11111111");
}

#[test]
fn an_error_page_is_shown_short_and_safe() {
    let body = format!(
        "<html>\n<h1>Bad \x1b[31mgateway {{}}</h1>{}",
        "x".repeat(100_000)
    );
    let length = body.len();
    let server = Server::start(move |_, _, stream| {
        reply(
            stream,
            "502 Bad Gateway",
            "content-type: text/html\r\n",
            body.as_bytes(),
        )
    });
    let error = call(&server.transport()).unwrap_err();
    let Error::Status {
        status: 502,
        excerpt,
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert!(
        excerpt.starts_with("<html> <h1>Bad \\u{1b}[31mgateway {}</h1>xxx"),
        "{excerpt}"
    );
    assert!(
        excerpt.ends_with(&format!("… ({length} bytes)")),
        "{excerpt}"
    );
    assert!(error.to_string().len() < 700 && error.is_retryable());
}

#[test]
fn whose_the_body_is_decides_about_an_error_status() {
    let cases: [(&str, &[u8], bool); 6] = [
        (
            "400 Bad Request",
            b" {\"exception\":\"ValidationError\"}",
            true,
        ),
        ("500 Internal Server Error", b"[{}]", true),
        ("500 Internal Server Error", b"", false),
        ("401 Unauthorized", b"who are you?", false),
        ("404 Not Found", b"<html>", false),
        ("200 OK", b"<html>an answer of some proxy</html>", true),
    ];
    for (status, body, is_answer) in cases {
        let server = Server::answering(status, body);
        let result = call(&server.transport());
        assert_eq!(result.is_ok(), is_answer, "{status}: {result:?}");
        let code: u16 = status[..3].parse().unwrap();
        match result {
            Ok(answer) => assert_eq!((answer.status, &answer.body[..]), (code, body)),
            Err(error) => assert!(error.to_string().contains(&format!("status {code}"))),
        }
    }
}

#[test]
fn a_redirect_of_a_call_is_not_followed() {
    let other = Server::answering("200 OK", b"[]");
    let location = format!("location: {}/api?token=hidden\r\n", other.url());
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Moved",
    ] {
        let location = location.clone();
        let server = Server::start(move |_, _, stream| reply(stream, status, &location, b""));
        let error = call(&server.transport()).unwrap_err();
        let Error::Redirect { target, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(*target, other.url());
        assert!(!format!("{error} {error:?}").contains("hidden"));
    }
    assert_eq!(other.received().len(), 0);
}

#[test]
fn an_answer_beyond_the_limit_is_refused() {
    let answers = [
        "HTTP/1.1 200 OK\r\ncontent-length: 9000000000\r\n\r\n[",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n[1,2,3,4\r\n8\r\n,5,6,7,8\r\n0\r\n\r\n",
    ];
    for text in answers {
        let server = Server::start(move |_, _, stream| {
            raw(stream, text);
            Then::Keep
        });
        let options = server.options().largest_answer(12);
        let error = call(&HttpTransport::new(options).unwrap()).unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { limit: 12, .. }),
            "{error:?}"
        );
        assert!(error.is_outcome_unknown() && !error.is_retryable());
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_an_error_of_the_request() {
    let server = Server::answering("200 OK", b"[]");
    let options = CallOptions::new().header("x-a", "hidden\n");
    let error = server
        .transport()
        .call(b"[]".to_vec(), options)
        .wait()
        .unwrap_err();
    assert!(matches!(error, Error::InvalidRequest { .. }), "{error:?}");
    assert!(!error.to_string().contains("hidden"), "{error}");
    assert_eq!(server.received().len(), 0);
}
