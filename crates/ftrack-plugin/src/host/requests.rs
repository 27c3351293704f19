//! Requests that a library makes by the program's transport.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use ftrack_plugin_abi::message::{CallRequest, Content, HttpRequest, ResponseHead, ToLibrary};
use ftrack_transport::{CallOptions, Canceller, Pending, Request};
use parking_lot::Mutex;

use super::{Host, Library};
use crate::convert::Convert;
use crate::error::RemoteError;
use crate::link::{Answered, done};
use crate::numbered::{Numbered, Streams};

/// The requests that are under way, by the library's tickets.
#[derive(Default)]
pub(super) struct Requests(Numbered<Canceller>);

impl Requests {
    /// Calls `deliver` with the answer, on whatever thread brings it. Nothing but code of this module runs there.
    fn deliver<T: Send + 'static>(
        self: &Arc<Self>,
        ticket: u64,
        pending: Pending<T>,
        deliver: impl Fn(Result<T, ftrack_transport::Error>) + Send + Sync + 'static,
    ) {
        self.0.insert_as(ticket, pending.canceller());
        let requests = Arc::clone(self);
        let delivery = Arc::new(Delivery {
            pending: Mutex::new(Some(pending)),
            deliver: Box::new(move |result| {
                drop(requests.0.take(ticket));
                deliver(result);
            }),
        });
        delivery.wake();
    }
}

/// Waits for an answer without a thread: it is woken by the answer itself.
struct Delivery<T> {
    pending: Mutex<Option<Pending<T>>>,
    deliver: Box<dyn Fn(Result<T, ftrack_transport::Error>) + Send + Sync>,
}

impl<T: Send + 'static> Wake for Delivery<T> {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        let mut slot = self.pending.lock();
        let Some(pending) = slot.as_mut() else {
            return;
        };
        let Poll::Ready(result) = Pin::new(pending).poll(&mut Context::from_waker(&waker)) else {
            return;
        };
        let pending = slot.take();
        drop(slot);
        drop(pending);
        (self.deliver)(result);
    }
}

impl Host {
    pub(super) fn call(&self, call: CallRequest, body: &[u8]) -> Answered {
        let transport = self
            .connection
            .transport()
            .ok_or_else(RemoteError::closed)?;
        let library = self.library()?;
        let mut options = CallOptions::new().idempotent(call.idempotent);
        options.headers = call.headers;
        options.timeout = call.timeout;
        options.actions = call.actions;
        let pending = transport.call(body.to_vec(), options);
        let ticket = call.ticket;
        // A library that goes meanwhile interrupts its requests itself, and is not to go on a thread of the engine.
        let library = Arc::downgrade(&library);
        self.requests.deliver(ticket, pending, move |result| {
            let (result, body) = match result {
                Ok(response) => (Ok(response.status), response.body),
                Err(error) => (Err(RemoteError::from(error).0), Vec::new()),
            };
            if let Some(library) = library.upgrade() {
                // A library that wants the answer no longer says so, and that is all right.
                let _ = library.send::<bool>(&ToLibrary::Called { ticket, result }, &body);
            }
        });
        done()
    }

    pub(super) fn request(&self, request: HttpRequest, body: &[u8]) -> Answered {
        let transport = self
            .connection
            .transport()
            .ok_or_else(RemoteError::closed)?;
        let library = self.library()?;
        let ticket = request.ticket;
        let request = to_request(request, &library, body);
        let streams = Arc::clone(&self.streams);
        let library = Arc::downgrade(&library);
        let deliver = move |result| {
            if let Some(library) = library.upgrade() {
                deliver_response(&library, &streams, ticket, result);
            }
        };
        self.requests
            .deliver(ticket, transport.request(request), deliver);
        done()
    }

    pub(super) fn cancel(&self, ticket: u64) -> Answered {
        if let Some(canceller) = self.requests.0.take(ticket) {
            canceller.cancel();
        }
        done()
    }
}

fn to_request(message: HttpRequest, library: &Arc<Library>, body: &[u8]) -> Request {
    let mut request = Request::new(message.method.convert(), message.url);
    request = request.idempotent(message.idempotent);
    for (name, value) in message.headers {
        request = request.header(name, value);
    }
    if let Some(timeout) = message.timeout {
        request = request.timeout(timeout);
    }
    if message.with_credentials {
        request = request.with_credentials();
    }
    match message.content {
        Content::Nothing => request,
        Content::Bytes => request.bytes(body),
        Content::Stream { stream, length } => request.reader(
            LibraryReader {
                library: Arc::clone(library),
                stream,
            },
            length,
        ),
    }
}

fn deliver_response(
    library: &Library,
    streams: &Streams,
    ticket: u64,
    result: Result<ftrack_transport::Response, ftrack_transport::Error>,
) {
    let head = result
        .map_err(|error| RemoteError::from(error).0)
        .map(|response| ResponseHead {
            status: response.status(),
            headers: response.headers().to_vec(),
            stream: streams.insert(response.into_body()),
        });
    let stream = head.as_ref().ok().map(|head| head.stream);
    let message = ToLibrary::Responded {
        ticket,
        result: head,
    };
    let is_wanted = library.ask::<bool>(&message).unwrap_or_default();
    if let Some(stream) = stream
        && !is_wanted
    {
        streams.forget(stream);
    }
}

/// What a library sends with a request.
struct LibraryReader {
    library: Arc<Library>,
    stream: u64,
}

impl Read for LibraryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let message = ToLibrary::Read {
            stream: self.stream,
            limit: buffer.len(),
        };
        let answer = self.library.send::<()>(&message, b"");
        let ((), bytes) = answer.map_err(|error| io::Error::other(error.text()))?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        Ok(length)
    }
}

impl Drop for LibraryReader {
    fn drop(&mut self) {
        let stream = self.stream;
        let _ = self.library.ask::<()>(&ToLibrary::Forget { stream });
    }
}
