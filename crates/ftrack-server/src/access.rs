//! What users were given on the strength of their credentials, and what becomes of it when they lose these.

use crate::engine::Engine;
use crate::read::View;
use crate::rights::{Grant, Revoked, Rights};

impl Engine {
    /// Whether the holder of a grant still sees a component, or may still change it.
    pub(crate) fn admits(&self, grant: Grant, component: &str, is_changed: bool) -> bool {
        let Some(user) = self.grants.holder(grant) else {
            return false;
        };
        self.read(|view| {
            let rights = Rights::new(view.store, &user);
            let view = View {
                reader: rights.as_ref(),
                ..view
            };
            view.refuse_component(component, is_changed).is_ok()
        })
    }

    /// Ends what users have by credentials or roles that a batch took away. What they are told next, they ask for
    /// again, and by the rights that they have then.
    pub(crate) fn revoke(&self, revoked: &Revoked) {
        if revoked.is_empty() {
            return;
        }
        for user in &revoked.ended {
            self.grants.end(user);
        }
        let is_meant = |user: &_| revoked.ended.contains(user) || revoked.reduced.contains(user);
        self.events.dismiss(is_meant);
    }
}
