//! Messages as types of the layers below, and back.

use ftrack_event::{ConnectionState, WaitEnded};

use super::{Ended, LinkCommand, LinkState, Loading, Method, Outcome};
use crate::FetchPolicy;

impl From<ftrack_event::Outcome> for Outcome {
    fn from(outcome: ftrack_event::Outcome) -> Self {
        match outcome {
            ftrack_event::Outcome::Acknowledged => Self::Acknowledged,
            ftrack_event::Outcome::Refused { message } => Self::Refused { message },
            ftrack_event::Outcome::NotSent => Self::NotSent,
            _ => Self::Unconfirmed,
        }
    }
}

impl From<Outcome> for ftrack_event::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Acknowledged => Self::Acknowledged,
            Outcome::Refused { message } => Self::Refused { message },
            Outcome::Unconfirmed => Self::Unconfirmed,
            Outcome::NotSent => Self::NotSent,
        }
    }
}

impl From<ConnectionState> for LinkState {
    fn from(state: ConnectionState) -> Self {
        match state {
            ConnectionState::Connecting => Self::Connecting,
            ConnectionState::Connected => Self::Connected,
            ConnectionState::Reconnecting => Self::Reconnecting,
            _ => Self::Disconnected,
        }
    }
}

impl From<LinkState> for ConnectionState {
    fn from(state: LinkState) -> Self {
        match state {
            LinkState::Connecting => Self::Connecting,
            LinkState::Connected => Self::Connected,
            LinkState::Reconnecting => Self::Reconnecting,
            LinkState::Disconnected => Self::Disconnected,
        }
    }
}

impl From<FetchPolicy> for Loading {
    fn from(policy: FetchPolicy) -> Self {
        match policy {
            FetchPolicy::Siblings => Self::Siblings,
            FetchPolicy::Single => Self::Single,
            FetchPolicy::Off => Self::Off,
            FetchPolicy::Deny => Self::Deny,
        }
    }
}

impl From<Loading> for FetchPolicy {
    fn from(loading: Loading) -> Self {
        match loading {
            Loading::Siblings => Self::Siblings,
            Loading::Single => Self::Single,
            Loading::Off => Self::Off,
            Loading::Deny => Self::Deny,
        }
    }
}

impl From<WaitEnded> for Ended {
    fn from(ended: WaitEnded) -> Self {
        match ended {
            WaitEnded::Stopped => Self::Stopped,
            WaitEnded::Disconnected => Self::Disconnected,
            _ => Self::Elapsed,
        }
    }
}

impl From<Ended> for WaitEnded {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Elapsed => Self::Elapsed,
            Ended::Stopped => Self::Stopped,
            Ended::Disconnected => Self::Disconnected,
        }
    }
}

impl LinkCommand {
    /// The same for the other side; `None` for commands that this version does not know.
    pub(in crate::plugin) fn of(command: ftrack_event::LinkCommand) -> Option<Self> {
        Some(match command {
            ftrack_event::LinkCommand::Connect => Self::Connect,
            ftrack_event::LinkCommand::ConnectInBackground => Self::ConnectInBackground,
            ftrack_event::LinkCommand::Disconnect => Self::Disconnect,
            ftrack_event::LinkCommand::Reconnect { attempts, delay } => {
                Self::Reconnect { attempts, delay }
            }
            _ => return None,
        })
    }
}

impl Method {
    /// The same for the other side; `None` for methods that this version does not know.
    pub(in crate::plugin) fn of(method: ftrack_transport::Method) -> Option<Self> {
        Some(match method {
            ftrack_transport::Method::Get => Self::Get,
            ftrack_transport::Method::Head => Self::Head,
            ftrack_transport::Method::Post => Self::Post,
            ftrack_transport::Method::Put => Self::Put,
            ftrack_transport::Method::Delete => Self::Delete,
            _ => return None,
        })
    }
}

impl From<Method> for ftrack_transport::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Head => Self::Head,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Delete => Self::Delete,
        }
    }
}
