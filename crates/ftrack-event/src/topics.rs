//! The topics that have a meaning for hubs.

/// A subscriber is announced to the server.
pub const SUBSCRIBE: &str = "ftrack.meta.subscribe";
/// A subscriber is withdrawn from the server.
pub const UNSUBSCRIBE: &str = "ftrack.meta.unsubscribe";
/// An answer to an event.
pub const REPLY: &str = "ftrack.meta.reply";
/// Local: the connection has come about.
pub const CONNECTED: &str = "ftrack.meta.connected";
/// Local: the connection has ended, and is not made again by itself.
pub const DISCONNECTED: &str = "ftrack.meta.disconnected";
/// Local: after a gap the connection is back and the server knows all subscribers again. Its data
/// tells by `away` for how many seconds events may have been missed.
pub const RECONNECTED: &str = "ftrack.meta.reconnected";
/// Local: events arrived faster than they were handled, and as many as `dropped` in its data tells
/// were thrown away.
pub const OVERFLOWED: &str = "ftrack.meta.overflowed";
