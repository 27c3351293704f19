//! Secure connections and proxies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ftrack_event::{Error, Event, HubOptions, Outcome};
use ftrack_transport::Proxy;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::server::{Server, data, hub, read_head};

fn publishes(hub: &ftrack_event::EventHub) -> bool {
    let publication = hub.publish(Event::new("a")).unwrap();
    publication.wait(Duration::from_secs(10)) == Some(Outcome::Acknowledged)
}

#[test]
fn a_bundle_is_trusted_and_nothing_else() {
    let server = Server::start_secure();
    let trusting = server.connection().ca_bundle(data("authority.pem"));
    let trusting = hub(trusting, HubOptions::new());
    assert!(trusting.is_secure());
    trusting.connect().unwrap();
    assert!(publishes(&trusting));

    let doubting = hub(server.connection(), HubOptions::new());
    assert!(matches!(doubting.connect(), Err(Error::Connect { .. })));
}

/// A proxy that notes what it is asked. It lets everything through, or nothing.
struct TestProxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl TestProxy {
    fn start(lets_through: bool) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let noting = Arc::clone(&heads);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, lets_through, Arc::clone(&noting)));
            }
        });
        Self {
            address,
            heads,
            _runtime: runtime,
        }
    }
}

async fn pass(
    mut stream: TcpStream,
    lets_through: bool,
    heads: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let head = read_head(&mut stream).await?;
    heads.lock().push(head.clone());
    let url = head.split(' ').nth(1).unwrap();
    let target = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut server = TcpStream::connect(target).await?;
    if !head.starts_with("CONNECT") {
        server.write_all(head.as_bytes()).await?;
    } else if lets_through {
        stream.write_all(b"HTTP/1.1 200 ok\r\n\r\n").await?;
    } else {
        return stream.write_all(b"HTTP/1.1 407 no\r\n\r\n").await;
    }
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}

#[test]
fn a_proxy_is_asked_to_let_the_socket_through() {
    for server in [Server::start(), Server::start_secure()] {
        let proxy = TestProxy::start(true);
        let url = format!("http://user:pass@{}", proxy.address);
        let connection = server.connection().ca_bundle(data("authority.pem"));
        let hub = hub(connection.proxy(Proxy::Url(url)), HubOptions::new());
        hub.connect().unwrap();
        assert!(publishes(&hub));
        let heads = proxy.heads.lock();
        let asked = heads.last().unwrap();
        let expected = format!("CONNECT {} HTTP/1.1\r\n", server.address);
        assert!(asked.starts_with(&expected), "{asked}");
        assert!(
            asked.contains("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"),
            "{asked}"
        );
    }
}

/// A proxy that speaks SOCKS 5, leads wherever it is asked to, and counts.
fn socks_proxy() -> (SocketAddr, Arc<Mutex<Vec<SocketAddr>>>, Runtime) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<SocketAddr>>> = Arc::default();
    let noting = Arc::clone(&asked);
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(lead(stream, Arc::clone(&noting)));
        }
    });
    (address, asked, runtime)
}

async fn lead(mut stream: TcpStream, asked: Arc<Mutex<Vec<SocketAddr>>>) -> std::io::Result<()> {
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await?;
    assert_eq!(greeting, [5, 1, 0], "one method: none");
    stream.write_all(&[5, 0]).await?;
    let mut request = [0; 10];
    stream.read_exact(&mut request).await?;
    let [5, 1, 0, 1, a, b, c, d, high, low] = request else {
        panic!("{request:?} asks for no IPv4 address");
    };
    let target = SocketAddr::from(([a, b, c, d], u16::from_be_bytes([high, low])));
    asked.lock().push(target);
    let mut server = TcpStream::connect(target).await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}

#[test]
fn a_socks_proxy_serves_the_first_request_and_the_socket() {
    for server in [Server::start(), Server::start_secure()] {
        let (proxy, asked, _runtime) = socks_proxy();
        let connection = server.connection().ca_bundle(data("authority.pem"));
        let proxy = Proxy::Url(format!("socks5://{proxy}"));
        let hub = hub(connection.proxy(proxy), HubOptions::new());
        hub.connect().unwrap();
        assert!(publishes(&hub));
        assert_eq!(*asked.lock(), [server.address, server.address]);
    }
}

#[test]
fn a_proxy_that_refuses_is_told() {
    let server = Server::start();
    let proxy = TestProxy::start(false);
    let url = format!("http://{}", proxy.address);
    let hub = hub(
        server.connection().proxy(Proxy::Url(url.clone())),
        HubOptions::new(),
    );
    let error = hub.connect().unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.to_string().contains(&url), "{source}");
    let reason = source.source().unwrap().to_string();
    assert!(reason.contains("user and a password"), "{reason}");
}
