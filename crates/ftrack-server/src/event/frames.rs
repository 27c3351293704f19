//! Sending packets in frames of bounded size, each a slice of the packet: one that goes to many is not copied as a
//! whole.

use std::sync::Arc;

use axum::body::Bytes;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::outbox::{Outbox, QueuedPacket};

/// The largest frame, in bytes of its content.
const FRAME: usize = 64 * 1024;

/// A websocket.
pub(crate) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// The sending half of a websocket.
pub(super) struct Frames {
    sink: SplitSink<Socket, Message>,
    /// A packet of which not all frames are sent. Nothing else can be sent before the rest of it.
    unfinished: Option<(Arc<QueuedPacket>, usize)>,
}

impl Frames {
    pub(super) fn new(sink: SplitSink<Socket, Message>) -> Self {
        Self {
            sink,
            unfinished: None,
        }
    }

    /// Sends what is in an outbox. It may be given up at any time, and gone on with.
    ///
    /// # Errors
    /// A connection that is over.
    pub(super) async fn send_all(&mut self, outbox: &Outbox) -> Result<(), Error> {
        self.finish().await?;
        while let Some(queued) = outbox.pop() {
            self.unfinished = Some((queued, 0));
            self.finish().await?;
        }
        self.sink.flush().await
    }

    /// Sends a last packet, where there is one, and closes.
    ///
    /// # Errors
    /// A connection that is over.
    pub(super) async fn close(&mut self, last: Option<Arc<QueuedPacket>>) -> Result<(), Error> {
        self.finish().await?;
        if let Some(queued) = last {
            self.unfinished = Some((queued, 0));
            self.finish().await?;
            self.sink.flush().await?;
        }
        self.sink.close().await
    }

    async fn finish(&mut self) -> Result<(), Error> {
        while let Some((queued, start)) = &mut self.unfinished {
            let bytes = Bytes::from(queued.packet.clone());
            let end = bytes.len().min(*start + FRAME);
            let kind = if *start == 0 {
                Data::Text
            } else {
                Data::Continue
            };
            let is_last = end == bytes.len();
            let frame = Frame::message(bytes.slice(*start..end), OpCode::Data(kind), is_last);
            self.sink.feed(Message::Frame(frame)).await?;
            if is_last {
                self.unfinished = None;
            } else {
                *start = end;
            }
        }
        Ok(())
    }
}
