//! Finding plugins in folders.

use std::collections::HashSet;
use std::env::consts::DLL_EXTENSION;
use std::path::{Path, PathBuf};
use std::{fs, io};

use ftrack_plugin_abi::{LoadError, LoadedLibrary};
use ftrack_session::PluginArguments;

use crate::register::LibraryPlugin;

/// Finds and loads the plugins in these folders and the folders in them (product documentation, reference of `plugin`).
///
/// A session does this by itself when it starts, see [`LibraryPlugins`](crate::LibraryPlugins); with what this gives,
/// plugins are registered with a session that has started already. Folders are searched in the order in which they are
/// given, each in the order of its file names; a library that is found twice counts once. `arguments` are for
/// [`LibraryPlugin::register`].
///
/// Loading a library runs code of it with all rights of this process, before anything is registered: only name folders
/// that nobody can write to who should not. Whatever ends as shared libraries do here (`.so`, `.dylib` or `.dll`) is
/// looked into, without running it. What has no mark of a plugin, or that of another version of the plugin interface,
/// is skipped with a warning and is not loaded; what cannot be loaded is an error in the log.
///
/// ```
/// use ftrack_plugin::discover;
/// use ftrack_session::PluginArguments;
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
            plugins.push(LibraryPlugin::new(path, library, arguments.clone()));
        }
    }
    plugins
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

/// Loads a library, unless it is not a plugin: code of other files never runs.
fn load(path: &Path) -> Option<LoadedLibrary> {
    let shown = path.display();
    let error = match LoadedLibrary::open(path) {
        Ok(loaded) => return Some(loaded),
        Err(error) => error,
    };
    let cause = std::error::Error::source(&error).map(tracing::field::display);
    match error {
        LoadError::Read(_) => {
            tracing::error!(path = %shown, cause, "a file in a folder for plugins cannot be read");
        }
        LoadError::Load(_) => tracing::error!(path = %shown, cause, "a plugin cannot be loaded"),
        _ => {
            tracing::warn!(path = %shown, %error, "a library in a folder for plugins is skipped");
        }
    }
    None
}
