//! Requests that a library makes by the program's connection.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Posts a batch to `/api`. It is answered later, by [`ToLibrary::Called`](super::ToLibrary::Called).
#[derive(Debug, Serialize, Deserialize)]
pub struct CallRequest {
    pub ticket: u64,
    pub idempotent: bool,
    pub headers: Vec<(String, String)>,
    pub timeout: Option<Duration>,
    pub actions: Option<usize>,
}

/// Makes any other request. It is answered later, by [`ToLibrary::Responded`](super::ToLibrary::Responded).
#[derive(Debug, Serialize, Deserialize)]
pub struct HttpRequest {
    pub ticket: u64,
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub with_credentials: bool,
    pub idempotent: bool,
    pub timeout: Option<Duration>,
    pub content: Content,
}

/// The head of the response to a request.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResponseHead {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub stream: u64,
}

/// What a request sends.
#[derive(Debug, Serialize, Deserialize)]
pub enum Content {
    Nothing,
    /// The bytes that come with the message.
    Bytes,
    /// What is read from the library.
    Stream {
        stream: u64,
        length: Option<u64>,
    },
}

/// The method of a request.
#[derive(Debug, Serialize, Deserialize)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
}
