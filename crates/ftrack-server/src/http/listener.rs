//! Connections of a bounded number, each closed when a request or anything at all does not come for too long.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

use super::connections::{Connections, Entry, Peer};
use crate::limits::ServerLimits;

/// How long accepting connections pauses when the machine has no more of them.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens for connections.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    limits: Arc<ServerLimits>,
    connections: Arc<Connections>,
}

impl Listener {
    pub(crate) fn new(listener: TcpListener, limits: &Arc<ServerLimits>) -> Self {
        Self {
            socket: listener,
            limits: Arc::clone(limits),
            connections: Arc::default(),
        }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            self.connections.make_room(self.limits.connections).await;
            match self.socket.accept().await {
                Ok((stream, address)) => {
                    // Answers are written at once; waiting for more to send only delays small ones.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection keeps its delay");
                    }
                    let connection = Connection::new(stream, &self.limits, &self.connections);
                    return (connection, address);
                }
                Err(error) if is_about_connection(&error) => {}
                Err(error) => {
                    // Most likely there are too many open files.
                    let has_closed = self.connections.close_idle();
                    tracing::warn!(%error, has_closed, "a connection cannot be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// Whether an error concerns nothing but the connection that was about to be accepted.
fn is_about_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.io().peer.clone()
    }
}

/// A connection that ends when the other side says and takes nothing for too long.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    peer: Peer,
    _entry: Entry,
    limits: Arc<ServerLimits>,
    deadline: Pin<Box<Sleep>>,
}

impl Connection {
    fn new(stream: TcpStream, limits: &Arc<ServerLimits>, connections: &Arc<Connections>) -> Self {
        let address = stream.peer_addr().map(|address| address.ip());
        let peer = Peer::new(address.ok());
        let deadline = peer.deadline(limits.idle_time, limits.header_time);
        Self {
            stream,
            _entry: connections.add(peer.clone()),
            peer,
            limits: Arc::clone(limits),
            deadline: Box::pin(tokio::time::sleep_until(deadline.into())),
        }
    }

    /// Fails when it was too long that nothing came or went, and wakes the task when that may be so.
    fn watch<T>(
        &mut self,
        ctx: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            return poll;
        }
        while self.deadline.as_mut().poll(ctx).is_ready() {
            // The deadline moves with everything that happens, the alarm only when it rings.
            let limits = &self.limits;
            let deadline = self.peer.deadline(limits.idle_time, limits.header_time);
            let deadline = Instant::from_std(deadline);
            if deadline <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.deadline.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Lets the alarm ring earlier where the head of a request has begun to come.
    fn hasten(&mut self) {
        let limits = &self.limits;
        let deadline = self.peer.deadline(limits.idle_time, limits.header_time);
        let deadline = Instant::from_std(deadline);
        if deadline < self.deadline.deadline() {
            self.deadline.as_mut().reset(deadline);
        }
    }

    /// As `watch`, after writing.
    fn watch_sent<T>(
        &mut self,
        ctx: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.peer.sent();
        }
        self.watch(ctx, poll)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.peer.cut_handle.check_reading(ctx)?;
        let poll = Pin::new(&mut self.stream).poll_read(ctx, buffer);
        if poll.is_ready() {
            self.peer.received();
        } else {
            self.hasten();
        }
        self.watch(ctx, poll)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.peer.cut_handle.check()?;
        let poll = Pin::new(&mut self.stream).poll_write(ctx, data);
        self.watch_sent(ctx, poll)
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
        self.peer.cut_handle.check()?;
        let poll = Pin::new(&mut self.stream).poll_write_vectored(ctx, data);
        self.watch_sent(ctx, poll)
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

    fn limits(idle_time: Duration) -> Arc<ServerLimits> {
        Arc::new(ServerLimits {
            idle_time,
            ..ServerLimits::default()
        })
    }

    #[tokio::test]
    async fn half_a_request_does_not_keep_a_connection() -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let listener = Listener::new(listener, &limits(Duration::from_millis(200)));
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
        let mut listener = Listener::new(listener, &limits(Duration::from_millis(200)));
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
