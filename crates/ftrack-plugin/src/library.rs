//! The library's side of the boundary.

mod log;
mod relay;
mod transport;

use std::sync::{Arc, OnceLock};

use ftrack_event::{Event, EventHub};
use ftrack_plugin_abi::message::{
    ChangeMessage, Description, EventMessage, Handled, Registration, ToHost, ToLibrary,
};
use ftrack_plugin_abi::{Endpoint, RemoteEndpoint, Reply};
use ftrack_session::extension::{self, Change, Hosted, Internals};
use ftrack_session::{ConstructEntityType, Error, Plugin, PluginArguments, Retention, Session};
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::relay::HubRelay;
use self::transport::{HostTransport, Waiting};
use crate::change::{change_messages, changes};
use crate::convert::Convert;
use crate::error::RemoteError;
use crate::exported::Exported;
use crate::hook::{self, Hooks};
use crate::link::{Answered, Link, answer, done, json};
use crate::location::Parts;
use crate::numbered::{Numbered, Streams};

/// Begins with the plugin of this library, for one session of the program.
pub(crate) fn start<E: Exported>(host: RemoteEndpoint) -> Box<dyn Endpoint> {
    Box::new(PluginEndpoint {
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
pub(crate) struct HostLink {
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
struct PluginEndpoint {
    plugin: Box<dyn Plugin>,
    name: &'static str,
    version: &'static str,
    host: Arc<HostLink>,
    session: OnceLock<Session>,
    hooks: Hooks,
    parts: Arc<Parts>,
}

impl Endpoint for PluginEndpoint {
    fn answer(&self, head: &[u8], body: &[u8]) -> Reply {
        answer(head, |message| self.respond(message, body))
    }
}

impl PluginEndpoint {
    fn respond(&self, message: ToLibrary, body: &[u8]) -> Answered {
        match message {
            ToLibrary::Describe => self.describe(),
            ToLibrary::Register(registration) => self.register(*registration, body),
            ToLibrary::Called { ticket, result } => {
                let result = result.map_err(RemoteError);
                json(transport::called(&self.host, ticket, result, body))
            }
            ToLibrary::Responded { ticket, result } => {
                let result = result.map_err(RemoteError);
                json(transport::responded(&self.host, ticket, result))
            }
            ToLibrary::Read { stream, limit } => {
                let bytes = self.host.readers.read(stream, limit);
                Ok((Value::Null, bytes.map_err(RemoteError::failed)?))
            }
            ToLibrary::Forget { stream } => {
                self.host.readers.forget(stream);
                done()
            }
            ToLibrary::Event(message) => self.handle(message),
            ToLibrary::Reply { event } => {
                let reply = Event::from_json(event).map_err(RemoteError::from)?;
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

    fn session(&self) -> Result<&Session, RemoteError> {
        self.session.get().ok_or_else(RemoteError::closed)
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
            fetch_policy: registration.loading.convert(),
            retention: if registration.keeps_held_only {
                Retention::Held
            } else {
                Retention::All
            },
            schemas,
        })?;
        if self.session.set(session.clone()).is_err() {
            return Err(RemoteError::malformed("the plugin is registered already"));
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
            if let Err(error) = host.ask::<()>(&message) {
                let error = error.text();
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
        let mut event = Event::from_json(message.event).map_err(RemoteError::from)?;
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
        let before = event.data.clone();
        let hub = session.event_hub();
        let result = hub.deliver(&message.subscriber, &mut event);
        let data = Some(std::mem::take(&mut event.data)).filter(|data| *data != before);
        let changes = entity_type.map(|entity_type| extension::changes_of(&entity_type));
        let changes = changes.as_deref().unwrap_or_default();
        json(Handled {
            result: result.map(|result| result.map_err(|error| RemoteError::failed(error).0)),
            stopped: event.is_stopped(),
            changes: change_messages(changes.get(changes_before..).unwrap_or_default(), |hook| {
                Some(self.hooks.insert(Arc::clone(hook)))
            }),
            data,
        })
    }

    /// The entity type of an event that asks for changes, with those that others have made.
    fn entity_type(
        &self,
        session: &Session,
        event: &Event,
        messages: Vec<ChangeMessage>,
    ) -> Result<Arc<ConstructEntityType>, RemoteError> {
        let name = event.data["schema"]["id"].as_str().unwrap_or_default();
        let definition = session.schema().entity_type(name).map_err(Error::from)?;
        let entity_type = extension::entity_type((**definition).clone());
        extension::apply_changes(&entity_type, &self.changes(messages))?;
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

impl Drop for PluginEndpoint {
    /// The program's session is gone, so this one can do nothing more. Closing it drops the handlers, which may hold
    /// it.
    fn drop(&mut self) {
        if let Some(session) = self.session.get() {
            session.close();
        }
    }
}

impl HostLink {
    fn ask<T: DeserializeOwned>(&self, message: &ToHost) -> Result<T, RemoteError> {
        self.link.ask(message)
    }

    fn send<T: DeserializeOwned>(
        &self,
        message: &ToHost,
        body: &[u8],
    ) -> Result<(T, Vec<u8>), RemoteError> {
        self.link.send(message, body)
    }
}
