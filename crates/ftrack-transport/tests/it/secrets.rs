//! The key and its like appear nowhere but on the wire.

use std::fmt::Write as _;

use ftrack_test_kit::log::Log;
use ftrack_transport::{CallOptions, HttpTransport, Proxy, Request, Transport};

use crate::server::{Server, Then, reply};

const SECRETS: [&str; 5] = [
    "secret-key",
    "secret-cookie",
    "secret-header",
    "secret-query",
    "pass",
];

/// Calls and exchanges that succeed and fail in many ways; their errors and Debug texts.
fn story(server: &Server) -> String {
    let options = ftrack_transport::ConnectionOptions::new(server.url(), "ada", "secret-key");
    let options = options
        .unwrap()
        .cookie("session", "secret-cookie")
        .header("x-auth", "secret-header")
        .retry(ftrack_transport::RetryPolicy::default().retries(1));
    let url = format!("{}/component/get?apiKey=secret-query", server.url());
    let tunnel = Proxy::Url(format!("http://user:pass@{}", server.address));
    let mut text = String::new();
    for proxy in [Proxy::Direct, tunnel] {
        let transport = HttpTransport::new(options.clone().proxy(proxy)).unwrap();
        for _ in 0..4 {
            let call_options = CallOptions::new()
                .idempotent(true)
                .header("x-call", "secret-header");
            let _ = write!(text, "{call_options:?}");
            let result = transport
                .call(b"[\"secret-key\"]".to_vec(), call_options)
                .wait();
            let _ = write!(text, "{result:?}");
            let request = Request::get(&url)
                .with_credentials()
                .header("x", "secret-header");
            let _ = write!(text, "{request:?}");
            let result = transport.request(request).wait();
            let _ = write!(text, "{result:?}");
        }
        let _ = write!(text, "{transport:?} {options:?}");
        transport.close();
        let _ = write!(text, "{:?}", transport.request(Request::get(&url)).wait());
    }
    text
}

#[test]
fn secrets_are_in_no_log_and_no_text() {
    let captured = Log::new();
    captured.all_of_log();
    let server = Server::start(|number, _, stream| match number % 6 {
        0 => reply(
            stream,
            "200 OK",
            "set-cookie: more=secret-cookie\r\n",
            b"[]",
        ),
        1 => reply(
            stream,
            "302 Found",
            "location: http://x.invalid/?k=secret-query\r\n",
            b"",
        ),
        2 => Then::Close,
        3 => reply(stream, "502 Bad Gateway", "", b"oops"),
        4 => reply(stream, "302 Found", "location: /?k=secret-query\r\n", b""),
        _ => reply(stream, "200 OK", "", b"frame"),
    });
    let watching = captured.all_on_this_thread();
    let texts = story(&server);
    drop(watching);
    let log = captured.text();
    assert!(
        server.received()[0].text().contains("secret-key"),
        "it was on the wire"
    );
    for expected in [
        "ftrack_transport",
        "hyper",
        "bytes_out=",
        "bytes_in=2",
        "attempts=2",
    ] {
        assert!(log.contains(expected), "{expected} is not in the log");
    }
    for secret in SECRETS {
        assert!(!texts.contains(secret), "{secret} is in {texts}");
        if let Some(line) = log.lines().find(|line| line.contains(secret)) {
            panic!("{secret} is in the log: {line}");
        }
    }
}
