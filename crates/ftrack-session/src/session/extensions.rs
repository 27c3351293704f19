//! The extensions of a session.

use std::sync::Arc;

use super::Session;
use super::extension::Extension;

impl Session {
    /// Whether the session stands for that of a program, in a library.
    pub(crate) fn is_hosted(&self) -> bool {
        self.unit.connection.is_hosted
    }

    /// Keeps an extension until the session is closed.
    pub(crate) fn add_extension(&self, extension: Arc<dyn Extension>) {
        self.unit.connection.extensions.lock().push(extension);
        if self.closed() {
            self.close_extensions();
        }
    }

    pub(crate) fn extensions(&self) -> Vec<Arc<dyn Extension>> {
        self.unit.connection.extensions.lock().clone()
    }

    pub(crate) fn close_extensions(&self) {
        let extensions = std::mem::take(&mut *self.unit.connection.extensions.lock());
        for extension in extensions {
            extension.closed();
        }
    }
}
