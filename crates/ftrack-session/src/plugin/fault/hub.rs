//! Errors of event hubs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Fault, source_text};
use crate::plugin::message::Outcome;

/// An error of an event hub.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum HubFault {
    NotConnected,
    AlreadyConnected,
    Connect { origin: String, source: String },
    Refused { origin: String, reason: String },
    QueueFull { limit: usize },
    NotUnique { id: String },
    NotFound { id: String },
    NoReply { event_id: String, limit: Duration },
    NotDelivered { event_id: String, outcome: Outcome },
    Other { problem: String },
}

impl From<ftrack_event::Error> for Fault {
    fn from(error: ftrack_event::Error) -> Self {
        use ftrack_event::Error as Hub;
        let text = error.to_string();
        let source = source_text(&error).unwrap_or_default();
        Self::Hub(Box::new(match error {
            Hub::NotConnected => HubFault::NotConnected,
            Hub::AlreadyConnected => HubFault::AlreadyConnected,
            Hub::Connect { origin, .. } => HubFault::Connect { origin, source },
            Hub::Refused { origin, reason } => HubFault::Refused { origin, reason },
            Hub::QueueFull { limit, .. } => HubFault::QueueFull { limit },
            Hub::NotUnique { id } => HubFault::NotUnique { id },
            Hub::NotFound { id } => HubFault::NotFound { id },
            Hub::NoReply { event_id, limit } => HubFault::NoReply { event_id, limit },
            Hub::NotDelivered { event_id, outcome } => HubFault::NotDelivered {
                event_id,
                outcome: outcome.into(),
            },
            _ => HubFault::Other { problem: text },
        }))
    }
}

impl From<HubFault> for ftrack_event::Error {
    fn from(fault: HubFault) -> Self {
        match fault {
            HubFault::NotConnected => Self::NotConnected,
            HubFault::AlreadyConnected => Self::AlreadyConnected,
            HubFault::Connect { origin, source } => Self::Connect {
                origin,
                source: source.into(),
            },
            HubFault::Refused { origin, reason } => Self::Refused { origin, reason },
            HubFault::QueueFull { limit } => Self::QueueFull {
                queue: "events of the program's hub",
                limit,
                unit: "events",
            },
            HubFault::NotUnique { id } => Self::NotUnique { id },
            HubFault::NotFound { id } => Self::NotFound { id },
            HubFault::NoReply { event_id, limit } => Self::NoReply { event_id, limit },
            HubFault::NotDelivered { event_id, outcome } => Self::NotDelivered {
                event_id,
                outcome: outcome.into(),
            },
            HubFault::Other { problem } => Self::InvalidEvent { problem },
        }
    }
}
