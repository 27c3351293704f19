//! Events of ftrack: a hub that routes them between handlers in one process and, with the feature
//! `socket`, between processes through the event server.
//!
//! An [`Event`] has a topic, data and an id. A subscriber says by an
//! [expression](ftrack_expression) which events it wants; an event may say by another one which
//! subscribers it is for. The [`EventHub`] brings them together.
//!
//! ```
//! use ftrack_event::{Event, EventHub, SubscribeOptions};
//! use serde_json::json;
//!
//! let hub = EventHub::local();
//!
//! // Lower numbers are called first, and may keep the others from being called.
//! let first = SubscribeOptions::new().priority(10);
//! hub.subscribe_with("topic=studio.publish", first, |event| {
//!     if event.data["name"].is_null() {
//!         event.stop();
//!         return Err("an unnamed shot cannot be published".into());
//!     }
//!     Ok(None)
//! })?;
//! hub.subscribe("topic=studio.* and data.kind=shot", |event| {
//!     Ok(Some(json!({"shot": event.data["name"]})))
//! })?;
//!
//! let publish = |data| hub.publish_synchronously(Event::new("studio.publish").with_data(data));
//! let results = publish(json!({"kind": "shot", "name": "sh010"}))?;
//! assert_eq!(results, [json!(null), json!({"shot": "sh010"})]);
//! assert!(publish(json!({"kind": "shot"}))?.is_empty());
//! # Ok::<(), ftrack_event::Error>(())
//! ```
//!
//! # With a server
//!
//! A hub that is made for a server and connected takes part in the events of the whole studio.
//! What arrives is queued, and handled by [`EventHub::wait`] on the thread that calls it, or by
//! [`EventHub::run_workers`] on threads of the hub.
//!
//! ```no_run
//! # #[cfg(feature = "socket")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use ftrack_event::{Event, EventHub};
//! use ftrack_transport::ConnectionOptions;
//! use serde_json::json;
//!
//! let hub = EventHub::new(ConnectionOptions::new("https://studio.ftrackapp.com", "ada", "the-key")?)?;
//! hub.subscribe("topic=ftrack.update", |event| {
//!     println!("{}", event.data);
//!     Ok(None)
//! })?;
//! // What a handler returns is the reply to whoever published the event.
//! hub.subscribe("topic=studio.resolve-path", |_| Ok(Some(json!({"path": "/shots/sh010"}))))?;
//! hub.connect()?;
//!
//! hub.publish(Event::new("studio.hello").with_target("applicationId=maya"))?;
//! let reply = hub.publish_and_wait(Event::new("studio.who-is-there"), Duration::from_secs(5))?;
//! println!("{}", reply.data);
//! hub.wait(None)?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "socket"))]
//! # fn main() {}
//! ```
//!
//! # Listening for months
//!
//! A connection that is lost is made again, without end unless a [`ReconnectPolicy`] sets one, and
//! a server that falls silent counts as lost within its heartbeat time. All subscribers are
//! announced again. What is published meanwhile waits, in order and within bounds. What was sent
//! and not acknowledged when the line broke is reported as [`Outcome::Unconfirmed`] and not sent
//! again, so no handler sees an event twice.
//!
//! Events of others that fall into the gap are lost. Once the server knows all subscribers again,
//! the hub delivers a local event [`topics::RECONNECTED`] that tells how long the gap was, so that a
//! listener can catch up with a query:
//!
//! ```
//! # let hub = ftrack_event::EventHub::local();
//! hub.subscribe("topic=ftrack.meta.reconnected", |event| {
//!     let seconds = event.data["away"].as_f64().unwrap_or_default();
//!     println!("looking for what happened in the last {seconds} s");
//!     Ok(None)
//! })?;
//! # Ok::<(), ftrack_event::Error>(())
//! ```
//!
//! | local event | when | data |
//! | --- | --- | --- |
//! | [`topics::CONNECTED`] | the server says that a connection stands | |
//! | [`topics::RECONNECTED`] | the server knows all subscribers again after a gap | `away`: seconds |
//! | [`topics::OVERFLOWED`] | events arrived faster than they were handled | `dropped`: how many |
//! | [`topics::DISCONNECTED`] | the connection has ended for good | `reason`, unless it was asked for |
//!
//! Nothing grows without bound: [`HubOptions`] limits every queue, and [`EventHub::status`] tells
//! their lengths. Counters for a collector go through `tracing`, named by its conventions:
//! `monotonic_counter.events_received` and so on.
//!
//! The chapter [Listening for months](../book/listening.html) of the project's book says what such a program can rely
//! on.
//!
//! # Handlers
//!
//! Handlers never run on the threads of the connection, and no lock of the hub is held while one
//! runs. One that fails or panics is logged; the others are called all the same.
//!
//! An event costs what the subscribers cost that want it: subscribers are filed by the topic that
//! their expression demands, so ten thousand others make no difference.
//!
//! # Features
//!
//! - `socket` (on by default): the connection to the event server. Without it the crate needs
//!   neither an async runtime nor a network.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "socket"),
    allow(
        dead_code,
        reason = "what is sent and what arrives is for the connection alone"
    )
)]

mod command;
mod error;
mod event;
mod hub;
mod identity;
mod inbox;
mod keyed_queue;
mod lint;
mod options;
mod outbox;
mod outcome;
mod publication;
mod recent;
mod registry;
mod relay;
mod replies;
mod shared;
#[cfg(feature = "socket")]
mod socket;
mod status;
mod subscriber;
mod sync;
pub mod topics;

pub use error::{Cause, Error, Result};
pub use event::Event;
pub use hub::{
    EventHub, OnError, PublishOptions, ScopedSubscription, Stopper, WeakEventHub, Workers,
};
pub use lint::{LintWarning, lint};
pub use options::{HubOptions, ReconnectPolicy};
pub use outcome::Outcome;
pub use publication::Publication;
pub use relay::{LinkCommand, Relay};
pub use status::{ConnectionState, HandlerTimes, HubStatus, WaitEnded};
pub use subscriber::{HandlerError, HandlerResult, SubscribeOptions, Subscriber};

#[cfg(all(doctest, feature = "socket"))]
#[doc = include_str!("../README.md")]
mod readme {}
