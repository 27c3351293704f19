//! Answers.

use std::fmt;
use std::io::{self, Read};

use crate::error::Error;
use crate::excerpt::excerpt;
use crate::options::names;

/// The answer to a call to `/api`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiResponse {
    /// The HTTP status. An error status comes with a JSON body here, else it is an
    /// [`Error::Status`].
    pub status: u16,
    /// The body: usually JSON, but that is for the reader to find out.
    pub body: Vec<u8>,
}

impl ApiResponse {
    /// An answer of this status and body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
        }
    }
}

impl fmt::Debug for ApiResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApiResponse")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// The answer to any other request. Its body is read from it, and arrives while it is read.
///
/// ```
/// use std::io::Read;
/// use ftrack_transport::Response;
///
/// let headers = vec![("Content-Length".to_owned(), "5".to_owned())];
/// let mut response = Response::new(200, headers, &b"frame"[..]);
/// assert_eq!(response.content_length(), Some(5));
/// let mut text = String::new();
/// response.read_to_string(&mut text)?;
/// assert_eq!(text, "frame");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Box<dyn Read + Send>,
}

impl Response {
    /// An answer of this status, these headers and this body.
    pub fn new(
        status: u16,
        headers: Vec<(String, String)>,
        body: impl Read + Send + 'static,
    ) -> Self {
        Self {
            status,
            headers,
            body: Box::new(body),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The headers, by name and value.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of this name; upper and lower case are the same.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    /// The size of the body in bytes, where the server says it.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// The body alone.
    pub fn into_body(self) -> Box<dyn Read + Send> {
        self.body
    }

    /// The first bytes of the body, fit for a message; see [`excerpt`](crate::excerpt).
    ///
    /// For an answer of an error status: what the server has to say about it.
    pub fn into_excerpt(self) -> String {
        let mut head = Vec::new();
        // Whatever arrived before a failure still says more than nothing.
        let _ = self.body.take(64 * 1024).read_to_end(&mut head);
        excerpt(&head)
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names(&self.headers))
            .finish_non_exhaustive()
    }
}

impl From<Error> for io::Error {
    /// For readers of a [`Response`]: the kind says what happened, the source is the error.
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Connect { .. } | Error::Proxy { .. } => io::ErrorKind::NotConnected,
            Error::Timeout { .. } | Error::DeadlineExceeded { .. } => io::ErrorKind::TimedOut,
            Error::ConnectionLost { .. } => io::ErrorKind::ConnectionReset,
            Error::Closed | Error::Forked | Error::Cancelled | Error::Interrupted => {
                io::ErrorKind::ConnectionAborted
            }
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
