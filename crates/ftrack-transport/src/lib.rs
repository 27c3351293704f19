//! How bytes reach an ftrack server: connection options, credentials, the I/O engine, HTTP, TLS,
//! proxies and retries.
//!
//! A [`Transport`] carries two kinds of traffic. [`Transport::call`] posts one batch to the
//! server's `/api` and gives the answer's bytes back; what the bytes mean is for the layers above.
//! [`Transport::request`] moves files, to the server itself or to a storage service that the
//! server names, and streams both ways. What is not a request, such as the socket that events come
//! through, gets a [`ServerStream`] of its own.
//!
//! Calls and requests return a [`Pending`] at once. The work goes on in an [`Engine`], a small runtime on
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
//!
//! # A real server
//!
//! [`ConnectionOptions`] say where it is, who asks, and by which way. What is not said is taken from the environment
//! where that has a custom: proxies, and certificates to trust.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use ftrack_transport::{CallOptions, ConnectionOptions, HttpTransport, RetryPolicy, Transport};
//!
//! # fn main() -> Result<(), ftrack_transport::Error> {
//! let options = ConnectionOptions::new("https://studio.ftrackapp.com", "ada", "the-key")?
//!     .timeout(Duration::from_secs(20))
//!     .retry(RetryPolicy::default());
//! let transport = HttpTransport::new(options)?;
//!
//! let request = br#"[{"action": "query", "expression": "select name from Project"}]"#.to_vec();
//! let pending = transport.call(request, CallOptions::new().idempotent(true));
//! // Anybody may cancel it meanwhile.
//! let _canceller = pending.canceller();
//! println!("{} bytes", pending.wait()?.body.len());
//! # Ok(())
//! # }
//! ```
//!
//! # What is tried again
//!
//! A call says by [`CallOptions::idempotent`] whether doing it twice does no harm. Such a call is repeated when the
//! connection breaks or the server says that it is busy; any other one only where nothing was sent, or where the server
//! says that it has not taken it (429). [`RetryPolicy`] says how often and for how long.
//!
//! # Keys
//!
//! An [`ApiKey`] cannot be printed. It is sent in a header that is marked as sensitive, to the server's own origin
//! only, and is in no error and no log.
//!
//! # In tests
//!
//! [`ScriptedTransport`] gives answers that were pushed, and keeps what was asked: [`ScriptedTransport::calls`].
//!
//! # Features
//!
//! - `socks` (on by default): proxies that speak SOCKS.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod api_key;
mod backoff;
mod engine;
mod error;
mod excerpt;
mod failure;
mod http;
mod interruption;
mod options;
mod pending;
mod proxy;
mod request;
mod response;
mod retry;
pub mod scripted;
mod server_url;
mod stream;
mod sync;
mod tls;
mod transport;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use api_key::ApiKey;
pub use backoff::Backoff;
pub use engine::Engine;
pub use error::{Cause, Error, Result, RetryStatistics};
pub use excerpt::excerpt;
pub use http::HttpTransport;
pub use interruption::interruptible;
pub use options::{ConnectionOptions, Proxy};
pub use pending::{Canceller, Completer, Pending};
pub use request::{Body, CallOptions, Method, Request};
pub use response::{ApiResponse, Response};
pub use retry::RetryPolicy;
pub use scripted::ScriptedTransport;
pub use stream::{ResponseHead, ServerStream};
pub use transport::Transport;
