//! Redirects of file requests: followed by hand, and nothing secret goes along.

use ftrack_transport::{Error, HttpTransport, Request, Transport};

use crate::server::{Connect, Server, reply};

fn redirecting(status: &'static str, location: &str) -> Server {
    let location = format!("location: {location}\r\n");
    Server::start(move |_, _, stream| reply(stream, status, &location, b""))
}

#[test]
fn nothing_secret_goes_to_another_origin() {
    let storage = Server::answering("200 OK", b"frame");
    let signed = format!("{}/bucket/object?signature=s", storage.url());
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let home = redirecting(status, &signed);
        let options = home
            .options()
            .header("x-studio", "north")
            .cookie("affinity", "blue");
        let transport = HttpTransport::new(options).unwrap();
        let url = format!("{}/component/get?apiKey=the-secret-key", home.url());
        let request = Request::get(url)
            .with_credentials()
            .header("authorization", "Bearer hidden")
            .header("range", "bytes=0-9");
        assert_eq!(transport.request(request).wait().unwrap().status(), 200);

        assert_eq!(
            home.received()[0].header("authorization"),
            Some("Bearer hidden")
        );
        let arrived = storage.received().pop().unwrap();
        assert_eq!(arrived.line, "GET /bucket/object?signature=s HTTP/1.1");
        assert_eq!(arrived.header("range"), Some("bytes=0-9"));
        let text = arrived.text();
        for absent in [
            "the-secret-key",
            "ada",
            "hidden",
            "north",
            "blue",
            "referer",
        ] {
            assert!(!text.contains(absent), "{absent} is in {text}");
        }
    }
}

#[test]
fn a_redirect_at_home_keeps_the_credentials() {
    let home = Server::start(|number, _, stream| match number {
        0 => reply(stream, "302 Found", "location: /moved/here?id=1\r\n", b""),
        _ => reply(stream, "200 OK", "", b"frame"),
    });
    let request = Request::get(format!("{}/component/get", home.url())).with_credentials();
    assert!(
        home.transport()
            .request(request)
            .wait()
            .unwrap()
            .is_success()
    );
    let second = &home.received()[1];
    assert_eq!(second.line, "GET /moved/here?id=1 HTTP/1.1");
    assert_eq!(second.header("ftrack-api-key"), Some("the-secret-key"));
}

#[test]
fn who_once_left_comes_back_without_credentials() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let back = format!("http://{}/back", listener.local_addr().unwrap());
    let elsewhere = redirecting("302 Found", &back);
    let away = format!("location: {}\r\n", elsewhere.url());
    let home = Server::on(listener, move |number, _, stream| match number {
        0 => reply(stream, "302 Found", &away, b""),
        _ => reply(stream, "200 OK", "", b""),
    });
    let request = Request::get(home.url()).with_credentials();
    assert!(
        home.transport()
            .request(request)
            .wait()
            .unwrap()
            .is_success()
    );
    assert_eq!(home.received()[1].line, "GET /back HTTP/1.1");
    assert_eq!(home.received()[1].header("ftrack-api-key"), None);
}

#[test]
fn redirects_are_bounded() {
    let home =
        Server::start(|_, _, stream| reply(stream, "302 Found", "location: /again\r\n", b""));
    let error = home
        .transport()
        .request(Request::get(home.url()))
        .wait()
        .unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
    assert_eq!(home.received().len(), 11);
}

#[test]
fn some_redirects_are_refused() {
    let cases = [
        ("file:///etc/passwd", "neither http nor https"),
        ("http://[broken", "names no address"),
    ];
    for (location, reason) in cases {
        let home = redirecting("302 Found", location);
        let error = home
            .transport()
            .request(Request::get(home.url()))
            .wait()
            .unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    let home = redirecting("307 Temporary Redirect", "/elsewhere");
    let request = Request::put(home.url()).bytes("frame");
    let error = home.transport().request(request).wait().unwrap_err();
    assert!(
        error.to_string().contains("only reading requests"),
        "{error}"
    );
    assert_eq!(home.received().len(), 1);
}
