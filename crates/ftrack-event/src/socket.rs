//! The connection to the event server: socket.io 0.9 over a websocket.
//!
//! [`state`] decides what happens, and neither reads, writes nor waits. [`driver`] is the loop
//! around it, which does nothing else.

mod dialer;
mod driver;
mod handshake;
mod link;
mod message;
mod packet;
mod server;
mod state;
mod traffic;

pub(crate) use self::link::{Beginning, Link};
pub(crate) use self::server::Server;
pub(crate) use self::state::Settings;
