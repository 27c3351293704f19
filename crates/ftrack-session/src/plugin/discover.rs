//! Finding plugins in folders.

use std::collections::HashSet;
use std::env::consts::DLL_EXTENSION;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};

use tracing::level_filters::LevelFilter;

use super::abi::{LoadError, Loaded, MAGIC, Peer};
use super::arguments::PluginArguments;
use super::host::{Host, HostEndpoint, Library};
use super::message::{Description, Link, Registration, ToLibrary};
use crate::{Result, Retention, Session};

/// Where plugins are looked for unless a session is told otherwise.
const VARIABLE: &str = "FTRACK_EVENT_PLUGIN_PATH";

/// A plugin in a shared library that [`discover`] has found.
///
/// The library is loaded, and stays so until the process ends.
#[derive(Clone)]
pub struct LibraryPlugin {
    path: PathBuf,
    library: Loaded,
    arguments: PluginArguments,
}

/// Finds and loads the plugins in these folders and the folders in them (product documentation, reference of `plugin`).
///
/// A session does this by itself when it starts, for the folders that [`SessionBuilder::plugin_paths`] or the
/// environment variable `FTRACK_EVENT_PLUGIN_PATH` name; with what this gives, plugins are registered with a session
/// that has started already. Folders are searched in the order in which they are given, each in the order of its file
/// names; a library that is found twice counts once. `arguments` are for [`LibraryPlugin::register`].
///
/// Whatever ends as shared libraries do here (`.so`, `.dylib` or `.dll`) is looked at. What is no plugin, or one for
/// another version of the plugin interface, is skipped with a warning; what cannot be loaded is an error in the log.
///
/// ```
/// use ftrack_session::{PluginArguments, discover};
///
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// let arguments = PluginArguments::from_iter([("reticulate_splines", true)]);
/// for plugin in discover(["/studio/plugins"], &arguments) {
///     println!("{}", plugin.path().display());
///     plugin.register(session)?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`SessionBuilder::plugin_paths`]: crate::SessionBuilder::plugin_paths
pub fn discover<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    arguments: &PluginArguments,
) -> Vec<LibraryPlugin> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if !path.as_os_str().is_empty() {
            collect(path, &mut files);
        }
    }
    let mut seen = HashSet::new();
    let mut plugins = Vec::new();
    for path in files {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if seen.insert(real)
            && let Some(library) = load(&path)
        {
            plugins.push(LibraryPlugin {
                path,
                library,
                arguments: arguments.clone(),
            });
        }
    }
    plugins
}

/// The folders that the environment names.
pub(crate) fn environment_paths() -> Vec<PathBuf> {
    env::var_os(VARIABLE).map_or_else(Vec::new, |paths| env::split_paths(&paths).collect())
}

/// Adds the libraries at `path`, which is a folder or a file, in the order of their names.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            files.extend(is_library(path).then(|| path.to_owned()));
            return;
        }
        Err(error) => {
            let path = path.display();
            tracing::warn!(%path, %error, "a folder for plugins cannot be read");
            return;
        }
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Links to folders are not followed: they may lead round in circles.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, files);
        } else if is_library(&path) {
            files.push(path);
        }
    }
}

fn is_library(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == DLL_EXTENSION)
}

/// Loads a library, unless it is no plugin: code of other files never runs.
fn load(path: &Path) -> Option<Loaded> {
    let shown = path.display();
    let loaded = match fs::read(path) {
        Ok(content) if memchr::memmem::find(&content, &MAGIC).is_none() => Err(LoadError::NoPlugin),
        Ok(_) => Loaded::open(path),
        Err(error) => {
            tracing::error!(path = %shown, %error, "a file in a folder for plugins cannot be read");
            return None;
        }
    };
    match loaded {
        Ok(loaded) => Some(loaded),
        Err(LoadError::Load(error)) => {
            tracing::error!(path = %shown, %error, "a plugin cannot be loaded");
            None
        }
        Err(error) => {
            tracing::warn!(path = %shown, %error, "a library in a folder for plugins is skipped");
            None
        }
    }
}

impl LibraryPlugin {
    /// A plugin of this process, as if it had been found.
    #[cfg(test)]
    pub(super) fn of(entry: &'static super::Entry, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            library: Loaded::of(entry),
            arguments: PluginArguments::default(),
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
    /// What the plugin fails with, and [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) if it panics.
    pub fn register(&self, session: &Session) -> Result<()> {
        self.register_knowing(session, b"")
    }

    /// The same, where the server's schemas are at hand; else the library asks for them again.
    pub(crate) fn register_knowing(&self, session: &Session, schemas: &[u8]) -> Result<()> {
        let host = Arc::new(Host::new(session, &self.path));
        let peer = Peer::new(Box::new(HostEndpoint(Arc::clone(&host))));
        let link = Link::new(self.library.start(peer));
        let library = Arc::new(Library::new(link, &self.path, Arc::clone(&host)));
        host.set_library(&library);
        let registered = self.register_library(session, &library, schemas);
        if registered.is_err() {
            // What it has subscribed to so far would call it.
            library.close();
            return registered;
        }
        session.keep_library(library);
        registered
    }

    fn register_library(&self, session: &Session, library: &Library, schemas: &[u8]) -> Result<()> {
        let description: Description = library
            .ask(&ToLibrary::Describe)
            .map_err(|fault| library.error(fault))?;
        let shown = self.path.display().to_string();
        let arguments = &self.arguments;
        let arguments = arguments.known_to(&shown, &description.argument_names);
        let registration = Registration {
            server_url: session.server_url().to_owned(),
            api_user: session.api_user().to_owned(),
            api_key: session.api_key().map(|key| key.expose().to_owned()),
            information: session.server_information().to_json(),
            page_size: session.page_size(),
            loading: session.fetch_policy().into(),
            keeps_held_only: session.records().retention() == Retention::Held,
            hub_id: session.event_hub().id().to_owned(),
            arguments: arguments.as_json().clone(),
            level: LevelFilter::current().to_string(),
        };
        let message = ToLibrary::Register(Box::new(registration));
        let registered = library.send::<()>(&message, schemas);
        registered.map_err(|fault| library.error(fault))?;
        tracing::debug!(
            path = shown,
            name = description.name,
            version = description.version,
            "a plugin is registered"
        );
        library.tell_types(session.entity_types().changes())
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
