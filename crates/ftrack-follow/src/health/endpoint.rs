//! A port at which a listener says how it is doing.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::Health;
use crate::error::{Error, Result};

/// How often the thread looks for callers, and for the end.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a caller may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much of a request is read.
const REQUEST: usize = 8 << 10;

/// Answers every HTTP request with the health: 200 if the listener does its work, else 503.
#[derive(Debug)]
pub(crate) struct Endpoint {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    address: SocketAddr,
}

#[derive(Debug, Default)]
struct Shared {
    health: Mutex<Health>,
    is_over: AtomicBool,
}

impl Endpoint {
    pub(crate) fn open(address: &str) -> Result<Self> {
        let failed = |source| Error::Endpoint {
            address: address.to_owned(),
            source,
        };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let shared = Arc::<Shared>::default();
        let in_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("ftrack-health".to_owned())
            .spawn(move || in_thread.serve(&listener))
            .map_err(failed)?;
        Ok(Self {
            shared,
            thread: Some(thread),
            address: bound,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, health: &Health) {
        *self.shared.health.lock() = health.clone();
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // It ends within the patience for one caller.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn serve(&self, listener: &TcpListener) {
        while !self.is_over.load(Ordering::Acquire) {
            match listener.accept() {
                // One caller at a time, each for a moment: it cannot take anything from the listener.
                Ok((caller, _)) => {
                    let _ = self.answer(caller);
                }
                Err(error) => {
                    if error.kind() != ErrorKind::WouldBlock {
                        tracing::debug!(%error, "a caller of the health endpoint is lost");
                    }
                    thread::sleep(GLANCE);
                }
            }
        }
    }

    fn answer(&self, mut caller: TcpStream) -> std::io::Result<()> {
        caller.set_nonblocking(false)?;
        caller.set_read_timeout(Some(PATIENCE))?;
        caller.set_write_timeout(Some(PATIENCE))?;
        let until = Instant::now() + PATIENCE;
        let mut request = Vec::new();
        let mut part = [0; 1024];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let read = caller.read(&mut part)?;
            if read == 0 || request.len() > REQUEST || Instant::now() > until {
                break;
            }
            request.extend_from_slice(part.get(..read).unwrap_or_default());
        }
        let health = self.health.lock().clone();
        let status = if health.state.is_healthy() {
            "200 OK"
        } else {
            "503 Service Unavailable"
        };
        let body = health.to_json();
        let length = body.len();
        write!(
            caller,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n\
             {body}"
        )?;
        caller.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ListenerState;
    use super::*;

    fn ask(endpoint: &Endpoint) -> String {
        let mut caller = TcpStream::connect(endpoint.address()).unwrap();
        caller.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = String::new();
        caller.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_listener_that_works_is_told_from_one_that_does_not() {
        let endpoint = Endpoint::open("127.0.0.1:0").unwrap();
        assert!(ask(&endpoint).starts_with("HTTP/1.1 503 "));
        let health = Health {
            state: ListenerState::Live,
            position: 7,
            ..Health::default()
        };
        endpoint.set(&health);
        let answer = ask(&endpoint);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let told: Health = serde_json::from_str(body).unwrap();
        assert_eq!((told.state, told.position), (ListenerState::Live, 7));
    }

    #[test]
    fn an_address_that_is_taken_is_an_error() {
        let endpoint = Endpoint::open("127.0.0.1:0").unwrap();
        let error = Endpoint::open(&endpoint.address().to_string()).unwrap_err();
        assert!(error.to_string().contains("127.0.0.1:"), "{error}");
    }
}
