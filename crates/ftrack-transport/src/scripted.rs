//! A transport that answers from a script, for tests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::error::{Error, Result};
use crate::pending::Pending;
use crate::request::{CallOptions, Request};
use crate::response::{ApiResponse, Response};
use crate::transport::Transport;

/// Answers calls from a queue or by a closure, and keeps what was asked.
///
/// ```
/// use ftrack_transport::{ApiResponse, CallOptions, Error, ScriptedTransport, Transport};
///
/// let transport = ScriptedTransport::new();
/// transport.push(ApiResponse::new(200, b"[]"));
/// transport.push_error(Error::Cancelled);
///
/// assert_eq!(transport.call(b"[1]".to_vec(), CallOptions::new()).wait()?.body, b"[]");
/// assert!(transport.call(b"[2]".to_vec(), CallOptions::new()).wait().is_err());
///
/// let bodies: Vec<_> = transport.calls().into_iter().map(|call| call.body).collect();
/// assert_eq!(bodies, [b"[1]", b"[2]"]);
/// # Ok::<(), ftrack_transport::Error>(())
/// ```
pub struct ScriptedTransport {
    server_url: String,
    closed: AtomicBool,
    queue: Mutex<VecDeque<Result<ApiResponse>>>,
    answer: Option<Box<AnswerCall>>,
    on_request: Option<Box<AnswerRequest>>,
    calls: Mutex<Vec<RecordedCall>>,
}

type AnswerCall = dyn Fn(&[u8]) -> Result<ApiResponse> + Send + Sync;
type AnswerRequest = dyn Fn(Request) -> Result<Response> + Send + Sync;

/// A call that a [`ScriptedTransport`] was asked to make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The batch.
    pub body: Vec<u8>,
    /// How it was to be made.
    pub options: CallOptions,
}

impl Default for ScriptedTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl ScriptedTransport {
    /// A transport that answers what is [pushed](Self::push), in that order.
    pub fn new() -> Self {
        Self {
            server_url: "http://scripted.invalid".to_owned(),
            closed: AtomicBool::new(false),
            queue: Mutex::default(),
            answer: None,
            on_request: None,
            calls: Mutex::default(),
        }
    }

    /// A transport that answers by this closure, which gets the batch. What is
    /// [pushed](Self::push) goes first.
    pub fn answering(
        answer: impl Fn(&[u8]) -> Result<ApiResponse> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Some(Box::new(answer)),
            ..Self::new()
        }
    }

    /// Answers requests other than calls by this closure.
    pub fn on_request(
        mut self,
        answer: impl Fn(Request) -> Result<Response> + Send + Sync + 'static,
    ) -> Self {
        self.on_request = Some(Box::new(answer));
        self
    }

    /// Sets the address that it gives as the server's.
    pub fn at(mut self, server_url: impl Into<String>) -> Self {
        self.server_url = server_url.into();
        self
    }

    /// Answers the next call that has no answer yet with this.
    pub fn push(&self, response: ApiResponse) {
        self.queue.lock().push_back(Ok(response));
    }

    /// Lets the next call that has no answer yet fail with this.
    pub fn push_error(&self, error: Error) {
        self.queue.lock().push_back(Err(error));
    }

    /// The calls so far, in order.
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.calls.lock().clone()
    }

    /// The number of calls so far.
    pub fn call_count(&self) -> usize {
        self.calls.lock().len()
    }

    fn answer(&self, body: &[u8]) -> Result<ApiResponse> {
        let queued = self.queue.lock().pop_front();
        match (queued, &self.answer) {
            (Some(result), _) => result,
            (None, Some(answer)) => answer(body),
            (None, None) => Err(unscripted("call")),
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl Transport for ScriptedTransport {
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse> {
        if self.is_closed() {
            return Pending::ready(Err(Error::Closed));
        }
        let result = self.answer(&body);
        self.calls.lock().push(RecordedCall { body, options });
        Pending::ready(result)
    }

    fn request(&self, request: Request) -> Pending<Response> {
        if self.is_closed() {
            return Pending::ready(Err(Error::Closed));
        }
        Pending::ready(match &self.on_request {
            Some(answer) => answer(request),
            None => Err(unscripted("request")),
        })
    }

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    fn server_url(&self) -> &str {
        &self.server_url
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ScriptedTransport")
            .field("server_url", &self.server_url)
            .field("calls", &self.call_count())
            .finish_non_exhaustive()
    }
}

fn unscripted(what: &str) -> Error {
    Error::InvalidRequest {
        problem: format!("the script has no answer left for this {what}"),
    }
}
