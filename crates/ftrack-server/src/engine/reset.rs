//! The state at the start, to which a server for tests goes back.

use std::sync::Arc;

use super::Engine;
use crate::credentials::Credentials;
use crate::definitions::Definitions;
use crate::error::{Error, Result};
use crate::store::Store;

/// The state at the start.
#[derive(Debug)]
pub(super) struct Start {
    store: Store,
    credentials: Credentials,
    definitions: Arc<Definitions>,
}

impl Engine {
    /// Remembers the present state as the one to go back to.
    pub(crate) fn remember_start(&self) {
        let _ = self.start.set(Start {
            store: self.store.current().as_ref().clone(),
            credentials: self.credentials.read().clone(),
            definitions: self.definitions(),
        });
        self.files.remember();
    }

    /// Goes back to the state that was remembered. Nobody is told by events.
    ///
    /// # Errors
    /// No such state, or a folder that cannot be written; nothing changed then.
    pub(crate) fn reset(&self) -> Result<()> {
        let start = self.start.get().ok_or(Error::NotTesting)?;
        let turn = self.store.turn();
        if let Some(disk) = &self.disk {
            disk.replace(&start.store, &start.credentials.keys())?;
        }
        let store = turn.publish(start.store.clone());
        *self.credentials.write() = start.credentials.clone();
        self.redefine(Arc::clone(&start.definitions), &store);
        if let Some(administrator) = self.administrator.get() {
            administrator.keep(&administrator.first_key);
        }
        self.grants.end_all();
        self.widgets.clear();
        self.files.rewind();
        Ok(())
    }
}
