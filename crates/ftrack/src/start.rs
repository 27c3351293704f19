//! Starting sessions with what this crate was built with.

use ftrack_session::{Result, Session, SessionBuilder};

/// How sessions start: `Session::builder()` and `Session::from_env()`. It is in the [`prelude`](crate::prelude).
pub trait StartSession: Sized {
    /// A builder for a session; what is not set is read from the environment.
    ///
    /// With the feature `plugins`, the session loads plugins in shared libraries when it starts: native code, from the
    /// folders that `FTRACK_EVENT_PLUGIN_PATH` names. The trait `LibraryPlugins` has the methods that change the
    /// folders (`plugin_paths`) or turn that off (`library_plugins`).
    fn builder() -> SessionBuilder;

    /// A session for the server, user and key of the environment: `FTRACK_SERVER`, `FTRACK_API_USER` (else the user
    /// of the operating system) and `FTRACK_API_KEY`.
    ///
    /// # Errors
    ///
    /// As [`SessionBuilder::connect`].
    fn from_env() -> Result<Self>;
}

impl StartSession for Session {
    fn builder() -> SessionBuilder {
        let builder = SessionBuilder::new();
        #[cfg(feature = "plugins")]
        let builder = ftrack_plugin::LibraryPlugins::library_plugins(builder, true);
        builder
    }

    #[track_caller]
    fn from_env() -> Result<Self> {
        Self::builder().connect()
    }
}
