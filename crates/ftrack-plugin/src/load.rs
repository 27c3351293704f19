//! Loading plugins when a session starts.

use std::env;
use std::path::PathBuf;

use ftrack_session::extension::{Extension, Starting};
use ftrack_session::{Result, Session, SessionBuilder};

use crate::discover::discover;

/// Where plugins are looked for by default.
const VARIABLE: &str = "FTRACK_EVENT_PLUGIN_PATH";

/// What a [`SessionBuilder`] can be told of plugins in shared libraries.
///
/// A session that is built with this loads native code when it starts: every library that has the mark of a plugin in
/// the folders that the environment variable `FTRACK_EVENT_PLUGIN_PATH` names and in the folders in them, or in those
/// that [`plugin_paths`](Self::plugin_paths) names instead. A library runs with all rights of the process. Programs
/// that do not want that say [`library_plugins(false)`](Self::library_plugins).
pub trait LibraryPlugins: Sized {
    /// The folders in which plugins in shared libraries are looked for, and the folders in them, instead of those that
    /// `FTRACK_EVENT_PLUGIN_PATH` names; none for no such plugins. See [`discover`](crate::discover()).
    ///
    /// They are registered after the plugins of the program itself. One that cannot be loaded is reported in the log
    /// and does not keep the session from starting; one that fails when it is registered does.
    #[must_use]
    fn plugin_paths<P: Into<PathBuf>>(self, paths: impl IntoIterator<Item = P>) -> Self;

    /// Whether plugins in shared libraries are loaded. With `false` no native code is loaded, whatever the environment
    /// and [`plugin_paths`](Self::plugin_paths) say; plugins of the program itself are registered all the same.
    ///
    /// ```
    /// use ftrack_plugin::LibraryPlugins;
    /// use ftrack_session::SessionBuilder;
    ///
    /// let builder = SessionBuilder::new().library_plugins(false);
    /// ```
    #[must_use]
    fn library_plugins(self, load: bool) -> Self;
}

impl LibraryPlugins for SessionBuilder {
    fn plugin_paths<P: Into<PathBuf>>(self, paths: impl IntoIterator<Item = P>) -> Self {
        let paths = paths.into_iter().map(Into::into).collect();
        self.change_extension(|libraries: Libraries| Libraries {
            paths: Some(paths),
            ..libraries
        })
    }

    fn library_plugins(self, load: bool) -> Self {
        self.change_extension(|libraries: Libraries| Libraries {
            is_off: !load,
            ..libraries
        })
    }
}

/// The extension that loads plugins when a session starts. [`LibraryPlugins`] is the way to change it.
#[derive(Debug, Clone, Default)]
pub struct Libraries {
    /// Instead of those that the environment names.
    paths: Option<Vec<PathBuf>>,
    is_off: bool,
}

impl Extension for Libraries {
    fn start(&self, session: &Session, starting: &Starting<'_>) -> Result<()> {
        if self.is_off {
            return Ok(());
        }
        let paths = self.paths.clone().unwrap_or_else(environment_paths);
        let schemas = session.schema().text().unwrap_or_default();
        for plugin in discover(paths, starting.plugin_arguments()) {
            plugin.register_knowing(session, schemas)?;
        }
        Ok(())
    }
}

/// The folders that the environment names.
fn environment_paths() -> Vec<PathBuf> {
    env::var_os(VARIABLE).map_or_else(Vec::new, |paths| env::split_paths(&paths).collect())
}
