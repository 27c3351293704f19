//! Subscriptions that end by themselves.

use super::WeakEventHub;

/// A subscription that ends when this is dropped.
///
/// See [`EventHub::subscribe_scoped`](crate::EventHub::subscribe_scoped).
#[derive(Debug)]
#[must_use = "dropping it ends the subscription"]
pub struct ScopedSubscription {
    hub: WeakEventHub,
    id: String,
}

impl ScopedSubscription {
    pub(super) fn new(hub: WeakEventHub, id: String) -> Self {
        Self { hub, id }
    }

    /// The id of the subscriber.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for ScopedSubscription {
    fn drop(&mut self) {
        if let Some(hub) = self.hub.upgrade() {
            // It may have been unsubscribed by its id already.
            let _ = hub.unsubscribe(&self.id);
        }
    }
}
