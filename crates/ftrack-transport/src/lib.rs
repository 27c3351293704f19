//! How bytes reach an ftrack server: connection options, credentials, the I/O engine, HTTP, TLS,
//! proxies and retries.
//!
//! A [`Transport`] carries two kinds of traffic. [`Transport::call`] posts one batch to the
//! server's `/api` and gives the answer's bytes back; what the bytes mean is for the layers above.
//! [`Transport::exchange`] moves files, to the server itself or to a storage service that the
//! server names, and streams both ways. What is not a request, such as the socket that events come
//! through, gets a [`Line`] of its own.
//!
//! Calls and exchanges return a [`Pending`] at once. The work goes on in an [`Engine`], a small runtime on
//! threads of its own, so waiting for it is safe anywhere, also inside an asynchronous program.
//!
//! ```
//! use ftrack_transport::{ApiResponse, CallOptions, ScriptedTransport, Transport};
//!
//! // `HttpTransport::new(options)` has the same shape and speaks to a real server.
//! let transport = ScriptedTransport::new();
//! transport.push(ApiResponse::new(200, b"[{\"version\": \"4.13\"}]"));
//!
//! let request = br#"[{"action": "query_server_information"}]"#.to_vec();
//! let pending = transport.call(request, CallOptions::new().idempotent(true));
//! let answer = pending.wait()?;
//! assert_eq!(answer.body, b"[{\"version\": \"4.13\"}]");
//! # Ok::<(), ftrack_transport::Error>(())
//! ```

mod api_key;
mod engine;
mod error;
mod excerpt;
mod http;
mod line;
mod options;
mod pending;
mod proxy;
mod request;
mod response;
mod retry;
pub mod scripted;
mod server_url;
mod tls;
mod transport;

pub use api_key::ApiKey;
pub use engine::Engine;
pub use error::{Cause, Effort, Error, Result};
pub use excerpt::excerpt;
pub use http::HttpTransport;
pub use line::{Head, Line};
pub use options::{ConnectionOptions, Proxy};
pub use pending::{Canceller, Completer, Pending};
pub use request::{Body, CallOptions, Method, Request};
pub use response::{ApiResponse, Response};
pub use retry::RetryPolicy;
pub use scripted::ScriptedTransport;
pub use transport::Transport;
