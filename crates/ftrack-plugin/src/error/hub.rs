//! Errors of event hubs.

use ftrack_event::Error;
use ftrack_plugin_abi::message::HubErrorMessage;

use super::source_text;
use crate::convert::Convert;

/// The error as a message.
pub(super) fn write(error: Error) -> HubErrorMessage {
    let text = error.to_string();
    let source = source_text(&error).unwrap_or_default();
    match error {
        Error::NotConnected => HubErrorMessage::NotConnected,
        Error::AlreadyConnected => HubErrorMessage::AlreadyConnected,
        Error::Connect { origin, .. } => HubErrorMessage::Connect { origin, source },
        Error::Refused { origin, reason } => HubErrorMessage::Refused { origin, reason },
        Error::QueueFull { limit, .. } => HubErrorMessage::QueueFull { limit },
        Error::NotUnique { id } => HubErrorMessage::NotUnique { id },
        Error::NotFound { id } => HubErrorMessage::NotFound { id },
        Error::NoReply {
            event_id,
            limit,
            acknowledged,
        } => HubErrorMessage::NoReply {
            event_id,
            limit,
            acknowledged,
        },
        Error::NotDelivered { event_id, outcome } => HubErrorMessage::NotDelivered {
            event_id,
            outcome: outcome.convert(),
        },
        _ => HubErrorMessage::Other { problem: text },
    }
}

/// The error that the message tells of.
pub(super) fn read(message: HubErrorMessage) -> Error {
    match message {
        HubErrorMessage::NotConnected => Error::NotConnected,
        HubErrorMessage::AlreadyConnected => Error::AlreadyConnected,
        HubErrorMessage::Connect { origin, source } => Error::Connect {
            origin,
            source: source.into(),
        },
        HubErrorMessage::Refused { origin, reason } => Error::Refused { origin, reason },
        HubErrorMessage::QueueFull { limit } => Error::QueueFull {
            queue: "events of the program's hub",
            limit,
            unit: "events",
        },
        HubErrorMessage::NotUnique { id } => Error::NotUnique { id },
        HubErrorMessage::NotFound { id } => Error::NotFound { id },
        HubErrorMessage::NoReply {
            event_id,
            limit,
            acknowledged,
        } => Error::NoReply {
            event_id,
            limit,
            acknowledged,
        },
        HubErrorMessage::NotDelivered { event_id, outcome } => Error::NotDelivered {
            event_id,
            outcome: outcome.convert(),
        },
        HubErrorMessage::Other { problem } => Error::InvalidEvent { problem },
    }
}
