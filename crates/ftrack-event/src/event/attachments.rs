//! Values that travel with an event inside the process.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A few values by name. Most events have none, so nothing is allocated for those.
#[derive(Clone, Default)]
pub(super) struct Attachments(Vec<(String, Arc<dyn Any + Send + Sync>)>);

impl Attachments {
    /// Adds a value, in place of one of the same name.
    pub(super) fn insert(&mut self, name: String, value: Arc<dyn Any + Send + Sync>) {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value));
    }

    pub(super) fn get<T: Send + Sync + 'static>(&self, name: &str) -> Option<Arc<T>> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        Arc::clone(value).downcast().ok()
    }
}

impl fmt::Debug for Attachments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}
