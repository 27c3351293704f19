//! Our side of a conversation with the official client: each listens to what the other publishes.
//!
//! The other side is `conformance/python/events_both_ways.py`, which starts the program `event-peer` once for each
//! direction.

mod action;
mod listen;
mod publish;

use std::error::Error;
use std::time::Duration;

use ftrack_event::{Event, EventHub, Outcome};
use ftrack_session::{SchemaCache, Session};

pub use self::listen::listen;
pub use self::publish::publish;

/// What both directions answer.
pub type Said<T = ()> = Result<T, Box<dyn Error>>;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A session with the server of the environment.
///
/// # Errors
///
/// As [`connect`](ftrack_session::SessionBuilder::connect).
pub fn session() -> ftrack_session::Result<Session> {
    ftrack_session::SessionBuilder::new()
        .schema_cache(SchemaCache::Disabled)
        .connect()
}

/// Connects, and returns when the server knows all subscribers.
fn connect(hub: &EventHub) -> Said {
    hub.connect()?;
    // The server takes what a hub sends in order, and subscribers come first.
    let last = hub.publish(Event::new("peer.hello"))?;
    check("hello", &last.wait(LIMIT), &Some(Outcome::Acknowledged))
}

fn check<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Said {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found:?} instead of {expected:?}").into())
}
