//! The way to the server from inside a library: the program's transport.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use ftrack_plugin_abi::message::{CallRequest, Content, HttpRequest, ResponseHead, ToHost};
use ftrack_transport::{
    ApiResponse, Body, CallOptions, Completer, Error, Pending, Request, Response, Transport,
};

use super::HostLink;
use crate::convert;
use crate::error::RemoteError;

/// Who waits for an answer of the program.
pub(crate) enum Waiting {
    Call(Completer<ApiResponse>),
    Response(Completer<Response>),
}

/// The program's transport. Nothing waits in here: the program says when an answer has come.
#[derive(Debug)]
pub(super) struct HostTransport {
    host: Arc<HostLink>,
    server_url: String,
    closed: AtomicBool,
}

impl HostTransport {
    pub(super) fn new(host: Arc<HostLink>, server_url: String) -> Self {
        Self {
            host,
            server_url,
            closed: AtomicBool::new(false),
        }
    }

    /// Asks the program for something that it answers later.
    fn begin<T: Send + 'static>(
        &self,
        wait: impl FnOnce(Completer<T>) -> Waiting,
        ask: impl FnOnce(u64) -> Result<(), RemoteError>,
    ) -> Pending<T> {
        let (completer, pending) = Pending::channel();
        let number = Arc::new(OnceLock::new());
        // The host holds the completer, which holds this.
        let (host, cancelled) = (Arc::downgrade(&self.host), Arc::clone(&number));
        completer.on_cancel(move || {
            if let (Some(host), Some(&ticket)) = (host.upgrade(), cancelled.get()) {
                drop(host.waiting.take(ticket));
                // If the program is gone, so is the request.
                let _ = host.ask::<()>(&ToHost::Cancel { ticket });
            }
        });
        let ticket = self.host.waiting.insert(wait(completer));
        let _ = number.set(ticket);
        // Whoever closes it takes what waits; what begins to wait afterwards sees that it is closed.
        let asked = if self.closed.load(Ordering::Acquire) {
            Err(RemoteError::closed())
        } else {
            ask(ticket)
        };
        if let Err(error) = asked
            && let Some(waiting) = self.host.waiting.take(ticket)
        {
            waiting.fail(error.into());
        }
        pending
    }
}

impl Transport for HostTransport {
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse> {
        self.begin(Waiting::Call, |ticket| {
            let request = ToHost::Call(CallRequest {
                ticket,
                idempotent: options.idempotent,
                headers: options.headers,
                timeout: options.timeout,
                actions: options.actions,
            });
            self.host.send(&request, &body).map(|((), _)| ())
        })
    }

    fn request(&self, mut request: Request) -> Pending<Response> {
        let Some(method) = convert::method(request.method()) else {
            return Pending::ready(Err(Error::InvalidRequest {
                problem: "a plugin cannot make requests of this method".to_owned(),
            }));
        };
        self.begin(Waiting::Response, |ticket| {
            let (content, bytes) = match request.take_body() {
                Body::Empty => (Content::Nothing, Vec::new()),
                Body::Bytes(bytes) => (Content::Bytes, bytes),
                Body::Reader { reader, length } => {
                    let stream = self.host.readers.insert(reader);
                    (Content::Stream { stream, length }, Vec::new())
                }
                _ => return Err(RemoteError::malformed("a request sends what cannot cross")),
            };
            let stream = match content {
                Content::Stream { stream, .. } => Some(stream),
                _ => None,
            };
            let message = ToHost::Request(HttpRequest {
                ticket,
                method,
                url: request.url().to_owned(),
                headers: request.headers().to_vec(),
                with_credentials: request.has_credentials(),
                idempotent: request.is_idempotent(),
                timeout: request.time_limit(),
                content,
            });
            let sent = self.host.send(&message, &bytes).map(|((), _)| ());
            if let (Err(_), Some(stream)) = (&sent, stream) {
                self.host.readers.forget(stream);
            }
            sent
        })
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        // Without their answer, those who wait hear that they were interrupted.
        drop(self.host.waiting.take_all());
    }

    fn server_url(&self) -> &str {
        &self.server_url
    }
}

impl Waiting {
    fn fail(self, error: Error) {
        match self {
            Self::Call(completer) => completer.complete(Err(error)),
            Self::Response(completer) => completer.complete(Err(error)),
        }
    }
}

/// Gives the answer to a call to whoever waits for it; whether somebody does.
pub(super) fn called(
    host: &HostLink,
    ticket: u64,
    result: Result<u16, RemoteError>,
    body: &[u8],
) -> bool {
    match host.waiting.take(ticket) {
        Some(Waiting::Call(completer)) => {
            let response = result.map(|status| ApiResponse::new(status, body));
            completer.complete(response.map_err(Error::from));
            true
        }
        _ => false,
    }
}

/// Gives the response to a request to whoever waits for it; whether somebody does.
pub(super) fn responded(
    host: &Arc<HostLink>,
    ticket: u64,
    result: Result<ResponseHead, RemoteError>,
) -> bool {
    match host.waiting.take(ticket) {
        Some(Waiting::Response(completer)) => {
            let response = result.map(|head| {
                let body = HostReader {
                    host: Arc::clone(host),
                    stream: head.stream,
                };
                Response::new(head.status, head.headers, body)
            });
            completer.complete(response.map_err(Error::from));
            true
        }
        _ => false,
    }
}

/// What the program receives.
struct HostReader {
    host: Arc<HostLink>,
    stream: u64,
}

impl Read for HostReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let message = ToHost::Read {
            stream: self.stream,
            limit: buffer.len(),
        };
        let answer = self.host.send::<()>(&message, b"");
        let ((), bytes) = answer.map_err(|error| io::Error::other(error.text()))?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        Ok(length)
    }
}

impl Drop for HostReader {
    fn drop(&mut self) {
        let stream = self.stream;
        let _ = self.host.ask::<()>(&ToHost::Forget { stream });
    }
}
