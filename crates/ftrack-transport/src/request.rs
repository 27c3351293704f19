//! Requests, before anything is sent.

use std::fmt;
use std::io::Read;
use std::time::Duration;

use url::Url;

use crate::options::names;
use crate::retry::RetryPolicy;
use crate::server_url::origin;

/// How one call to `/api` is to be made.
///
/// ```
/// use ftrack_transport::CallOptions;
///
/// let options = CallOptions::new()
///     .idempotent(true)
///     .header("ftrack-api-options", "strict:1;denormalize:1");
/// assert!(options.idempotent);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// Whether sending it twice does no more than sending it once, so that it may be repeated
    /// even if the server may have seen it.
    pub idempotent: bool,
    /// Headers of this call alone, by name and value.
    pub headers: Vec<(String, String)>,
    /// How long nothing may move. Defaults to the connection's time-out.
    pub timeout: Option<Duration>,
    /// How long it may take altogether. Defaults to the connection's deadline.
    pub deadline: Option<Duration>,
    /// The number of actions in the batch, for the log.
    pub actions: Option<usize>,
}

impl CallOptions {
    /// A call that is not repeated once the server may have seen it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether sending it twice does no more than sending it once.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets how long nothing may move.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how long it may take altogether, repetitions and the delays between them included.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets the number of actions in the batch, for the log.
    pub fn actions(mut self, count: usize) -> Self {
        self.actions = Some(count);
        self
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallOptions")
            .field("idempotent", &self.idempotent)
            .field("headers", &names(&self.headers))
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("actions", &self.actions)
            .finish()
    }
}

/// The method of a [`Request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the head of an answer only.
    Head,
    /// Sends something to be worked on.
    Post,
    /// Stores what is sent.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// Whether the method only reads, so that it can be repeated and redirected.
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// What a [`Request`] sends.
#[derive(Default)]
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Vec<u8>),
    /// What this reader gives, read on a thread of its own while the request is under way.
    Reader {
        /// Where the bytes come from.
        reader: Box<dyn Read + Send>,
        /// How many there are. Storage services want to know; the request fails if the reader
        /// gives more or fewer.
        length: Option<u64>,
    },
}

/// Any request other than a call to `/api`: the way of files.
///
/// ```
/// use std::io::Cursor;
/// use ftrack_transport::Request;
///
/// let upload = Request::put("https://storage.example/signed?token=x")
///     .header("content-type", "image/png")
///     .reader(Cursor::new(vec![0_u8; 1024]), Some(1024));
/// let text = format!("{upload:?}");
/// assert!(text.contains("https://storage.example") && !text.contains("token"));
/// ```
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    pub(crate) with_credentials: bool,
    pub(crate) idempotent: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl Request {
    /// A request to an absolute URL.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Body::Empty,
            with_credentials: false,
            idempotent: method.is_safe(),
            timeout: None,
            deadline: None,
            retry: None,
        }
    }

    /// A request to read what is at this URL.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::Get, url)
    }

    /// A request to store something at this URL.
    pub fn put(url: impl Into<String>) -> Self {
        Self::new(Method::Put, url)
    }

    /// Adds a header. A `content-length` is left out, since it follows from the body. If the
    /// request is redirected to another origin, only `accept` and `range` go along.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends these bytes.
    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// Sends what this reader gives, `length` bytes if that is known.
    pub fn reader(mut self, reader: impl Read + Send + 'static, length: Option<u64>) -> Self {
        self.body = Body::Reader {
            reader: Box::new(reader),
            length,
        };
        self
    }

    /// Sends user, key and the connection's headers and cookies along, if the URL belongs to the
    /// server's own origin. To any other origin they are never sent.
    pub fn with_credentials(mut self) -> Self {
        self.with_credentials = true;
        self
    }

    /// Sets whether sending it twice does no more than sending it once. That is so for
    /// [`Method::Get`] and [`Method::Head`]; a body from a reader cannot be repeated anyway.
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// Sets how long nothing may move.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how long it may take altogether, until the whole body of the answer is read. Defaults
    /// to no limit, for large files take long.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets when it is tried again. Defaults to the connection's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The whole URL. It may hold secrets: not for logs.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers, by name and value.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Whether credentials go along to the server's own origin.
    pub fn has_credentials(&self) -> bool {
        self.with_credentials
    }

    /// Whether sending it twice does no more than sending it once.
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// How long nothing may move, if that was set.
    pub fn time_limit(&self) -> Option<Duration> {
        self.timeout
    }

    /// What is sent.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Takes what is sent out of the request.
    pub fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("Empty"),
            Self::Bytes(bytes) => write!(formatter, "Bytes({} bytes)", bytes.len()),
            Self::Reader {
                length: Some(length),
                ..
            } => {
                write!(formatter, "Reader({length} bytes)")
            }
            Self::Reader { length: None, .. } => formatter.write_str("Reader"),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = Url::parse(&self.url).map(|url| origin(&url));
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("origin", &origin.as_deref().unwrap_or("(not a URL)"))
            .field("headers", &names(&self.headers))
            .field("body", &self.body)
            .field("with_credentials", &self.with_credentials)
            .field("idempotent", &self.idempotent)
            .finish_non_exhaustive()
    }
}
