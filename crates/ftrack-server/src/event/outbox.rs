//! What is to be sent to one connection: a queue with an end.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::budget::Share;

/// How much may wait for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backlog {
    pub(super) packets: usize,
    pub(super) bytes: usize,
}

/// A packet that may be on its way to many: they share it, and it is counted once for all of them.
#[derive(Debug)]
pub(super) struct QueuedPacket {
    pub(super) packet: Utf8Bytes,
    _share: Option<Share>,
}

impl QueuedPacket {
    /// A packet with its share of what may wait for all connections together.
    pub(super) fn new(packet: Utf8Bytes, share: Option<Share>) -> Arc<Self> {
        Arc::new(Self {
            packet,
            _share: share,
        })
    }
}

/// Packets on their way to a client. Nobody who puts one in ever waits: a client that does not keep up is sent away.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
    limit: Backlog,
}

#[derive(Debug, Default)]
struct State {
    packets: VecDeque<Arc<QueuedPacket>>,
    bytes: usize,
    /// Whether the client did not keep up. Nothing more is sent then.
    is_overrun: bool,
    /// Whether the client is to go. Nothing more is put in then.
    is_closed: bool,
}

impl State {
    fn overrun(&mut self) {
        *self = Self {
            is_overrun: true,
            ..Self::default()
        };
    }
}

impl Outbox {
    /// An empty outbox.
    pub(super) fn new(limit: Backlog) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            limit,
        }
    }

    /// Puts a packet in. One packet always fits, however large it is.
    pub(super) fn push(&self, packet: Utf8Bytes) {
        self.push_shared(QueuedPacket::new(packet, None));
    }

    /// As `push`, of a packet that others get too.
    pub(super) fn push_shared(&self, queued: Arc<QueuedPacket>) {
        let mut state = self.state.lock();
        if state.is_overrun || state.is_closed {
            return;
        }
        let bytes = state.bytes.saturating_add(queued.packet.len());
        let is_full = state.packets.len() >= self.limit.packets || bytes > self.limit.bytes;
        if is_full && !state.packets.is_empty() {
            state.overrun();
        } else {
            state.bytes = bytes;
            state.packets.push_back(queued);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Puts nothing in any more: the client goes when it has what is in.
    pub(super) fn close(&self) {
        self.state.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Whether the client is to go.
    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }

    /// Takes the next packet out.
    pub(super) fn pop(&self) -> Option<Arc<QueuedPacket>> {
        let mut state = self.state.lock();
        let queued = state.packets.pop_front()?;
        state.bytes -= queued.packet.len();
        Some(queued)
    }

    /// How many bytes wait.
    pub(super) fn waiting(&self) -> usize {
        self.state.lock().bytes
    }

    /// Gives up what waits: the client is sent away.
    pub(super) fn give_up(&self) {
        self.state.lock().overrun();
        self.changed.notify_one();
    }

    /// Waits until there is a packet, or until the client is to be sent away.
    pub(super) async fn filled(&self) {
        self.wait(|state| state.is_overrun || state.is_closed || !state.packets.is_empty())
            .await;
    }

    /// Waits until the client is to be sent away, for whatever reason.
    pub(super) async fn over(&self) {
        self.wait(|state| state.is_overrun || state.is_closed).await;
    }

    /// Whether the client is to be sent away.
    pub(super) fn is_overrun(&self) -> bool {
        self.state.lock().is_overrun
    }

    async fn wait(&self, is_met: impl Fn(&State) -> bool) {
        loop {
            // One task waits at a time, and looks before it waits: a notice that came before is kept.
            if is_met(&self.state.lock()) {
                return;
            }
            self.changed.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(length: usize) -> Utf8Bytes {
        "x".repeat(length).into()
    }

    fn text(outbox: &Outbox) -> Option<Utf8Bytes> {
        outbox.pop().map(|queued| queued.packet.clone())
    }

    #[test]
    fn packets_leave_in_order() {
        let outbox = Outbox::new(Backlog {
            packets: 2,
            bytes: 2,
        });
        outbox.push("a".into());
        outbox.push("b".into());
        assert_eq!(text(&outbox).as_deref(), Some("a"));
        assert_eq!(text(&outbox).as_deref(), Some("b"));
        assert_eq!(text(&outbox), None);
        assert_eq!(outbox.state.lock().bytes, 0);
    }

    #[test]
    fn a_client_that_is_too_far_behind_is_sent_away() {
        for (limit, lengths) in [
            ((3, 100), vec![1; 4]),
            ((100, 10), vec![5, 5, 1]),
            ((100, 10), vec![1, 100]),
        ] {
            let outbox = Outbox::new(Backlog {
                packets: limit.0,
                bytes: limit.1,
            });
            let last = lengths.len() - 1;
            for (index, length) in lengths.into_iter().enumerate() {
                outbox.push(packet(length));
                assert_eq!(outbox.is_overrun(), index == last);
            }
            outbox.push(packet(1));
            assert_eq!(text(&outbox), None, "what it did not get is given up");
        }
    }

    #[test]
    fn a_single_packet_always_fits() {
        let outbox = Outbox::new(Backlog {
            packets: 1,
            bytes: 10,
        });
        outbox.push(packet(1_000));
        assert!(!outbox.is_overrun());
        assert_eq!(text(&outbox).map(|packet| packet.len()), Some(1_000));
    }

    #[test]
    fn what_is_in_a_closed_outbox_leaves_it_and_nothing_more_comes() {
        let outbox = Outbox::new(Backlog {
            packets: 9,
            bytes: 9,
        });
        outbox.push("a".into());
        outbox.close();
        outbox.push("b".into());
        assert!(outbox.is_closed() && !outbox.is_overrun());
        assert_eq!(text(&outbox).as_deref(), Some("a"));
        assert_eq!(text(&outbox), None);
    }
}
