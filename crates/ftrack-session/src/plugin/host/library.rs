//! A library, as the program sees it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ftrack_event::{Event, HandlerResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Host;
use crate::customise::{Change, ConstructEntityType};
use crate::plugin::fault::Fault;
use crate::plugin::hook;
use crate::plugin::message::{
    ChangeMessage, EventMessage, Handled, Link, ToLibrary, change_messages, changes,
};
use crate::{Error, ErrorKind, Session};

/// A plugin in a library that is registered with a session.
pub(crate) struct Library {
    link: Link,
    path: PathBuf,
    host: Arc<Host>,
}

impl Library {
    pub(in crate::plugin) fn new(link: Link, path: &Path, host: Arc<Host>) -> Self {
        Self {
            link,
            path: path.to_owned(),
            host,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The session of the program that the library is registered with.
    pub(in crate::plugin) fn session(&self) -> Result<Session, Fault> {
        self.host.session()
    }

    pub(in crate::plugin) fn ask<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
    ) -> Result<T, Fault> {
        self.link.ask(message)
    }

    pub(in crate::plugin) fn send<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
        body: &[u8],
    ) -> Result<(T, Vec<u8>), Fault> {
        self.link.send(message, body)
    }

    /// Has an event handled by a subscriber of the library.
    pub(super) fn handle(self: &Arc<Self>, subscriber: &str, event: &Event) -> HandlerResult {
        let entity_type = event.attachment::<ConstructEntityType>("entity_type");
        let so_far = entity_type.as_ref().map(|entity_type| {
            let (_, changes) = entity_type.finish();
            // Hooks are not needed to see what the type is like.
            change_messages(&changes, |_| None)
        });
        let message = ToLibrary::Event(EventMessage {
            subscriber: subscriber.to_owned(),
            event: event.to_json(),
            session: event.attachment::<Session>("session").is_some(),
            entity_type: so_far,
        });
        let handled: Handled = self.ask(&message).map_err(|fault| self.error(fault))?;
        if handled.stopped {
            event.stop();
        }
        if let Some(entity_type) = entity_type {
            entity_type.apply(&self.changes(handled.changes))?;
        }
        match handled.result {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(fault)) => Err(self.error(fault).into()),
            None => Ok(None),
        }
    }

    pub(super) fn reply(&self, reply: &Event) -> Result<(), Fault> {
        let event = reply.to_json();
        self.ask(&ToLibrary::Reply { event })
    }

    /// Tells the library how the types came out.
    pub(crate) fn tell_types(&self, types: &[(&'static str, Vec<Change>)]) -> Result<(), Error> {
        if types.is_empty() {
            return Ok(());
        }
        let types = types
            .iter()
            .map(|(name, changes)| ((*name).to_owned(), self.messages(changes)));
        let message = ToLibrary::TypesConstructed {
            types: types.collect(),
        };
        self.ask(&message).map_err(|fault| self.error(fault))
    }

    /// The session has forgotten its entities; that of the library does too.
    pub(crate) fn reset(&self) {
        self.tell(&ToLibrary::Reset);
    }

    /// The session is closed, and so is that of the library.
    pub(crate) fn close(&self) {
        self.tell(&ToLibrary::Close);
    }

    fn tell(&self, message: &ToLibrary) {
        if let Err(fault) = self.ask::<()>(message) {
            tracing::error!(plugin = %self.path.display(), error = fault.text(), "a plugin failed");
        }
    }

    /// What went wrong in the library, with its name.
    pub(in crate::plugin) fn error(&self, fault: Fault) -> Error {
        let path = self.path.display();
        match fault {
            Fault::Session(_) => Error::from(fault).with_detail("plugin", path.to_string()),
            other => Error::new(
                ErrorKind::Plugin,
                format!("the plugin {path}: {}", other.text()),
            )
            .with_detail("plugin", path.to_string()),
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
                let library = library.upgrade().ok_or(Fault::Closed)?;
                library.ask(&ToLibrary::Hook(call))
            })
        })
    }
}
