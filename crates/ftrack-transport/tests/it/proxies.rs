//! Requests through a proxy.

use ftrack_transport::{CallOptions, ConnectionOptions, HttpTransport, Proxy, Transport};

use crate::server::Server;

#[test]
fn calls_go_through_the_proxy_that_was_chosen() {
    let proxy = Server::answering("200 OK", b"[]");
    let options = ConnectionOptions::new("http://studio.invalid:8080", "ada", "the-key").unwrap();
    let url = format!("http://user:pass@{}", proxy.address);
    let transport = HttpTransport::new(options.proxy(Proxy::Url(url))).unwrap();
    transport
        .call(b"[1]".to_vec(), CallOptions::new())
        .wait()
        .unwrap();

    let [received] = &proxy.received()[..] else {
        panic!("one request")
    };
    assert_eq!(
        received.line,
        "POST http://studio.invalid:8080/api HTTP/1.1"
    );
    assert_eq!(
        received.header("proxy-authorization"),
        Some("Basic dXNlcjpwYXNz")
    );
    assert_eq!(received.header("host"), Some("studio.invalid:8080"));
    assert_eq!(received.body, b"[1]");
}

#[test]
fn a_secure_server_is_reached_by_a_tunnel_that_sees_no_key() {
    let proxy = Server::answering("403 Forbidden", b"");
    let options = ConnectionOptions::new("https://studio.invalid", "ada", "the-key").unwrap();
    let url = format!("http://{}", proxy.address);
    let options = options
        .proxy(Proxy::Url(url))
        .retry(ftrack_transport::RetryPolicy::none());
    let transport = HttpTransport::new(options).unwrap();
    let error = transport
        .call(b"[1]".to_vec(), CallOptions::new())
        .wait()
        .unwrap_err();
    assert!(
        matches!(error, ftrack_transport::Error::Connect { .. }),
        "{error:?}"
    );

    let [received] = &proxy.received()[..] else {
        panic!("one request")
    };
    assert_eq!(received.line, "CONNECT studio.invalid:443 HTTP/1.1");
    assert!(!received.text().contains("the-key"));
}
