//! Events of ftrack: the event hub, local dispatch, and the connection to the event server.

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
mod options;
mod outbox;
mod publication;
mod recent;
mod registry;
mod replies;
#[cfg(feature = "socket")]
mod socket;
mod status;
mod strands;
mod subscriber;
pub mod topics;

pub use error::{Cause, Error, Result};
pub use event::Event;
pub use hub::{
    EventHub, OnError, PublishOptions, ScopedSubscription, Stopper, WaitEnded, WeakEventHub,
    Workers,
};
pub use options::{HubOptions, ReconnectPolicy};
pub use publication::{Outcome, Publication};
pub use status::{ConnectionState, HandlerTimes, HubStatus};
pub use subscriber::{HandlerError, HandlerResult, SubscribeOptions, Subscriber};
