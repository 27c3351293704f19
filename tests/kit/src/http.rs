//! A server of HTTP that does what a test tells it, right or wrong.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// The first line: method, target and version.
    pub line: String,
    /// The headers, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(other, _)| other == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// Everything that arrived, for searching.
    pub fn text(&self) -> String {
        format!("{self:?} {}", String::from_utf8_lossy(&self.body))
    }

    /// What the server at `address` answers to the same request.
    ///
    /// # Errors
    ///
    /// What goes wrong on the way there and back.
    pub fn forward(&self, address: SocketAddr) -> io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(address)?;
        write!(server, "{}\r\n", self.line)?;
        for (name, value) in &self.headers {
            if !name.eq_ignore_ascii_case("connection") {
                write!(server, "{name}: {value}\r\n")?;
            }
        }
        server.write_all(b"connection: close\r\n\r\n")?;
        server.write_all(&self.body)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It stays.
    Keep,
    /// It is closed.
    Close,
}

type Handler = dyn Fn(usize, &Received, &mut TcpStream) -> Then + Send + Sync;

/// Listens until it is dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
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

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Server({})", self.address)
    }
}

impl Server {
    /// Answers each request by this closure, which gets the request's number from 0.
    pub fn start(
        handler: impl Fn(usize, &Received, &mut TcpStream) -> Then + Send + Sync + 'static,
    ) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), handler)
    }

    /// The same with a listener that is there already.
    pub fn on(
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
    pub fn answering(status: &'static str, body: &'static [u8]) -> Self {
        Self::start(move |_, _, stream| reply(stream, status, "", body))
    }

    /// Answers every request with these bytes, and hangs up.
    pub fn saying(bytes: Vec<u8>) -> Self {
        Self::start(move |_, _, stream| {
            let _ = stream.write_all(&bytes);
            Then::Close
        })
    }

    /// Its address as clients take it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests until now.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How many connections were made until now.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until a client has ended a connection.
    pub fn wait_for_ending(&self) -> bool {
        let endings = self.shared.endings.lock().unwrap();
        endings.recv_timeout(Duration::from_secs(10)).is_ok()
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

/// An answer with this head and body, after which the connection is closed.
pub fn answer(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Writes a whole answer. `headers` is empty or lines that end with `\r\n`.
pub fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> Then {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
    Then::Keep
}

/// Writes just this.
pub fn raw(stream: &mut TcpStream, text: &str) {
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
