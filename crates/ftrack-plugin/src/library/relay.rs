//! The event hub of a session in a library: the program's hub does its work.

use std::sync::Arc;
use std::time::Duration;

use ftrack_event::{
    ConnectionState, Error, Event, LinkCommand, Publication, Relay, Result, Subscriber, WaitEnded,
};
use ftrack_plugin_abi::message::{self, Ended, EventRequest, LinkState, Published, ToHost};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::HostLink;
use crate::convert::{self, Convert};

pub(super) struct HubRelay {
    host: Arc<HostLink>,
}

impl HubRelay {
    pub(super) fn new(host: Arc<HostLink>) -> Self {
        Self { host }
    }

    fn ask<T: DeserializeOwned>(&self, request: EventRequest) -> Result<T> {
        Ok(self.host.ask(&ToHost::Event(request))?)
    }
}

impl Relay for HubRelay {
    fn subscribe(&self, subscriber: &Subscriber) -> Result<()> {
        self.ask::<Value>(EventRequest::Subscribe {
            subscription: subscriber.subscription().to_owned(),
            information: subscriber.information().clone(),
            priority: subscriber.priority(),
        })
        .map(drop)
    }

    fn unsubscribe(&self, id: &str) -> Result<()> {
        self.ask(EventRequest::Unsubscribe { id: id.to_owned() })
    }

    fn publish(&self, event: &Event, wants_replies: bool) -> Result<Publication> {
        let published: Published = self.ask(EventRequest::Publish {
            event: event.to_json(),
            wants_replies,
        })?;
        let relayed = RelayedPublication {
            host: Arc::clone(&self.host),
            publication: published.publication,
        };
        Ok(Publication::relayed(published.event_id, move |timeout| {
            relayed.outcome(timeout)
        }))
    }

    fn publish_synchronously(&self, event: &mut Event) -> Result<Vec<Value>> {
        self.ask(EventRequest::PublishSynchronously {
            event: event.to_json(),
        })
    }

    fn publish_and_wait(&self, event: &Event, timeout: Duration) -> Result<Event> {
        let reply = self.ask(EventRequest::PublishAndWait {
            event: event.to_json(),
            timeout,
        })?;
        Event::from_json(reply)
    }

    fn wait(&self, duration: Duration) -> Result<WaitEnded> {
        let ended: Ended = self.ask(EventRequest::Wait { duration })?;
        Ok(ended.convert())
    }

    fn link(&self, command: LinkCommand) -> Result<()> {
        match convert::link_command(command) {
            Some(command) => self.ask(EventRequest::Link(command)),
            None => Err(Error::InvalidOptions {
                option: "connection",
                problem: "a plugin cannot ask the program for this".to_owned(),
                source: None,
            }),
        }
    }

    fn state(&self) -> ConnectionState {
        self.ask::<LinkState>(EventRequest::LinkState)
            .map_or(ConnectionState::Disconnected, Convert::convert)
    }
}

/// Asks the program what became of an event.
struct RelayedPublication {
    host: Arc<HostLink>,
    publication: u64,
}

impl RelayedPublication {
    fn outcome(&self, timeout: Duration) -> Option<ftrack_event::Outcome> {
        let request = ToHost::Event(EventRequest::Outcome {
            publication: self.publication,
            timeout,
        });
        match self.host.ask::<Option<message::Outcome>>(&request) {
            Ok(outcome) => outcome.map(Convert::convert),
            // The program's hub is gone: it went without the event, or nobody will ever know.
            Err(_) => Some(ftrack_event::Outcome::Unconfirmed),
        }
    }
}

impl Drop for RelayedPublication {
    fn drop(&mut self) {
        let publication = self.publication;
        let request = ToHost::Event(EventRequest::ForgetPublication { publication });
        let _ = self.host.ask::<()>(&request);
    }
}
