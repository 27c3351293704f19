//! Connections to the server for what is not a request.

mod head;
mod proxy;
mod socks;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

pub use self::head::Head;
use crate::proxy::Proxies;
use crate::server_url::origin;
use crate::{Cause, ConnectionOptions, Effort, Error, Result, tls};

/// An open connection to a server: bytes both ways, for what is not a request, such as the socket
/// that events come through.
///
/// It is made as the connections of [`HttpTransport`](crate::HttpTransport) are: through the same
/// proxy, `socks` ones included, with TLS where the server's address says so, and trusting the same
/// certificates. Nothing is sent over it but what its owner sends, and no credentials.
///
/// ```
/// use ftrack_transport::{ConnectionOptions, Engine, Error, Line};
///
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// # let url = format!("http://{}", listener.local_addr().unwrap());
/// # std::thread::spawn(move || {
/// #     use std::io::{Read, Write};
/// #     let (mut stream, _) = listener.accept().unwrap();
/// #     stream.read(&mut [0; 100]).unwrap();
/// #     stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n").unwrap();
/// # });
/// let options = ConnectionOptions::new(url, "ada", "the-key")?;
/// let engine = Engine::new();
/// let head = engine.spawn(async move {
///     let mut line = Line::open(&options).await?;
///     line.exchange_head("GET /socket HTTP/1.1\r\nupgrade: websocket\r\n\r\n").await
/// });
/// let head = head.wait()?;
/// assert_eq!((head.status(), head.header("upgrade")), (101, Some("websocket")));
/// # Ok::<(), Error>(())
/// ```
pub struct Line {
    stream: Box<dyn Stream>,
    origin: String,
}

/// Bytes both ways, with TLS or without.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Line {
    /// Connects to the server of these options. It takes as long as it takes: a limit is for the
    /// caller to set.
    ///
    /// # Errors
    /// [`Error::Connect`] or [`Error::Tls`] if the server or the proxy cannot be reached,
    /// [`Error::InvalidOptions`] if the proxy or the file of certificates cannot be used.
    pub async fn open(options: &ConnectionOptions) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let proxies = Proxies::new(&options.proxy, &variable)?;
        let url = options.server.url();
        let target = Target::of(url);
        let connecting = Connecting {
            options,
            origin: origin(url),
        };
        let mut stream = match proxies.for_line(url) {
            None => connecting.to(&target).await?,
            Some(proxy) => connecting.through(&proxy, &target).await?,
        };
        if url.scheme() == "https" {
            stream = connecting.secure(stream, target.host).await?;
        }
        let origin = connecting.origin;
        Ok(Self { stream, origin })
    }

    /// Sends the head of an HTTP request, as it is, and reads the head of the answer. What follows
    /// the head is left for whoever reads on, except for what [`Head::rest`] holds.
    ///
    /// # Errors
    /// [`Error::ConnectionLost`] if the connection breaks before, or the answer is not HTTP.
    pub async fn exchange_head(&mut self, request: &str) -> Result<Head> {
        let exchanged = head::exchange(&mut self.stream, request).await;
        exchanged.map_err(|source| Error::ConnectionLost {
            origin: self.origin.clone(),
            effort: Effort::default(),
            source: source.into(),
        })
    }
}

/// A host, without the brackets of an IPv6 address, and a port.
struct Target {
    host: String,
    port: u16,
}

impl Target {
    fn of(url: &Url) -> Self {
        let host = match url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        };
        let port = url.port_or_known_default().unwrap_or(443);
        Self { host, port }
    }
}

/// As it is written in requests.
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(formatter, "[{host}]:{port}")
        } else {
            write!(formatter, "{host}:{port}")
        }
    }
}

/// A connection that is being made.
struct Connecting<'a> {
    options: &'a ConnectionOptions,
    origin: String,
}

impl Connecting<'_> {
    async fn to(&self, target: &Target) -> Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((target.host.as_str(), target.port)).await;
        let stream = stream.map_err(|error| self.failed(error))?;
        stream
            .set_nodelay(true)
            .map_err(|error| self.failed(error))?;
        Ok(Box::new(stream))
    }

    async fn secure(&self, stream: Box<dyn Stream>, host: String) -> Result<Box<dyn Stream>> {
        let bundle = self.options.ca_bundle.clone();
        // It may read files.
        let config = tokio::task::spawn_blocking(move || {
            tls::config(bundle.as_deref(), &|name| std::env::var(name).ok())
        });
        let mut config = config.await.map_err(|error| self.failed(error))??;
        // What is spoken over the line is for its owner to agree on.
        config.alpn_protocols.clear();
        let name = ServerName::try_from(host).map_err(|error| self.failed(error))?;
        let connector = TlsConnector::from(Arc::new(config));
        match connector.connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(Error::Tls {
                origin: self.origin.clone(),
                effort: Effort::default(),
                source: error.into(),
            }),
        }
    }

    fn failed(&self, source: impl Into<Cause>) -> Error {
        Error::Connect {
            origin: self.origin.clone(),
            effort: Effort::default(),
            source: source.into(),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Line")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
