//! The transport that speaks HTTP.

mod attempt;
mod body;
mod call;
mod cookies;
mod failure;
mod files;
mod headers;
mod incoming;
mod pace;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use tracing::{Instrument, debug_span, field};
use url::Url;

use self::cookies::Cookies;
use self::headers::Headers;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::options::ConnectionOptions;
use crate::pending::Pending;
use crate::proxy::Proxies;
use crate::request::{CallOptions, Request};
use crate::response::{ApiResponse, Response};
use crate::retry::RetryPolicy;
use crate::server_url::{ServerUrl, origin};
use crate::tls;
use crate::transport::Transport;

/// How long an unused connection is kept. Load balancers commonly end theirs after a minute, and
/// a request should not meet a connection that is just being ended.
const IDLE: Duration = Duration::from_secs(50);

/// Carries requests to a server over HTTP/1.1 or HTTP/2, with or without TLS.
///
/// Connections are kept and shared by all requests. Nothing is sent, and no thread started, before
/// the first request. Dropping it ends everything without waiting.
///
/// ```no_run
/// use ftrack_transport::{CallOptions, ConnectionOptions, HttpTransport, Transport};
///
/// let options = ConnectionOptions::new("https://studio.ftrackapp.com", "ada", "the-key")?;
/// let transport = HttpTransport::new(options)?;
///
/// let batch = br#"[{"action": "query", "expression": "select name from Project"}]"#;
/// let pending = transport.call(batch.to_vec(), CallOptions::new().idempotent(true));
/// println!("{} bytes", pending.wait()?.body.len());
/// # Ok::<(), ftrack_transport::Error>(())
/// ```
pub struct HttpTransport {
    engine: Engine,
    wire: Arc<Wire>,
}

/// What every request needs, shared with those under way. Holds no engine, so that a request
/// never keeps the threads alive that it runs on.
struct Wire {
    client: reqwest::Client,
    server: ServerUrl,
    api: Url,
    headers: Headers,
    cookies: Cookies,
    proxies: Proxies,
    timeout: Duration,
    deadline: Duration,
    retry: RetryPolicy,
    largest_answer: u64,
}

impl HttpTransport {
    /// A transport for these options. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] if a header, a cookie, the proxy or the file of certificates
    /// cannot be used.
    pub fn new(options: ConnectionOptions) -> Result<Self> {
        Self::in_environment(options, &|name| std::env::var(name).ok())
    }

    /// The engine that the requests run on, for work that belongs to the same connection.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn in_environment(
        options: ConnectionOptions,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let proxies = Proxies::new(&options.proxy, variable)?;
        let wire = Wire {
            client: client(&options, &proxies, variable)?,
            api: options.server.api()?,
            headers: Headers::new(&options)?,
            cookies: Cookies::new(&options)?,
            proxies,
            timeout: options.timeout,
            deadline: options.deadline,
            retry: options.retry,
            largest_answer: options.largest_answer,
            server: options.server,
        };
        Ok(Self {
            engine: Engine::new(),
            wire: Arc::new(wire),
        })
    }
}

fn client(
    options: &ConnectionOptions,
    proxies: &Proxies,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<reqwest::Client> {
    let is_encrypted = options.server.url().scheme() == "https";
    let bundle = options.ca_bundle.as_deref();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(bundle, variable, is_encrypted)?)
        .redirect(redirect::Policy::none())
        .referer(false)
        .proxy(proxies.for_requests())
        .connect_timeout(options.timeout)
        .pool_idle_timeout(IDLE)
        .tcp_keepalive(IDLE)
        .http2_adaptive_window(true);
    builder.build().map_err(|error| {
        let problem = "a client for HTTP cannot be made of it";
        Error::invalid_option_because("connection", problem, error.without_url())
    })
}

impl Transport for HttpTransport {
    fn call(&self, body: Vec<u8>, options: CallOptions) -> Pending<ApiResponse> {
        let span = debug_span!(
            "call",
            server = %origin(&self.wire.api),
            actions = options.actions,
            bytes_out = body.len(),
            bytes_in = field::Empty,
            status = field::Empty,
            attempts = field::Empty,
            elapsed_ms = field::Empty,
        );
        let wire = Arc::clone(&self.wire);
        self.engine
            .spawn(async move { wire.call(body, options).await }.instrument(span))
    }

    fn request(&self, request: Request) -> Pending<Response> {
        let span = debug_span!(
            "request",
            server = field::Empty,
            method = ?request.method(),
            status = field::Empty,
            attempts = field::Empty,
            elapsed_ms = field::Empty,
        );
        let wire = Arc::clone(&self.wire);
        let engine = self.engine.downgrade();
        self.engine
            .spawn(async move { wire.request_file(request, engine).await }.instrument(span))
    }

    fn close(&self) {
        self.engine.close();
    }

    fn server_url(&self) -> &str {
        self.wire.server.as_str()
    }
}

impl Drop for HttpTransport {
    fn drop(&mut self) {
        if self.engine.is_elsewhere() {
            // In a forked process the connections are the parent's: to end them would take locks
            // that may be held forever, and would end them for the parent too.
            std::mem::forget(Arc::clone(&self.wire));
        }
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpTransport")
            .field("server_url", &self.server_url())
            .finish_non_exhaustive()
    }
}
