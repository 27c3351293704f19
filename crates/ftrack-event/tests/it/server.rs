//! A tiny event server: socket.io 0.9, as much of it as the tests need, and ways to misbehave.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use ftrack_event::{EventHub, HubOptions, ReconnectPolicy};
use ftrack_expression::Expression;
pub(crate) use ftrack_test_kit::wait::until;
use ftrack_transport::{ConnectionOptions, HttpTransport, RetryPolicy};
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// The key of the user that all hubs here belong to.
pub(crate) const KEY: &str = "the-very-secret-key";

/// An event server. Dropping it ends it, with all its connections.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shared: Arc<Shared>,
    secure: bool,
    runtime: Option<Runtime>,
}

#[derive(Default)]
pub(crate) struct Shared {
    peers: Mutex<BTreeMap<u64, Peer>>,
    next: AtomicU64,
    /// The heads of all requests.
    pub(crate) heads: Mutex<Vec<String>>,
    /// All events that arrived, announcements left out.
    pub(crate) events: Mutex<Vec<Value>>,
    /// How long clients may wait for a sign of life, in seconds.
    pub(crate) heartbeat: AtomicU64,
    /// What the first request is answered with instead of a handshake.
    pub(crate) refusal: Mutex<Option<(u16, String)>>,
    /// Nothing is read or written any more, and nothing closed.
    pub(crate) frozen: AtomicBool,
    /// Events are neither acknowledged nor handed on.
    pub(crate) mute: AtomicBool,
    /// The largest text that is taken, in bytes; 0 for any.
    pub(crate) largest: AtomicU64,
}

struct Peer {
    commands: UnboundedSender<Told>,
    subscribers: Vec<Subscriber>,
}

struct Subscriber {
    information: Value,
    subscription: Expression,
}

