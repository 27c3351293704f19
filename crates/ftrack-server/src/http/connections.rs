//! The connections that are open, and what each is at.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{Response, StatusCode};
use axum::middleware::Next;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::Notify;

use crate::testing::CutHandle;

/// How often the listener checks whether there is room for one more connection.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    address: Option<IpAddr>,
    pub(super) cut_handle: CutHandle,
    activity: Arc<Mutex<Activity>>,
}

/// What a connection is at.
#[derive(Debug)]
struct Activity {
    /// How many requests are being answered. A connection of events has one for ever.
    requests: usize,
    /// Since when the head of the next request is on its way.
    head: Option<Instant>,
    /// When something came or went for the last time.
    last: Instant,
}

impl Peer {
    /// A connection that was just made: it is expected to send a request.
    pub(super) fn new(address: Option<IpAddr>) -> Self {
        let now = Instant::now();
        Self {
            address,
            cut_handle: CutHandle::default(),
            activity: Arc::new(Mutex::new(Activity {
                requests: 0,
                head: Some(now),
                last: now,
            })),
        }
    }

    /// Whose end it is, if the system knows.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Notes that something came.
    pub(super) fn received(&self) {
        let mut activity = self.activity.lock();
        activity.last = Instant::now();
        if activity.requests == 0 && activity.head.is_none() {
            activity.head = Some(activity.last);
        }
    }

    /// Notes that something went.
    pub(super) fn sent(&self) {
        self.activity.lock().last = Instant::now();
    }

    /// When the connection has been silent for too long, or the head of a request under way for too long.
    pub(super) fn deadline(&self, idle_time: Duration, header_time: Duration) -> Instant {
        let activity = self.activity.lock();
        let idle = activity.last + idle_time;
        match activity.head {
            Some(since) => idle.min(since + header_time),
            None => idle,
        }
    }

    /// Since when nothing came or went; nothing while a request is answered.
    fn idle_since(&self) -> Option<Instant> {
        let activity = self.activity.lock();
        (activity.requests == 0).then_some(activity.last)
    }

    fn start_request(&self) -> Answering {
        let mut activity = self.activity.lock();
        activity.requests += 1;
        activity.head = None;
        Answering(self.clone())
    }
}

/// A request that is being answered, until this is dropped.
struct Answering(Peer);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut activity = self.0.activity.lock();
        activity.requests -= 1;
        activity.last = Instant::now();
    }
}

/// Notes what the connection of a request is at.
pub(super) async fn note(request: Request, next: Next) -> Response<Body> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let answering = peer.map(|ConnectInfo(peer)| peer.start_request());
    let response = next.run(request).await;
    if let Some(Answering(peer)) = &answering
        && response.status() == StatusCode::SWITCHING_PROTOCOLS
    {
        // What follows goes on for as long as the connection is there.
        peer.activity.lock().requests += 1;
    }
    response
}

/// The connections that are open.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<Open>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    last: u64,
    peers: FxHashMap<u64, Peer>,
}

/// A connection that is listed, until this is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    connections: Arc<Connections>,
    number: u64,
}

impl Connections {
    pub(super) fn add(self: &Arc<Self>, peer: Peer) -> Entry {
        let mut open = self.open.lock();
        open.last += 1;
        let number = open.last;
        open.peers.insert(number, peer);
        Entry {
            connections: Arc::clone(self),
            number,
        }
    }

    /// Waits until fewer than `limit` connections are open. Those that are idle for longest make room.
    pub(super) async fn make_room(&self, limit: usize) {
        while self.open.lock().peers.len() >= limit {
            self.close_idle();
            // Where none was idle, one may become so.
            let _ = tokio::time::timeout(POLL_INTERVAL, self.closed.notified()).await;
        }
    }

    /// Closes the connection that is idle for longest; whether there was one.
    pub(super) fn close_idle(&self) -> bool {
        let open = self.open.lock();
        let idle = open
            .peers
            .values()
            .filter(|peer| peer.cut_handle.is_open())
            .filter_map(|peer| Some((peer.idle_since()?, peer)));
        let Some((_, peer)) = idle.min_by_key(|(since, _)| *since) else {
            return false;
        };
        tracing::debug!("an idle connection makes room for another");
        peer.cut_handle.cut();
        true
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.connections.open.lock().peers.remove(&self.number);
        self.connections.closed.notify_one();
    }
}
