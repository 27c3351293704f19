//! The library's side of the boundary.

mod log;
mod relay;
mod transport;

use std::sync::{Arc, OnceLock};

use ftrack_event::{Event, EventHub};
use serde_json::Value;

use self::relay::HubRelay;
use self::transport::HostTransport;
pub(in crate::plugin) use self::transport::Waiting;
use super::abi::{Endpoint, Exported, Peer};
use super::fault::Fault;
use super::hook::{self, Hooks};
use super::location::Parts;
use super::message::{
    Answered, ChangeMessage, Description, EventMessage, Handled, Link, Registration, ToHost,
    ToLibrary, answer, change_messages, changes, done, json,
};
use super::numbered::{Numbered, Streams};
use crate::customise::{Change, ConstructEntityType};
use crate::session::Hosted;
use crate::{Error, Plugin, PluginArguments, Retention, Session};

/// Begins with the plugin of this library, for one session of the program.
pub(super) fn start<E: Exported>(host: Peer) -> Box<dyn Endpoint> {
    Box::new(Guest {
        plugin: E::plugin(),
        name: E::NAME,
        version: E::VERSION,
        host: Arc::new(HostLink {
            link: Link::new(host),
            waiting: Numbered::default(),
            readers: Streams::default(),
        }),
        session: OnceLock::new(),
        hooks: Hooks::default(),
        parts: Arc::default(),
    })
}

/// The way to the program, and what it will answer to.
pub(super) struct HostLink {
    link: Link,
    waiting: Numbered<Waiting>,
    readers: Streams,
}

impl std::fmt::Debug for HostLink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HostLink")
    }
}

/// A plugin in this library, with the session that stands for the program's.
struct Guest {
    plugin: Box<dyn Plugin>,
    name: &'static str,
    version: &'static str,
    host: Arc<HostLink>,
    session: OnceLock<Session>,
    hooks: Hooks,
    parts: Arc<Parts>,
}

impl Endpoint for Guest {
    fn answer(&self, head: &[u8], body: &[u8]) -> (Vec<u8>, Vec<u8>) {
        answer(head, |message| self.respond(message, body))
    }
}

impl Guest {
    fn respond(&self, message: ToLibrary, body: &[u8]) -> Answered {
        match message {
            ToLibrary::Describe => self.describe(),
            ToLibrary::Register(registration) => self.register(*registration, body),
            ToLibrary::Called { ticket, result } => {
                json(transport::called(&self.host, ticket, result, body))
            }
            ToLibrary::Exchanged { ticket, result } => {
                json(transport::exchanged(&self.host, ticket, result))
            }
            ToLibrary::Read { stream, limit } => {
                let bytes = self.host.readers.read(stream, limit);
                Ok((Value::Null, bytes.map_err(Fault::failed)?))
            }
            ToLibrary::Forget { stream } => {
                self.host.readers.forget(stream);
                done()
            }
            ToLibrary::Event(message) => self.handle(message),
            ToLibrary::Reply { event } => {
                let reply = Event::from_json(event).map_err(Fault::from)?;
                self.session()?.event_hub().deliver_reply(&reply);
                done()
            }
            ToLibrary::TypesConstructed { types } => self.construct_types(types),
            ToLibrary::Hook(call) => hook::run(self.session()?, &self.hooks, call),
            ToLibrary::Location(request) => {
                let streams = &self.host.readers;
                self.parts.respond(self.session()?, streams, request, body)
            }
            ToLibrary::Reset => {
                self.session()?.reset();
                done()
            }
            ToLibrary::Close => {
                self.session()?.close();
                done()
            }
        }
    }

    fn session(&self) -> Result<&Session, Fault> {
        self.session.get().ok_or(Fault::Closed)
    }

    fn describe(&self) -> Answered {
        let names = self.plugin.argument_names().iter();
        json(Description {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            argument_names: names.map(|name| (*name).to_owned()).collect(),
        })
    }