enum Told {
    Send(String),
    Cut,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), false)
    }

    pub(crate) fn start_secure() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), true)
    }

    pub(crate) fn start_at(address: SocketAddr, secure: bool) -> Self {
        #[cfg(feature = "deadlock-detection")]
        crate::deadlocks::watch();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let shared = Arc::new(Shared::default());
        shared.heartbeat.store(15, Ordering::SeqCst);
        let (sender, bound) = channel();
        let accepting = Arc::clone(&shared);
        runtime.spawn(async move {
            let listener = TcpListener::bind(address).await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(welcome(stream, secure, Arc::clone(&accepting)));
            }
        });
        Self {
            address: bound.recv().unwrap(),
            shared,
            secure,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub(crate) fn connection(&self) -> ConnectionOptions {
        ConnectionOptions::new(self.url(), "ada", KEY)
            .unwrap()
            .retry(RetryPolicy::none())
            .timeout(Duration::from_secs(10))
    }

    /// A hub that is connected, and known to the server.
    pub(crate) fn hub(&self) -> EventHub {
        let known = self.subscribers();
        let hub = self.hub_with(HubOptions::new());
        hub.connect().unwrap();
        until("the hub is announced", || self.subscribers() > known);
        hub
    }

    /// A hub that is not yet connected, and impatient.
    pub(crate) fn hub_with(&self, options: HubOptions) -> EventHub {
        hub(self.connection(), options)
    }

    pub(crate) fn peers(&self) -> usize {
        self.shared.peers.lock().len()
    }

    /// How many subscribers the server knows, those of the hubs themselves included.
    pub(crate) fn subscribers(&self) -> usize {
        self.shared
            .peers
            .lock()
            .values()
            .map(|peer| peer.subscribers.len())
            .sum()
    }

    /// Sends a text to every client.
    pub(crate) fn send(&self, text: &str) {
        self.tell(|| Told::Send(text.to_owned()));
    }

    /// Cuts all connections, without a word.
    pub(crate) fn cut(&self) {
        self.tell(|| Told::Cut);
    }

    pub(crate) fn topics(&self) -> Vec<String> {
        let events = self.shared.events.lock();
        events
            .iter()
            .map(|event| event["topic"].as_str().unwrap().to_owned())
            .collect()
    }

    fn tell(&self, told: impl Fn() -> Told) {
        for peer in self.shared.peers.lock().values() {
            let _ = peer.commands.send(told());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// A hub that is not yet connected, and impatient.
pub(crate) fn hub(connection: ConnectionOptions, options: HubOptions) -> EventHub {
    let pauses = (Duration::from_millis(5), Duration::from_millis(50));
    let options = options.reconnect(ReconnectPolicy::default().backoff(pauses.0, pauses.1));
    let transport = HttpTransport::new(connection.clone()).unwrap();
    let engine = transport.engine().clone();
    EventHub::with_transport(Arc::new(transport), engine, connection, options).unwrap()
}

pub(crate) fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

async fn welcome(stream: TcpStream, secure: bool, shared: Arc<Shared>) {
    // Errors mean that the client is gone, which is its right.
    let _ = if secure {
        match acceptor().accept(stream).await {
            Ok(stream) => answer(stream, shared).await,
            Err(error) => Err(error),
        }
    } else {
        answer(stream, shared).await
    };
}

fn acceptor() -> tokio_rustls::TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(data("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(data("server.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config).into()
}

/// Reads the head of a message, byte by byte, so that nothing behind it is lost.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(head).unwrap())
}

async fn answer<S>(mut stream: S, shared: Arc<Shared>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let head = read_head(&mut stream).await?;
    shared.heads.lock().push(head.clone());
    let path = head.split(' ').nth(1).unwrap().to_owned();
    if path.ends_with("/socket.io/1/") {
        let heartbeat = shared.heartbeat.load(Ordering::SeqCst);
        let usual = (200, format!("sid-1:{heartbeat}:60:websocket,xhr-polling"));
        let (status, body) = shared.refusal.lock().clone().unwrap_or(usual);
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} x\r\nset-cookie: node=7; Path=/\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        return stream.write_all(answer.as_bytes()).await;
    }
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("sec-websocket-key: "));
    let accept = derive_accept_key(key.unwrap().as_bytes());
    let upgrade = format!(
        "HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-accept: {accept}\r\n\r\n"
    );
    stream.write_all(upgrade.as_bytes()).await?;
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let number = shared.next.fetch_add(1, Ordering::SeqCst);
    let (commands, told) = unbounded_channel();
    let _ = commands.send(Told::Send("1::".to_owned()));
    let subscribers = Vec::new();
    shared.peers.lock().insert(
        number,
        Peer {
            commands,
            subscribers,
        },
    );
    serve(socket, told, number, &shared).await;
    shared.peers.lock().remove(&number);
    Ok(())
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    socket: WebSocketStream<S>,
    mut told: UnboundedReceiver<Told>,
    number: u64,
    shared: &Shared,
) {
    let (mut sink, mut stream) = socket.split();
    let heartbeat = shared.heartbeat.load(Ordering::SeqCst) * 1_000 / 3;
    let mut beat = tokio::time::interval(Duration::from_millis(heartbeat.max(1)));
    loop {
        let text = tokio::select! {
            biased;
            told = told.recv() => match told {
                Some(Told::Send(text)) => text,
                Some(Told::Cut) | None => return,
            },
            _ = beat.tick() => "2::".to_owned(),
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let largest = shared.largest.load(Ordering::SeqCst);
                    if largest > 0 && text.len() as u64 > largest {
                        let frame = CloseFrame {
                            code: CloseCode::Size,
                            reason: "too large".into(),
                        };
                        let _ = sink.send(Message::Close(Some(frame))).await;
                        return;
                    }
                    if !shared.mute.load(Ordering::SeqCst) {
                        received(text.as_str(), number, shared);
                    }
                    continue;
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        if shared.frozen.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if sink.send(Message::text(text)).await.is_err() {
            return;
        }
    }
}

fn received(text: &str, number: u64, shared: &Shared) {
    let mut parts = text.splitn(4, ':');
    if parts.next() != Some("5") {
        return;
    }
    let id = parts.next().unwrap().trim_end_matches('+').to_owned();
    let message: Value = serde_json::from_str(parts.nth(1).unwrap()).unwrap();
    assert_eq!(message["name"], "ftrack.event");
    let event = message["args"][0].clone();
    let mut peers = shared.peers.lock();
    let refusal = match event["topic"].as_str().unwrap() {
        "ftrack.meta.subscribe" => subscribe(&event["data"], number, &mut peers),
        "ftrack.meta.unsubscribe" => {
            let gone = &event["data"]["subscriber"]["id"];
            let peer = peers.get_mut(&number).unwrap();
            peer.subscribers
                .retain(|known| known.information["id"] != *gone);
            None
        }
        _ => {
            hand_on(&event, &peers);
            shared.events.lock().push(event);
            None
        }
    };
    let answer = match refusal {
        Some(message) => json!([{"success": false, "message": message}]),
        None => json!([{"success": true}]),
    };
    let _ = peers[&number]
        .commands
        .send(Told::Send(format!("6:::{id}+{answer}")));
}

fn subscribe(data: &Value, number: u64, peers: &mut BTreeMap<u64, Peer>) -> Option<&'static str> {
    let information = data["subscriber"].clone();
    let peer = peers.get_mut(&number).unwrap();
    if peer
        .subscribers
        .iter()
        .any(|known| known.information["id"] == information["id"])
    {
        return Some("it is known already");
    }
    let subscription = Expression::parse(data["subscription"].as_str().unwrap()).unwrap();
    peer.subscribers.push(Subscriber {
        information,
        subscription,
    });
    None
}

fn hand_on(event: &Value, peers: &BTreeMap<u64, Peer>) {
    let target = event["target"].as_str().filter(|target| !target.is_empty());
    let target = target.map(|target| Expression::parse(target).unwrap());
    let message = json!({"name": "ftrack.event", "args": [event]});
    for peer in peers.values() {
        let wanted = peer.subscribers.iter().any(|known| {
            known.subscription.matches(event)
                && target
                    .as_ref()
                    .is_none_or(|target| target.matches(&known.information))
        });
        if wanted {
            let _ = peer.commands.send(Told::Send(format!("5:::{message}")));
        }
    }
}
