//! Registering a plugin in a library with a session.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ftrack_plugin_abi::message::{Description, Registration, ToLibrary};
use ftrack_plugin_abi::{LoadedLibrary, RemoteEndpoint};
use ftrack_session::extension::{Extension, Internals};
use ftrack_session::{PluginArguments, Result, Retention, Session};
use tracing::level_filters::LevelFilter;

use crate::convert::Convert;
use crate::host::{Host, HostEndpoint, Library};
use crate::link::Link;
use crate::location::PluginLibrary;

/// A plugin in a shared library that [`discover`](crate::discover()) has found.
///
/// The library is loaded, and stays so until the process ends.
#[derive(Clone)]
pub struct LibraryPlugin {
    path: PathBuf,
    library: LoadedLibrary,
    arguments: PluginArguments,
}

impl LibraryPlugin {
    pub(crate) fn new(path: PathBuf, library: LoadedLibrary, arguments: PluginArguments) -> Self {
        Self {
            path,
            library,
            arguments,
        }
    }

    /// Where the library is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Registers the plugin with a session. It gets those arguments that it knows.
    ///
    /// A session that has made its entity types already does not make them again for the plugin.
    ///
    /// # Errors
    ///
    /// What the plugin fails with, and [`ErrorKind::Plugin`](ftrack_session::ErrorKind::Plugin) if it panics.
    pub fn register(&self, session: &Session) -> Result<()> {
        self.register_knowing(session, b"")
    }

    /// The same, where the server's schemas are at hand; else the library asks for them again.
    pub(crate) fn register_knowing(&self, session: &Session, schemas: &[u8]) -> Result<()> {
        let host = Arc::new(Host::new(session, &self.path));
        let endpoint = RemoteEndpoint::new(Box::new(HostEndpoint(Arc::clone(&host))));
        let link = Link::new(self.library.start(endpoint));
        let library = Arc::new(Library::new(link, &self.path, Arc::clone(&host)));
        host.set_library(&library);
        let registered = self.register_library(session, &library, schemas);
        if registered.is_err() {
            // What it has subscribed to so far would call it.
            library.closed();
            return registered;
        }
        session.extend(library);
        registered
    }

    fn register_library(&self, session: &Session, library: &Library, schemas: &[u8]) -> Result<()> {
        let description: Description = library
            .ask(&ToLibrary::Describe)
            .map_err(|error| library.error(error))?;
        let shown = self.path.display().to_string();
        let arguments = &self.arguments;
        let arguments = arguments.known_to(&shown, &description.argument_names);
        let registration = Registration {
            server_url: session.server_url().to_owned(),
            api_user: session.api_user().to_owned(),
            api_key: session.api_key().map(|key| key.expose().to_owned()),
            information: session.server_information().to_json(),
            page_size: session.page_size(),
            loading: session.fetch_policy().convert(),
            keeps_held_only: session.retention() == Retention::Held,
            hub_id: session.event_hub().id().to_owned(),
            arguments: arguments.as_json().clone(),
            level: LevelFilter::current().to_string(),
        };
        let message = ToLibrary::Register(Box::new(registration));
        let registered = library.send::<()>(&message, schemas);
        registered.map_err(|error| library.error(error))?;
        tracing::debug!(
            path = shown,
            name = description.name,
            version = description.version,
            "a plugin is registered"
        );
        library.tell_types(session.built_types())
    }
}

impl std::fmt::Debug for LibraryPlugin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LibraryPlugin")
            .field("path", &self.path)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}
