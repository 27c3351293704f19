//! A proxy that keeps what passes through.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value;

/// A batch of actions that a client sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The step of the story in which it was sent.
    pub step: String,
    /// The body, an array of actions.
    pub body: Value,
}

/// An HTTP proxy in front of one server that keeps the bodies of requests to `/api`.
///
/// It serves one request a connection and understands no more of HTTP than that takes. A client in another process
/// names the step of its story by a request for `/step/NAME`, which goes no further.
#[derive(Debug)]
pub struct Recorder {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: String,
    recording: Mutex<Recording>,
    stopped: AtomicBool,
}

#[derive(Debug, Default)]
struct Recording {
    step: String,
    batches: Vec<Batch>,
}

impl Recorder {
    /// Starts a proxy in front of the server at `address`, which is a host and a port.
    ///
    /// # Errors
    ///
    /// If no port of this machine can be had.
    pub fn start(server: impl Into<String>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server: server.into(),
            recording: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || serving.accept(&listener));
        Ok(Self { address, shared })
    }

    /// The address for clients.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Begins a step of the story.
    pub fn step(&self, name: &str) {
        name.clone_into(&mut self.shared.recording().step);
    }

    /// The step of the story that was begun last.
    pub fn current_step(&self) -> String {
        self.shared.recording().step.clone()
    }

    /// What was sent so far.
    pub fn batches(&self) -> Vec<Batch> {
        self.shared.recording().batches.clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        // Wakes the thread that accepts, so that it sees that it is to stop.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for connection in listener.incoming() {
            if self.stopped.load(Ordering::Acquire) {
                return;
            }
            let Ok(connection) = connection else {
                continue;
            };
            let serving = Arc::clone(self);
            // A connection that breaks is the client's to report.
            thread::spawn(move || drop(serving.serve(&connection)));
        }
    }

    fn serve(&self, mut client: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(client);
        let Some(request) = Request::read(&mut reader)? else {
            return Ok(());
        };
        if let Some(name) = request.path().strip_prefix("/step/") {
            name.replace('-', " ")
                .clone_into(&mut self.recording().step);
            return client.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
        if request.path() == "/api" {
            self.record(&request.body);
        }
        let mut server = TcpStream::connect(&self.server)?;
        server.write_all(&request.forwarded())?;
        io::copy(&mut server, &mut client)?;
        Ok(())
    }

    fn record(&self, body: &[u8]) {
        let body = serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()));
        let mut recording = self.recording();
        let step = recording.step.clone();
        recording.batches.push(Batch { step, body });
    }
}

struct Request {
    /// The request line and the headers, without the one about keeping the connection.
    head: Vec<String>,
    body: Vec<u8>,
}

impl Request {
    /// Reads a request; none if the connection ends before one begins.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let name = line
                .split(':')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            if name == "content-length" {
                let value = line.split(':').nth(1).unwrap_or_default().trim();
                length = value.parse().map_err(io::Error::other)?;
            }
            if name != "connection" {
                head.push(line.to_owned());
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Some(Self { head, body }))
    }

    fn path(&self) -> &str {
        let line = self.head.first().map(String::as_str).unwrap_or_default();
        line.split(' ').nth(1).unwrap_or_default()
    }

    /// The request for a connection that ends with its answer.
    fn forwarded(&self) -> Vec<u8> {
        let mut request = self.head.join("\r\n").into_bytes();
        request.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
        request.extend_from_slice(&self.body);
        request
    }
}