    fn register(&self, registration: Registration, schemas: &[u8]) -> Answered {
        log::forward(&self.host, &registration.level);
        let relay = HubRelay::new(Arc::clone(&self.host));
        let transport = HostTransport::new(Arc::clone(&self.host), registration.server_url);
        let session = Session::hosted(Hosted {
            event_hub: EventHub::relayed(Arc::new(relay), registration.hub_id),
            transport: Arc::new(transport),
            api_user: registration.api_user,
            api_key: registration.api_key.map(Into::into),
            information: registration.information,
            page_size: registration.page_size,
            fetch_policy: registration.loading.into(),
            retention: if registration.keeps_held_only {
                Retention::Held
            } else {
                Retention::All
            },
            schemas,
        })?;
        if self.session.set(session.clone()).is_err() {
            return Err(Fault::malformed("the plugin is registered already"));
        }
        self.hand_on_locations(&session);
        let arguments = PluginArguments::from(registration.arguments);
        self.plugin.register(&session, &arguments)?;
        done()
    }

    /// Tells the program of locations that the plugin configures.
    fn hand_on_locations(&self, session: &Session) {
        let (host, parts) = (Arc::clone(&self.host), Arc::clone(&self.parts));
        session.on_location_configured(move |id, configuration| {
            let message = ToHost::ConfigureLocation(parts.message(id, configuration));
            if let Err(fault) = host.ask::<()>(&message) {
                let error = fault.text();
                tracing::error!(
                    location = id,
                    error,
                    "the program was not told of a location"
                );
            }
        });
    }

    fn handle(&self, message: EventMessage) -> Answered {
        let session = self.session()?;
        let mut event = Event::from_json(message.event).map_err(Fault::from)?;
        if message.session {
            event = event.attach("session", Arc::new(session.clone()));
        }
        let mut entity_type = None;
        let mut changes_before = 0;
        if let Some(messages) = message.entity_type {
            changes_before = messages.len();
            let attached = self.entity_type(session, &event, messages)?;
            event = event.attach("entity_type", Arc::clone(&attached));
            entity_type = Some(attached);
        }
        let result = session.event_hub().deliver(&message.subscriber, &event);
        let changes = entity_type.map(|entity_type| entity_type.finish().1);
        let changes = changes.as_deref().unwrap_or_default();
        json(Handled {
            result: result.map(|result| result.map_err(Fault::failed)),
            stopped: event.is_stopped(),
            changes: change_messages(changes.get(changes_before..).unwrap_or_default(), |hook| {
                Some(self.hooks.insert(Arc::clone(hook)))
            }),
        })
    }

    /// The entity type of an event that asks for changes, with those that others have made.
    fn entity_type(
        &self,
        session: &Session,
        event: &Event,
        messages: Vec<ChangeMessage>,
    ) -> Result<Arc<ConstructEntityType>, Fault> {
        let name = event.data["schema"]["id"].as_str().unwrap_or_default();
        let definition = session.schema().entity_type(name).map_err(Error::from)?;
        let entity_type = ConstructEntityType::new((**definition).clone());
        entity_type.apply(&self.changes(messages))?;
        Ok(Arc::new(entity_type))
    }

    fn construct_types(&self, types: Vec<(String, Vec<ChangeMessage>)>) -> Answered {
        let types = types
            .into_iter()
            .map(|(name, messages)| (name, self.changes(messages)));
        self.session()?.take_over_types(types.collect())?;
        done()
    }

    /// The program's changes, with its hooks behind their numbers.
    fn changes(&self, messages: Vec<ChangeMessage>) -> Vec<Change> {
        changes(messages, |number| {
            let host = Arc::clone(&self.host);
            hook::remote(number, move |call| host.ask(&ToHost::Hook(call)))
        })
    }
}

impl Drop for Guest {
    /// The program's session is gone, so this one can do nothing more. Closing it drops the handlers, which may hold it.
    fn drop(&mut self) {
        if let Some(session) = self.session.get() {
            session.close();
        }
    }
}

impl HostLink {
    fn ask<T: serde::de::DeserializeOwned>(&self, message: &ToHost) -> Result<T, Fault> {
        self.link.ask(message)
    }

    fn send<T: serde::de::DeserializeOwned>(
        &self,
        message: &ToHost,
        body: &[u8],
    ) -> Result<(T, Vec<u8>), Fault> {
        self.link.send(message, body)
    }
}
