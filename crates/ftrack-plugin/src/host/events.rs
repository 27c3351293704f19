//! What a library does with the program's event hub.

use std::sync::Arc;

use ftrack_event::{Event, EventHub, OnError, PublishOptions, SubscribeOptions};
use ftrack_plugin_abi::message::{Ended, EventRequest, LinkCommand, LinkState, Outcome, Published};
use serde_json::{Map, Value};

use super::{Host, Library, answered};
use crate::convert::Convert;
use crate::error::RemoteError;
use crate::link::{Answered, done, json};

impl Host {
    pub(super) fn respond_to_event(&self, request: EventRequest) -> Answered {
        let hub = self.event_hub()?;
        match request {
            EventRequest::Subscribe {
                subscription,
                information,
                priority,
            } => self.subscribe(&hub, &subscription, information, priority),
            EventRequest::Unsubscribe { id } => answered(hub.unsubscribe(&id)),
            EventRequest::Publish {
                event,
                wants_replies,
            } => self.publish(&hub, event, wants_replies),
            EventRequest::Outcome {
                publication,
                timeout,
            } => {
                let publication = self.publications.get(publication);
                let outcome = publication.and_then(|publication| publication.wait(timeout));
                json(outcome.map(Convert::<Outcome>::convert))
            }
            EventRequest::ForgetPublication { publication } => {
                drop(self.publications.take(publication));
                done()
            }
            EventRequest::PublishSynchronously { event } => {
                answered(hub.publish_synchronously(read(event)?))
            }
            EventRequest::PublishAndWait { event, timeout } => {
                let reply = hub.publish_and_wait(read(event)?, timeout);
                answered(reply.map(|reply| reply.to_json()))
            }
            EventRequest::Wait { duration } => {
                answered(hub.wait(duration).map(Convert::<Ended>::convert))
            }
            EventRequest::Link(command) => answered(link(&hub, &command)),
            EventRequest::LinkState => json(Convert::<LinkState>::convert(hub.status().state)),
        }
    }

    fn subscribe(
        &self,
        hub: &EventHub,
        subscription: &str,
        information: Map<String, Value>,
        priority: i32,
    ) -> Answered {
        let library = self.library()?;
        let id = information.get("id").and_then(Value::as_str);
        let id = id.unwrap_or_default().to_owned();
        let mut options = SubscribeOptions::new().priority(priority);
        options.information = information;
        answered(hub.subscribe_mut(subscription, options, move |event| {
            library.handle(&id, event)
        }))
    }

    fn publish(&self, hub: &EventHub, event: Value, wants_replies: bool) -> Answered {
        let mut options = PublishOptions::new().on_error(OnError::Raise);
        if wants_replies {
            let library = self.library()?;
            options = options.on_reply(move |reply| tell_of_reply(&library, reply));
        }
        let publication = hub
            .publish_with(read(event)?, options)
            .map_err(RemoteError::from)?;
        json(Published {
            event_id: publication.event_id().to_owned(),
            publication: self.publications.insert(publication),
        })
    }
}

fn tell_of_reply(library: &Arc<Library>, reply: &Event) {
    if let Err(error) = library.reply(reply) {
        tracing::error!(plugin = %library.path().display(), error = error.text(), "a callback for replies failed");
    }
}

fn read(event: Value) -> Result<Event, RemoteError> {
    Ok(Event::from_json(event)?)
}

fn link(hub: &EventHub, command: &LinkCommand) -> ftrack_event::Result<()> {
    match *command {
        LinkCommand::Connect => hub.connect(),
        LinkCommand::ConnectInBackground => hub.connect_in_background(),
        LinkCommand::Disconnect => hub.disconnect_keeping_subscribers(),
        LinkCommand::Reconnect { attempts, delay } => hub.reconnect(attempts, delay),
    }
}
