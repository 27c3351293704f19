//! A server that does what a test tells it, right or wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use ftrack_transport::{ConnectionOptions, HttpTransport, Proxy, RetryPolicy};

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(other, _)| other == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// Everything that arrived, for searching.
    pub(crate) fn text(&self) -> String {
        format!("{self:?} {}", String::from_utf8_lossy(&self.body))
    }
}

/// What becomes of the connection after an answer.
#[derive(PartialEq, Eq)]
pub(crate) enum Then {
    Keep,
    Close,
}

type Handler = dyn Fn(usize, &Received, &mut TcpStream) -> Then + Send + Sync;

/// Listens until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    handler: Box<Handler>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    stopped: AtomicBool,
    ended: Mutex<mpsc::Sender<()>>,
    endings: Mutex<mpsc::Receiver<()>>,
}

impl Server {
    /// Answers each request by this closure, which gets the request's number from 0.
    pub(crate) fn start(
        handler: impl Fn(usize, &Received, &mut TcpStream) -> Then + Send + Sync + 'static,
    ) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), handler)
    }

    pub(crate) fn on(
        listener: TcpListener,
        handler: impl Fn(usize, &Received, &mut TcpStream) -> Then + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let (ended, endings) = mpsc::channel();
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            received: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            ended: Mutex::new(ended),
            endings: Mutex::new(endings),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let serving = Arc::clone(&accepting);
                thread::spawn(move || serving.serve(stream.unwrap()));
            }
        });
        Self { address, shared }
    }

    /// Answers every request with this.
    pub(crate) fn answering(status: &'static str, body: &'static [u8]) -> Self {
        Self::start(move |_, _, stream| reply(stream, status, "", body))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until a client has ended a connection.
    pub(crate) fn wait_for_ending(&self) -> bool {
        let endings = self.shared.endings.lock().unwrap();
        endings.recv_timeout(Duration::from_secs(10)).is_ok()
    }

    /// Options for it that fail fast.
    pub(crate) fn options(&self) -> ConnectionOptions {
        options(&self.url())
    }

    /// A transport to it that fails fast and does not try again.
    pub(crate) fn transport(&self) -> HttpTransport {
        HttpTransport::new(self.options().retry(RetryPolicy::none())).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        // As servers do when somebody speaks TLS to their plain port.
        if reader
            .fill_buf()
            .is_ok_and(|bytes| bytes.first() == Some(&0x16))
        {
            reply(&mut stream, "400 Bad Request", "", b"not HTTP");
            return;
        }
        while let Some(received) = read_request(&mut reader) {
            let number = {
                let mut all = self.received.lock().unwrap();
                all.push(received.clone());
                all.len() - 1
            };
            if (self.handler)(number, &received, &mut stream) == Then::Close {
                let _ = stream.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
        let _ = self.ended.lock().unwrap().send(());
    }
}

/// Options for any server, with short pauses between attempts and no proxy.
pub(crate) fn options(url: &str) -> ConnectionOptions {
    ConnectionOptions::new(url, "ada", "the-secret-key")
        .unwrap()
        .proxy(Proxy::Direct)
        .timeout(Duration::from_secs(20))
        .retry(RetryPolicy::default().pauses(Duration::from_millis(2), Duration::from_millis(8)))
}

/// Writes a whole answer. `headers` is empty or lines that end with `\r\n`.
pub(crate) fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> Then {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
    Then::Keep
}

/// Writes just this.
pub(crate) fn raw(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}

fn read_request(reader: &mut impl BufRead) -> Option<Received> {
    let line = read_line(reader)?;
    let mut received = Received {
        line,
        ..Received::default()
    };
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        received
            .headers
            .push((name.to_owned(), value.trim().to_owned()));
    }
    if received.header("transfer-encoding") == Some("chunked") {
        read_chunks(reader, &mut received.body)?;
    } else if let Some(length) = received.header("content-length") {
        received.body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut received.body).ok()?;
    }
    Some(received)
}

fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let size = u64::from_str_radix(&read_line(reader)?, 16).ok()?;
        reader.by_ref().take(size).read_to_end(body).ok()?;
        read_line(reader)?;
        if size == 0 {
            return Some(());
        }
    }
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(16 * 1024)
        .read_until(b'\n', &mut line)
        .ok()?;
    if line.is_empty() {
        return None;
    }
    Some(String::from_utf8_lossy(&line).trim_end().to_owned())
}
