//! What a session knows of its locations besides their entities.

use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use super::configuration::LocationConfiguration;
use crate::session::{Session, State};

/// The configurations of locations, and what memory locations hold. All units of work of a session share it.
#[derive(Default)]
pub(crate) struct LocationRegistry {
    /// In the order in which they were configured: among equal priorities the first is picked.
    configurations: RwLock<Vec<(String, LocationConfiguration)>>,
    registered: RwLock<FxHashMap<String, Components>>,
    listener: OnceLock<Listener>,
}

/// Who is told of locations that are configured.
type Listener = Box<dyn Fn(&str, &LocationConfiguration) + Send + Sync>;

/// What is in a memory location, by the ids of components.
type Components = FxHashMap<String, Registered>;

struct Registered {
    resource_identifier: String,
    /// The unit of work that registered it, with which it is forgotten.
    unit: u64,
}

impl LocationRegistry {
    /// The configuration of the location with this id; that of a location that was never configured by default.
    pub(super) fn configuration(&self, location: &str) -> LocationConfiguration {
        let configurations = self.configurations.read();
        let found = configurations.iter().find(|(id, _)| id == location);
        found
            .map(|(_, configuration)| configuration.clone())
            .unwrap_or_default()
    }

    /// Changes the configuration of the location with this id, and gives back what was replaced: what it held is
    /// dropped without a lock.
    pub(crate) fn configure(
        &self,
        location: &str,
        change: impl FnOnce(LocationConfiguration) -> LocationConfiguration,
    ) -> LocationConfiguration {
        let mut configurations = self.configurations.write();
        let known = configurations.iter_mut().find(|(id, _)| id == location);
        if let Some((_, configuration)) = known {
            let before = configuration.clone();
            *configuration = change(before.clone());
            return before;
        }
        configurations.push((
            location.to_owned(),
            change(LocationConfiguration::default()),
        ));
        LocationConfiguration::default()
    }

    /// Whether the location with this id was ever configured.
    pub(super) fn is_configured(&self, location: &str) -> bool {
        let configurations = self.configurations.read();
        configurations.iter().any(|(id, _)| id == location)
    }

    /// The ids of the locations that have an accessor, by priority.
    pub(super) fn accessible(&self) -> Vec<String> {
        let configurations = self.configurations.read();
        let mut accessible: Vec<_> = configurations
            .iter()
            .filter(|(_, configuration)| configuration.accessor.is_some())
            .map(|(id, configuration)| (configuration.priority, id.clone()))
            .collect();
        accessible.sort_by_key(|(priority, _)| *priority);
        accessible.into_iter().map(|(_, id)| id).collect()
    }

    /// Registers components in a memory location.
    pub(crate) fn register(
        &self,
        location: &str,
        components: impl IntoIterator<Item = (String, String)>,
        unit: u64,
    ) {
        let mut registered = self.registered.write();
        let in_location = registered.entry(location.to_owned()).or_default();
        for (component, resource_identifier) in components {
            let entry = Registered {
                resource_identifier,
                unit,
            };
            in_location.insert(component, entry);
        }
    }

    /// Takes components out of a memory location.
    pub(crate) fn deregister<'a>(
        &self,
        location: &str,
        components: impl IntoIterator<Item = &'a str>,
    ) {
        if let Some(in_location) = self.registered.write().get_mut(location) {
            for component in components {
                in_location.remove(component);
            }
        }
    }

    /// What the resource identifiers of these components are in a memory location, of those that are there.
    pub(crate) fn registered<'a>(
        &self,
        location: &str,
        components: impl IntoIterator<Item = &'a str>,
    ) -> FxHashMap<String, String> {
        let registered = self.registered.read();
        let Some(in_location) = registered.get(location) else {
            return FxHashMap::default();
        };
        components
            .into_iter()
            .filter_map(|id| {
                Some((
                    id.to_owned(),
                    in_location.get(id)?.resource_identifier.clone(),
                ))
            })
            .collect()
    }

    /// From now on tells `listener` of every location that is configured. There is one, set when a plugin is
    /// registered.
    pub(crate) fn set_listener(
        &self,
        listener: impl Fn(&str, &LocationConfiguration) + Send + Sync + 'static,
    ) {
        let _ = self.listener.set(Box::new(listener));
    }

    /// Tells whoever wants to know that a location was configured.
    pub(super) fn tell(&self, id: &str, configuration: &LocationConfiguration) {
        if let Some(listener) = self.listener.get() {
            listener(id, configuration);
        }
    }
}

impl State for LocationRegistry {
    /// Forgets what the unit registered in memory locations.
    fn unit_ended(&self, unit: u64) {
        self.registered.write().retain(|_, components| {
            components.retain(|_, registered| registered.unit != unit);
            !components.is_empty()
        });
    }

    /// Forgets everything.
    fn closed(&self) {
        let configurations = std::mem::take(&mut *self.configurations.write());
        self.registered.write().clear();
        drop(configurations);
    }
}

impl Session {
    /// What is known of locations besides their entities.
    pub(crate) fn location_registry(&self) -> Arc<LocationRegistry> {
        self.connection().states.get()
    }
}
