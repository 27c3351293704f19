//! Configuring the locations of a session when it starts.

use super::builtin::BUILTINS;
use super::{Location, LocationConfiguration};
use crate::{Result, Session, storage_scenario};

impl Session {
    /// Makes the built-in locations known and configures them, then that of the server's storage scenario and those that
    /// the session's maker named, and then lets plugins configure theirs.
    pub(crate) fn configure_locations(
        &self,
        named: Vec<(String, LocationConfiguration)>,
    ) -> Result<()> {
        self.know_builtin_locations();
        storage_scenario::register(self)?;
        storage_scenario::publish_activation(self)?;
        for (name_or_id, configuration) in named {
            self.location(&name_or_id)?.configure(configuration);
        }
        self.publish_configure_location()
    }

    /// What is configured stays, and plugins may configure their locations anew.
    pub(crate) fn configure_locations_again(&self) {
        self.know_builtin_locations();
        if self.is_hosted() {
            // The program sees to the rest.
            return;
        }
        let activated = storage_scenario::publish_activation(self);
        if let Err(error) = activated.and_then(|()| self.publish_configure_location()) {
            tracing::warn!(%error, "locations could not be configured again");
        }
    }

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
