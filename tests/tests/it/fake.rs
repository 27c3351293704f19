//! Servers that misbehave, and a proxy that loses what it should carry.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// An answer with this head and body, its length told truly.
pub(crate) fn http(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The address of a server that answers any request with `answer` and hangs up.
pub(crate) fn answering(answer: Vec<u8>) -> String {
    serve(move |mut connection| {
        read_request(connection)?;
        connection.write_all(&answer)
    })
}

/// What a server was sent, request by request.
pub(crate) type Requests = Arc<Mutex<Vec<Vec<u8>>>>;

/// The address of a server that answers each request as `answer` says, and what it is sent.
pub(crate) fn serving(
    answer: impl Fn(&[u8]) -> io::Result<Vec<u8>> + Send + Sync + 'static,
) -> (String, Requests) {
    let requests = Requests::default();
    let seen = Arc::clone(&requests);
    let url = serve(move |mut connection| {
        let request = read_request(connection)?;
        seen.lock().unwrap().push(request.clone());
        connection.write_all(&answer(&request)?)
    });
    (url, requests)
}

/// The address of a server that gives everybody this answer, and what it is sent.
pub(crate) fn recording(answer: Vec<u8>) -> (String, Requests) {
    serving(move |_| Ok(answer.clone()))
}

/// What the server at `server` answers to `request`.
pub(crate) fn forward(server: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut upstream = TcpStream::connect(server)?;
    upstream.write_all(request)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// An address at which nobody listens: the first of all ports is given to no one.
pub(crate) fn nobody() -> String {
    "http://127.0.0.1:1".to_owned()
}

/// What a [`Proxy`] does with the next requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Passes the request on and loses the answer.
    LoseAnswer,
    /// Hangs up without passing the request on.
    LoseRequest,
    /// Passes the request on and gives back a page instead of the answer.
    ReplaceAnswer,
}

/// A way to a server on which things get lost.
pub(crate) struct Proxy {
    url: String,
    faults: Arc<Mutex<Vec<Fault>>>,
}

impl Proxy {
    /// A proxy in front of the server at `server`.
    pub(crate) fn start(server: SocketAddr) -> Self {
        let faults = Arc::new(Mutex::new(Vec::new()));
        let coming = Arc::clone(&faults);
        let url = serve(move |connection| {
            let fault = {
                let mut faults = coming.lock().unwrap();
                (!faults.is_empty()).then(|| faults.remove(0))
            };
            carry(connection, server, fault)
        });
        Self { url, faults }
    }

    /// The address for clients.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Lets the next requests fail like this, one after the other.
    pub(crate) fn fail_next(&self, faults: &[Fault]) {
        self.faults.lock().unwrap().extend(faults);
    }
}

fn carry(mut client: &TcpStream, server: SocketAddr, fault: Option<Fault>) -> io::Result<()> {
    let request = read_request(client)?;
    if fault == Some(Fault::LoseRequest) {
        return Ok(());
    }
    let answer = forward(server, &request)?;
    match fault {
        None => client.write_all(&answer),
        Some(Fault::ReplaceAnswer) => client.write_all(&http(
            "502 Bad Gateway",
            "text/html",
            "<h1>Out for lunch</h1>",
        )),
        Some(Fault::LoseAnswer | Fault::LoseRequest) => Ok(()),
    }
}

/// Serves each connection with `answer`, on a thread of its own, for as long as the tests run.
fn serve(answer: impl Fn(&TcpStream) -> io::Result<()> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // What the client makes of a broken connection is what is tested.
            thread::spawn(move || drop(answer(&connection)));
        }
    });
    url
}

/// Reads one request; in what is given back, the connection is to be closed after the answer.
fn read_request(connection: &TcpStream) -> io::Result<Vec<u8>> {
    let mut reader = BufReader::new(connection);
    let mut request = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let lower = line.trim_end().to_ascii_lowercase();
        if lower.is_empty() {
            break;
        }
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if !lower.starts_with("connection:") {
            request.extend_from_slice(line.as_bytes());
        }
    }
    request.extend_from_slice(b"connection: close\r\n\r\n");
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.extend_from_slice(&body);
    Ok(request)
}
