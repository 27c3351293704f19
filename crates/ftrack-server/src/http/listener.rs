//! Connections that are closed when nothing comes or goes for long.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

use crate::testing::Line;

/// Listens for connections that may be idle for a bounded time only.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: TcpListener,
    patience: Duration,
}

impl Listener {
    pub(crate) fn new(listener: TcpListener, patience: Duration) -> Self {
        Self { listener, patience }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.listener).await;
        // Answers are written at once; waiting for more to send only delays small ones.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        (Connection::new(stream, self.patience), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Listener>> for Line {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.io().line()
    }
}

/// A connection that ends when the other side says and takes nothing for too long.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    line: Line,
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
}

impl Connection {
    fn new(stream: TcpStream, patience: Duration) -> Self {
        Self {
            stream,
            line: Line::default(),
            patience,
            deadline: Box::pin(tokio::time::sleep(patience)),
        }
    }

    /// A handle with which it can be cut.
    pub(super) fn line(&self) -> Line {
        self.line.clone()
    }

    /// Starts the wait anew after something came or went; ends it when it was too long.
    fn watch<T>(
        &mut self,
        ctx: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            let deadline = Instant::now() + self.patience;
            self.deadline.as_mut().reset(deadline);
            return poll;
        }
        match self.deadline.as_mut().poll(ctx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.line.check_reading(ctx)?;
        let poll = Pin::new(&mut self.stream).poll_read(ctx, buffer);
        self.watch(ctx, poll)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        let poll = Pin::new(&mut self.stream).poll_write(ctx, data);
        self.watch(ctx, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing comes or goes by flushing: it neither starts the wait anew nor ends it.
        Pin::new(&mut self.stream).poll_flush(ctx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, ctx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(ctx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        let poll = Pin::new(&mut self.stream).poll_write_vectored(ctx, data);
        self.watch(ctx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn half_a_request_does_not_keep_a_connection() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listener = Listener::new(listener, Duration::from_millis(200));
        let router = axum::Router::new();
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let mut client = TcpStream::connect(address).await?;
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await?;
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(10), client.read_to_end(&mut answer));
        assert!(ended.await.is_ok(), "the server waits for ever");
        serving.abort();
        Ok(())
    }

    #[tokio::test]
    async fn silence_ends_a_connection_and_talk_keeps_it() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut listener = Listener::new(listener, Duration::from_millis(200));
        let mut client = TcpStream::connect(address).await?;
        let (mut connection, _) = axum::serve::Listener::accept(&mut listener).await;
        let mut byte = [0];
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            client.write_all(b"x").await?;
            connection.read_exact(&mut byte).await?;
        }
        let error = connection
            .read_exact(&mut byte)
            .await
            .err()
            .map(|error| error.kind());
        assert_eq!(error, Some(io::ErrorKind::TimedOut));
        Ok(())
    }
}
