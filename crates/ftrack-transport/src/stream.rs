//! Connections to the server for what is not a request.

mod connect;
mod head;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub use self::head::ResponseHead;
use crate::error::{Error, Result, RetryStatistics};
use crate::options::ConnectionOptions;
use crate::server_url::origin;

/// An open connection to a server: bytes both ways, for what is not a request, such as the socket
/// that events come through.
///
/// It is made as the connections of [`HttpTransport`](crate::HttpTransport) are: through the same
/// proxy, `socks` ones included, with TLS where the server's address says so, and trusting the same
/// certificates. Nothing is sent over it but what its owner sends, and no credentials.
///
/// ```
/// use ftrack_transport::{ConnectionOptions, Engine, Error, ServerStream};
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
///     let mut stream = ServerStream::open(&options).await?;
///     stream.send_head("GET /socket HTTP/1.1\r\nupgrade: websocket\r\n\r\n").await
/// });
/// let head = head.wait()?;
/// assert_eq!((head.status(), head.header("upgrade")), (101, Some("websocket")));
/// # Ok::<(), Error>(())
/// ```
pub struct ServerStream {
    stream: Box<dyn Stream>,
    origin: String,
}

/// Bytes both ways, with TLS or without.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl ServerStream {
    /// Connects to the server of these options. It takes as long as it takes: a limit is for the
    /// caller to set.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Proxy`] or [`Error::Tls`] if the server or the proxy cannot be
    /// reached, [`Error::InvalidOptions`] if the proxy or the file of certificates cannot be used.
    pub async fn open(options: &ConnectionOptions) -> Result<Self> {
        let stream = connect::open(options).await?;
        let origin = origin(options.server.url());
        Ok(Self { stream, origin })
    }

    /// Sends the head of an HTTP request, as it is, and reads the head of the response. What
    /// follows the head is left for whoever reads on, except for what [`ResponseHead::rest`] holds.
    ///
    /// # Errors
    /// [`Error::ConnectionLost`] if the connection breaks before, or the response is not HTTP.
    pub async fn send_head(&mut self, request: &str) -> Result<ResponseHead> {
        let response = head::send(&mut self.stream, request).await;
        response.map_err(|source| Error::ConnectionLost {
            origin: self.origin.clone(),
            statistics: RetryStatistics::default(),
            source: source.into(),
        })
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for ServerStream {
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

impl fmt::Debug for ServerStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerStream")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
