//! The program's side of the boundary.

mod events;
mod library;
mod requests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};

use ftrack_event::{EventHub, Publication};
use ftrack_plugin_abi::message::ToHost;
use ftrack_plugin_abi::{Endpoint, Reply};
use ftrack_session::extension::{Internals, WeakConnection};
use ftrack_session::{Session, WeakSession};
use serde_json::{Map, Value};

pub(crate) use self::library::Library;
use self::requests::Requests;
use crate::error::RemoteError;
use crate::hook::{self, Hooks};
use crate::link::{Answered, answer, done, json};
use crate::location::{self, PluginLibrary};
use crate::numbered::{Numbered, Streams};

/// What a library sees of the program. It keeps neither the session nor the library.
pub(crate) struct Host {
    connection: WeakConnection,
    session: WeakSession,
    library: OnceLock<Weak<Library>>,
    /// Where the library is, for the log.
    path: PathBuf,
    requests: Arc<Requests>,
    streams: Arc<Streams>,
    publications: Numbered<Publication>,
    hooks: Hooks,
}

impl Host {
    pub(crate) fn new(session: &Session, path: &Path) -> Self {
        Self {
            connection: session.downgrade_connection(),
            session: session.downgrade(),
            library: OnceLock::new(),
            path: path.to_owned(),
            requests: Arc::default(),
            streams: Arc::default(),
            publications: Numbered::default(),
            hooks: Hooks::default(),
        }
    }

    pub(crate) fn set_library(&self, library: &Arc<Library>) {
        // It is set once, right after the library was started.
        let _ = self.library.set(Arc::downgrade(library));
    }

    pub(crate) fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    fn library(&self) -> Result<Arc<Library>, RemoteError> {
        let library = self.library.get().and_then(Weak::upgrade);
        library.ok_or_else(RemoteError::closed)
    }

    fn event_hub(&self) -> Result<EventHub, RemoteError> {
        self.connection.event_hub().ok_or_else(RemoteError::closed)
    }

    fn session(&self) -> Result<Session, RemoteError> {
        self.session.upgrade().ok_or_else(RemoteError::closed)
    }

    fn respond(&self, message: ToHost, body: &[u8]) -> Answered {
        match message {
            ToHost::Call(call) => self.call(call, body),
            ToHost::Request(request) => self.request(request, body),
            ToHost::Cancel { ticket } => self.cancel(ticket),
            ToHost::Read { stream, limit } => {
                let bytes = self
                    .streams
                    .read(stream, limit)
                    .map_err(RemoteError::failed)?;
                Ok((Value::Null, bytes))
            }
            ToHost::Forget { stream } => {
                self.streams.forget(stream);
                done()
            }
            ToHost::Event(request) => self.respond_to_event(request),
            ToHost::Hook(call) => hook::run(&self.session()?, &self.hooks, call),
            ToHost::ConfigureLocation(message) => {
                let library: Arc<dyn PluginLibrary> = self.library()?;
                let (id, configuration) = location::configuration(&library, &message);
                self.connection.configure_location(&id, configuration);
                done()
            }
            ToHost::Log {
                level,
                origin,
                message,
                fields,
            } => {
                self.log(&level, &origin, &message, fields);
                done()
            }
        }
    }

    /// Logs what the library has to say, under our own name: the library's target is a field.
    fn log(&self, level: &str, origin: &str, message: &str, fields: Map<String, Value>) {
        let plugin = self.path.display();
        let fields = (!fields.is_empty()).then(|| Value::from(fields));
        let fields = fields.as_ref().map(tracing::field::display);
        match level {
            "ERROR" => tracing::error!(%plugin, origin, fields, "{message}"),
            "WARN" => tracing::warn!(%plugin, origin, fields, "{message}"),
            "INFO" => tracing::info!(%plugin, origin, fields, "{message}"),
            "DEBUG" => tracing::debug!(%plugin, origin, fields, "{message}"),
            _ => tracing::trace!(%plugin, origin, fields, "{message}"),
        }
    }
}

/// The host, as the library calls it.
pub(crate) struct HostEndpoint(pub(crate) Arc<Host>);

impl Endpoint for HostEndpoint {
    fn answer(&self, head: &[u8], body: &[u8]) -> Reply {
        answer(head, |message| self.0.respond(message, body))
    }
}

/// A JSON answer of what a method of the layers below returned.
fn answered<T: serde::Serialize, E: Into<RemoteError>>(result: Result<T, E>) -> Answered {
    json(result.map_err(Into::into)?)
}
