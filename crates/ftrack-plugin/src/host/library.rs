//! A library, as the program sees it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ftrack_event::{Event, HandlerResult};
use ftrack_plugin_abi::message::{ChangeMessage, ErrorMessage, EventMessage, Handled, ToLibrary};
use ftrack_session::extension::{Change, Extension, TypeChanges, apply_changes, changes_of};
use ftrack_session::{ConstructEntityType, Error, ErrorKind, Session};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Host;
use crate::change::{change_messages, changes};
use crate::error::RemoteError;
use crate::hook;
use crate::link::Link;
use crate::location::PluginLibrary;

/// A plugin in a library that is registered with a session.
pub(crate) struct Library {
    link: Link,
    path: PathBuf,
    host: Arc<Host>,
}

impl Library {
    pub(crate) fn new(link: Link, path: &Path, host: Arc<Host>) -> Self {
        Self {
            link,
            path: path.to_owned(),
            host,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
    ) -> Result<T, RemoteError> {
        self.link.ask(message)
    }

    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
        body: &[u8],
    ) -> Result<(T, Vec<u8>), RemoteError> {
        self.link.send(message, body)
    }

    /// Has an event handled by a subscriber of the library.
    pub(super) fn handle(self: &Arc<Self>, subscriber: &str, event: &mut Event) -> HandlerResult {
        let entity_type = event.attachment::<ConstructEntityType>("entity_type");
        let so_far = entity_type.as_ref().map(|entity_type| {
            // Hooks are not needed to see what the type is like.
            change_messages(&changes_of(entity_type), |_| None)
        });
        let message = ToLibrary::Event(EventMessage {
            subscriber: subscriber.to_owned(),
            event: event.to_json(),
            session: event.attachment::<Session>("session").is_some(),
            entity_type: so_far,
        });
        let handled: Handled = self.ask(&message).map_err(|error| self.error(error))?;
        if handled.stopped {
            event.stop();
        }
        if let Some(data) = handled.data {
            event.data = data;
        }
        if let Some(entity_type) = entity_type {
            apply_changes(&entity_type, &self.changes(handled.changes))?;
        }
        match handled.result {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => Err(self.error(error.into()).into()),
            None => Ok(None),
        }
    }

    pub(super) fn reply(&self, reply: &Event) -> Result<(), RemoteError> {
        let event = reply.to_json();
        self.ask(&ToLibrary::Reply { event })
    }

    /// Tells the library how the types came out.
    pub(crate) fn tell_types(&self, types: &[TypeChanges]) -> Result<(), Error> {
        if types.is_empty() {
            return Ok(());
        }
        let types = types
            .iter()
            .map(|built| (built.entity_type.to_owned(), self.messages(&built.changes)));
        let message = ToLibrary::TypesConstructed {
            types: types.collect(),
        };
        self.ask(&message).map_err(|error| self.error(error))
    }

    fn tell(&self, message: &ToLibrary) {
        if let Err(error) = self.ask::<()>(message) {
            tracing::error!(plugin = %self.path.display(), error = error.text(), "a plugin failed");
        }
    }

    fn messages(&self, changes: &[Change]) -> Vec<ChangeMessage> {
        change_messages(changes, |hook| {
            Some(self.host.hooks().insert(Arc::clone(hook)))
        })
    }

    /// The library's changes, with its hooks behind their numbers.
    fn changes(self: &Arc<Self>, messages: Vec<ChangeMessage>) -> Vec<Change> {
        changes(messages, |number| {
            // The session has the hooks, and the library too: neither is to keep the other.
            let library = Arc::downgrade(self);
            hook::remote(number, move |call| {
                let library = library.upgrade().ok_or_else(RemoteError::closed)?;
                library.ask(&ToLibrary::Hook(call))
            })
        })
    }
}

impl PluginLibrary for Library {
    fn link(&self) -> &Link {
        &self.link
    }

    fn session(&self) -> Result<Session, RemoteError> {
        self.host.session()
    }

    /// What went wrong in the library, with its name.
    fn error(&self, error: RemoteError) -> Error {
        let path = self.path.display();
        let error = match &error.0 {
            ErrorMessage::Session(_) => Error::from(error),
            _ => Error::new(
                ErrorKind::Plugin,
                format!("the plugin {path}: {}", error.text()),
            ),
        };
        error.with_detail("plugin", path.to_string())
    }
}

impl Extension for Library {
    fn types_built(&self, _: &Session, types: &[TypeChanges]) -> Result<(), Error> {
        self.tell_types(types)
    }

    /// The session has forgotten its entities; that of the library does too.
    fn reset(&self, _: &Session) {
        self.tell(&ToLibrary::Reset);
    }

    /// The session is closed, and so is that of the library.
    fn closed(&self) {
        self.tell(&ToLibrary::Close);
    }
}
