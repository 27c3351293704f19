//! Types of the crates below as messages, and back.

use ftrack_event::{ConnectionState, WaitEnded};
use ftrack_plugin_abi::message::{Ended, LinkCommand, LinkState, Loading, Method, Outcome};
use ftrack_session::FetchPolicy;

/// As `Into`, for two types that are both of other crates.
pub(crate) trait Convert<T> {
    fn convert(self) -> T;
}

impl Convert<Outcome> for ftrack_event::Outcome {
    fn convert(self) -> Outcome {
        match self {
            ftrack_event::Outcome::Acknowledged => Outcome::Acknowledged,
            ftrack_event::Outcome::Refused { message } => Outcome::Refused { message },
            ftrack_event::Outcome::NotSent => Outcome::NotSent,
            _ => Outcome::Unconfirmed,
        }
    }
}

impl Convert<ftrack_event::Outcome> for Outcome {
    fn convert(self) -> ftrack_event::Outcome {
        match self {
            Outcome::Acknowledged => ftrack_event::Outcome::Acknowledged,
            Outcome::Refused { message } => ftrack_event::Outcome::Refused { message },
            Outcome::Unconfirmed => ftrack_event::Outcome::Unconfirmed,
            Outcome::NotSent => ftrack_event::Outcome::NotSent,
        }
    }
}

impl Convert<LinkState> for ConnectionState {
    fn convert(self) -> LinkState {
        match self {
            ConnectionState::Connecting => LinkState::Connecting,
            ConnectionState::Connected => LinkState::Connected,
            ConnectionState::Reconnecting => LinkState::Reconnecting,
            _ => LinkState::Disconnected,
        }
    }
}

impl Convert<ConnectionState> for LinkState {
    fn convert(self) -> ConnectionState {
        match self {
            LinkState::Connecting => ConnectionState::Connecting,
            LinkState::Connected => ConnectionState::Connected,
            LinkState::Reconnecting => ConnectionState::Reconnecting,
            LinkState::Disconnected => ConnectionState::Disconnected,
        }
    }
}

impl Convert<Loading> for FetchPolicy {
    fn convert(self) -> Loading {
        match self {
            FetchPolicy::Single => Loading::Single,
            FetchPolicy::Off => Loading::Off,
            FetchPolicy::Deny => Loading::Deny,
            // `Siblings`, and any policy that this version of the messages has no word for.
            _ => Loading::Siblings,
        }
    }
}

impl Convert<FetchPolicy> for Loading {
    fn convert(self) -> FetchPolicy {
        match self {
            Loading::Siblings => FetchPolicy::Siblings,
            Loading::Single => FetchPolicy::Single,
            Loading::Off => FetchPolicy::Off,
            Loading::Deny => FetchPolicy::Deny,
        }
    }
}

impl Convert<Ended> for WaitEnded {
    fn convert(self) -> Ended {
        match self {
            WaitEnded::Stopped => Ended::Stopped,
            WaitEnded::Disconnected => Ended::Disconnected,
            _ => Ended::Elapsed,
        }
    }
}

impl Convert<WaitEnded> for Ended {
    fn convert(self) -> WaitEnded {
        match self {
            Ended::Elapsed => WaitEnded::Elapsed,
            Ended::Stopped => WaitEnded::Stopped,
            Ended::Disconnected => WaitEnded::Disconnected,
        }
    }
}

/// The command as a message; `None` for those that this version does not know.
pub(crate) fn link_command(command: ftrack_event::LinkCommand) -> Option<LinkCommand> {
    Some(match command {
        ftrack_event::LinkCommand::Connect => LinkCommand::Connect,
        ftrack_event::LinkCommand::ConnectInBackground => LinkCommand::ConnectInBackground,
        ftrack_event::LinkCommand::Disconnect => LinkCommand::Disconnect,
        ftrack_event::LinkCommand::Reconnect { attempts, delay } => {
            LinkCommand::Reconnect { attempts, delay }
        }
        _ => return None,
    })
}

/// The method as a message; `None` for those that this version does not know.
pub(crate) fn method(method: ftrack_transport::Method) -> Option<Method> {
    Some(match method {
        ftrack_transport::Method::Get => Method::Get,
        ftrack_transport::Method::Head => Method::Head,
        ftrack_transport::Method::Post => Method::Post,
        ftrack_transport::Method::Put => Method::Put,
        ftrack_transport::Method::Delete => Method::Delete,
        _ => return None,
    })
}

impl Convert<ftrack_transport::Method> for Method {
    fn convert(self) -> ftrack_transport::Method {
        match self {
            Self::Get => ftrack_transport::Method::Get,
            Self::Head => ftrack_transport::Method::Head,
            Self::Post => ftrack_transport::Method::Post,
            Self::Put => ftrack_transport::Method::Put,
            Self::Delete => ftrack_transport::Method::Delete,
        }
    }
}
