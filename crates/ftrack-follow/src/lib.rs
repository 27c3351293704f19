//! Listeners that miss nothing.
//!
//! A program that does something for each change on a server has to live with lines that break, with servers and
//! machines that restart, and with its own mistakes. [`session.follow(…)`](FollowEvents::follow) does: events come as
//! they happen, and after a gap or a restart what was missed comes too, as far as the server remembers it, each once
//! and in order.
//!
//! ```
//! use std::sync::Arc;
//! use ftrack_follow::{FollowEvents, MemoryPosition, StartAt};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = ftrack_server::Server::builder().demo(true).start()?;
//! # let session = ftrack_session::SessionBuilder::new()
//! #     .server_url(server.url()).api_user(server.user()).api_key(server.api_key()).connect()?;
//! // Somebody changes a task while nobody listens.
//! let task = session.query("Task").first()?.ok_or("there is no task")?;
//! let begin = MemoryPosition::new();
//! # let follow = session.follow("topic=ftrack.update").position_store(begin.clone());
//! # let stopper = follow.stopper();
//! # let stop_early = stopper.clone();
//! # let watch = follow.on_health(move |health| if health.state.is_healthy() { stop_early.stop() });
//! # watch.run(|_| Ok(()))?;
//! task.set("name", "renamed")?;
//! session.commit()?;
//!
//! // The listener goes on where it was.
//! let follow = session.follow("topic=ftrack.update").position_store(begin);
//! let stopper = follow.stopper();
//! follow.run(move |followed| {
//!     if let Some(entity) = followed.entity() {
//!         assert_eq!(entity["changes"]["name"]["new"], "renamed");
//!         assert!(followed.is_caught_up());
//!         stopper.stop();
//!     }
//!     Ok(())
//! })?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - **At least once before, never after.** An event is given to the handler until the handler has returned `Ok`; then
//!   its position is stored and synced, and from then on it is not given again. A process that is killed between the
//!   two handles it once more, so handle events in such a way that this does no harm.
//! - **In order for each entity.** However many threads there are, the events of an entity come one after the other.
//!   While one is tried again, those behind it wait, and other entities go on.
//! - **Bounded.** What is in hand, held and remembered has limits; a listener that cannot keep up reads what it missed
//!   later.
//!
//! # How it knows what was missed
//!
//! A server notes what people do in entities of the type `Event`, with ascending ids. The events that it sends have ids
//! of their own, and nothing tells which belongs to which. So an event and a row are taken for the same when entity,
//! action and the new values are, in the order in which they come. Rows without an event were missed. A
//! [`Position`] says which rows are done with, and which events whose rows were not yet read.
//!
//! What is not in that log cannot be recovered: above all events that programs publish themselves. The page "Listening
//! for months" of the documentation has the whole list.
#![forbid(unsafe_code)]

mod dead_letters;
mod error;
mod files;
mod follow;
mod followed;
mod follower;
mod health;
mod inputs;
mod log;
mod pool;
mod position;
mod settings;
mod stopper;
mod task;
mod timeline;

pub use dead_letters::{DeadLetter, DeadLetters, Replayed};
pub use error::{BoxError, Error, Result};
pub use follow::{Follow, FollowEvents};
pub use followed::{Followed, Origin};
pub use health::{Health, ListenerState};
pub use position::{FilePosition, MemoryPosition, Position, PositionStore};
pub use settings::{FollowEnded, StartAt};
pub use stopper::FollowStopper;
