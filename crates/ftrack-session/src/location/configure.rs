//! The built-in locations of a session.

use super::Location;
use super::builtin::BUILTINS;
use crate::session::Session;

impl Session {
    /// Makes the built-in locations known, so that no request is needed to get them, and configures those that are
    /// not. Servers that have no locations are left alone.
    pub(crate) fn know_builtin_locations(&self) {
        for builtin in &BUILTINS {
            let Ok(entity) = builtin.entity(self) else {
                return;
            };
            if !self.location_registry().is_configured(builtin.id) {
                Location { entity }.configure(builtin.configuration(self));
            }
        }
    }
}
