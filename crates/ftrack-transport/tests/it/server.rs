//! Transports to a server that does what a test tells it.

use std::time::Duration;

use ftrack_transport::{ConnectionOptions, HttpTransport, Proxy, RetryPolicy};

pub(crate) use ftrack_test_kit::http::{Received, Server, Then, raw, reply};

/// The ways to a server.
pub(crate) trait Connect {
    /// Options for it that fail fast.
    fn options(&self) -> ConnectionOptions;

    /// A transport to it that fails fast and does not try again.
    fn transport(&self) -> HttpTransport {
        HttpTransport::new(self.options().retry(RetryPolicy::none())).unwrap()
    }
}

impl Connect for Server {
    fn options(&self) -> ConnectionOptions {
        options(&self.url())
    }
}

/// Options for any server, with short pauses between attempts and no proxy.
pub(crate) fn options(url: &str) -> ConnectionOptions {
    ConnectionOptions::new(url, "ada", "the-secret-key")
        .unwrap()
        .proxy(Proxy::Direct)
        .timeout(Duration::from_secs(20))
        .retry(RetryPolicy::default().backoff(Duration::from_millis(2), Duration::from_millis(8)))
}

/// A server that sends the beginning of an answer, and then nothing more.
pub(crate) fn half_an_answer(then: Then) -> Server {
    Server::start(move |_, _, stream| {
        raw(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        then
    })
}

/// A server whose answers come in drops, for ten seconds.
pub(crate) fn dripping(drop: usize) -> Server {
    Server::start(move |_, _, stream| {
        raw(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n",
        );
        for _ in 0..200 {
            raw(stream, &" ".repeat(drop));
            std::thread::sleep(Duration::from_millis(50));
        }
        Then::Close
    })
}
