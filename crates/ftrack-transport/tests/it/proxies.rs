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
    let expected = format!(
        "could not connect to https://studio.invalid through the proxy http://{}",
        proxy.address
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.is_retryable() && !error.is_outcome_unknown());

    let [received] = &proxy.received()[..] else {
        panic!("one request")
    };
    assert_eq!(received.line, "CONNECT studio.invalid:443 HTTP/1.1");
    assert!(!received.text().contains("the-key"));
}

/// Repeated attempts with a wrong password lock the account of the user.
#[test]
fn a_rejected_password_is_offered_once() {
    let proxy = Server::answering("407 Proxy Authentication Required", b"who are you?");
    for server in ["http://studio.invalid", "https://studio.invalid"] {
        let before = proxy.received().len();
        let url = format!("http://eve:secret@{}", proxy.address);
        let options = ConnectionOptions::new(server, "ada", "the-key").unwrap();
        let transport = HttpTransport::new(options.proxy(Proxy::Url(url))).unwrap();
        let error = transport
            .call(b"[1]".to_vec(), CallOptions::new().idempotent(true))
            .wait()
            .unwrap_err();
        assert!(
            matches!(
                error,
                ftrack_transport::Error::Proxy {
                    credentials_rejected: true,
                    ..
                }
            ),
            "{error:?}"
        );
        let text = format!("{error:#}");
        assert!(
            text.contains(&format!("http://{}", proxy.address)),
            "{text}"
        );
        assert!(text.contains("user and a password"), "{text}");
        assert!(!text.contains("secret") && !error.is_retryable(), "{text}");
        assert_eq!(proxy.received().len(), before + 1, "{server}");
    }
}

#[test]
fn a_proxy_that_answers_in_place_of_the_server_is_named() {
    let proxy = Server::answering("503 Service Unavailable", b"<h1>lunch</h1>");
    let url = format!("http://{}", proxy.address);
    let options = ConnectionOptions::new("http://studio.invalid", "ada", "the-key").unwrap();
    let options = options
        .proxy(Proxy::Url(url.clone()))
        .retry(ftrack_transport::RetryPolicy::none());
    let transport = HttpTransport::new(options).unwrap();
    let error = transport
        .call(b"[1]".to_vec(), CallOptions::new())
        .wait()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&format!("or the proxy {url} on the way")),
        "{text}"
    );
}
