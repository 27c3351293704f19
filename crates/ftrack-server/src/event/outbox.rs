//! What is to be sent to one connection: a queue with an end.

use std::collections::VecDeque;

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// How much may wait for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backlog {
    pub(super) packets: usize,
    pub(super) bytes: usize,
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
    packets: VecDeque<Utf8Bytes>,
    bytes: usize,
    /// Whether the client did not keep up. Nothing more is sent then.
    is_overrun: bool,
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
        let mut state = self.state.lock();
        if state.is_overrun {
            return;
        }
        let bytes = state.bytes.saturating_add(packet.len());
        let is_full = state.packets.len() >= self.limit.packets || bytes > self.limit.bytes;
        if is_full && !state.packets.is_empty() {
            *state = State {
                is_overrun: true,
                ..State::default()
            };
        } else {
            state.bytes = bytes;
            state.packets.push_back(packet);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// Takes the next packet out.
    pub(super) fn pop(&self) -> Option<Utf8Bytes> {
        let mut state = self.state.lock();
        let packet = state.packets.pop_front()?;
        state.bytes -= packet.len();
        Some(packet)
    }

    /// Waits until there is a packet, or until the client is to be sent away.
    pub(super) async fn filled(&self) {
        self.wait(|state| state.is_overrun || !state.packets.is_empty())
            .await;
    }

    /// Waits until the client is to be sent away.
    pub(super) async fn overrun(&self) {
        self.wait(|state| state.is_overrun).await;
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

    #[test]
    fn packets_leave_in_order() {
        let outbox = Outbox::new(Backlog {
            packets: 2,
            bytes: 2,
        });
        outbox.push("a".into());
        outbox.push("b".into());
        assert_eq!(outbox.pop().as_deref(), Some("a"));
        assert_eq!(outbox.pop().as_deref(), Some("b"));
        assert_eq!(outbox.pop(), None);
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
            assert_eq!(outbox.pop(), None, "what it did not get is given up");
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
        assert_eq!(outbox.pop().map(|packet| packet.len()), Some(1_000));
    }
}
