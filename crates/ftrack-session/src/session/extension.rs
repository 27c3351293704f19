//! What is told what becomes of a session.

use std::any::Any;

use super::Session;
use super::types::TypeChanges;
use crate::error::Result;
use crate::plugin_arguments::PluginArguments;

/// What is told what becomes of a session.
///
/// No lock is held while one is called. An extension holds its session weakly, or not at all: the session holds it.
pub trait Extension: Any + Send + Sync {
    /// The session starts: it can ask the server, and the program's own plugins are registered. Its entity types are
    /// still the server's.
    ///
    /// # Errors
    ///
    /// Whatever makes it impossible to go on: the session does not start then.
    fn start(&self, session: &Session, starting: &Starting<'_>) -> Result<()> {
        let _ = (session, starting);
        Ok(())
    }

    /// The entity types are built, and these were changed. This is not called if none was.
    ///
    /// # Errors
    ///
    /// Whatever makes it impossible to go on: the session does not start then.
    fn types_built(&self, session: &Session, types: &[TypeChanges]) -> Result<()> {
        let _ = (session, types);
        Ok(())
    }

    /// Everything is there; the subscribers of `ftrack.api.session.ready` are told next.
    ///
    /// # Errors
    ///
    /// Whatever makes it impossible to go on: the session does not start then.
    fn ready(&self, session: &Session) -> Result<()> {
        let _ = session;
        Ok(())
    }

    /// The session was reset: its entities and operations are forgotten.
    fn reset(&self, session: &Session) {
        let _ = session;
    }

    /// The session was closed.
    fn closed(&self) {}
}

/// What there is to know while a session starts.
#[derive(Debug)]
pub struct Starting<'a> {
    pub(crate) plugin_arguments: &'a PluginArguments,
}

impl Starting<'_> {
    /// What the builder was told for plugins.
    pub fn plugin_arguments(&self) -> &PluginArguments {
        self.plugin_arguments
    }
}
