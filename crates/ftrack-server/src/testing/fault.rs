//! One way to fail.

use std::time::Duration;

/// A failure of requests to come, to see how a client takes it.
///
/// It matches any request unless [`action`](Self::action) or [`path`](Self::path) narrow it down, and is used up by the
/// first that it matches, or by as many as [`times`](Self::times) says. Requests for the server's own switches
/// (`/_local/`) never fail. Of several faults that match, the oldest is used.
///
/// ```
/// use ftrack_server::{Fault, Server};
///
/// let server = Server::builder().testing(true).start()?;
/// server.fail_next(Fault::status(503).action("create").times(2))?;
/// assert_eq!(server.faults_left(), 2);
/// # Ok::<(), ftrack_server::Error>(())
/// ```
///
/// Over HTTP the same is a JSON object, posted to `/_local/faults` with credentials; `DELETE` forgets all faults:
///
/// ```json
/// {"kind": "status", "status": 503, "action": "create", "count": 2}
/// {"kind": "delay", "delay_ms": 250, "path": "/component/get"}
/// {"kind": "cut", "after_bytes": 100}
/// {"kind": "garbage"}
/// {"kind": "disconnect"}
/// {"kind": "drop_websockets"}
/// ```
///
/// The last one fails no request: it cuts the event connections that are open at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) action: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) count: u32,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Status(u16),
    Delay(Duration),
    Cut(usize),
    Garbage,
    Disconnect,
}

impl Fault {
    /// The request is not performed; its answer is an error with this status. Anything but 200 to 599 counts as 500.
    pub fn status(status: u16) -> Self {
        let is_final = (200..600).contains(&status);
        Self::new(FaultKind::Status(if is_final { status } else { 500 }))
    }

    /// The request is performed after a while.
    pub fn delay(delay: Duration) -> Self {
        Self::new(FaultKind::Delay(delay))
    }

    /// The request is performed, but the connection ends after this many bytes of the body of its answer. Answers that
    /// are not longer arrive whole.
    pub fn cut_after(bytes: usize) -> Self {
        Self::new(FaultKind::Cut(bytes))
    }

    /// The request is performed, but its answer has a body that is neither JSON nor text.
    pub fn garbage() -> Self {
        Self::new(FaultKind::Garbage)
    }

    /// The request is not performed; the connection ends without an answer.
    pub fn disconnect() -> Self {
        Self::new(FaultKind::Disconnect)
    }

    /// Only for requests to `/api` with at least one operation of this action, such as `create`.
    pub fn action(mut self, name: impl Into<String>) -> Self {
        self.action = Some(name.into());
        self
    }

    /// Only for paths that start like this, such as `/component/get` or `/socket.io/1/websocket`.
    pub fn path(mut self, start: impl Into<String>) -> Self {
        self.path = Some(start.into());
        self
    }

    /// For this many requests, not only one.
    pub fn times(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            action: None,
            path: None,
            count: 1,
        }
    }

    pub(super) fn matches(&self, path: &str, actions: &[String]) -> bool {
        let is_path = self
            .path
            .as_ref()
            .is_none_or(|start| path.starts_with(start));
        let is_action = self
            .action
            .as_ref()
            .is_none_or(|name| actions.contains(name));
        is_path && is_action
    }
}
