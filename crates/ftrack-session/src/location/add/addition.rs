//! One call that adds components to a location.

use std::sync::Arc;

use ftrack_location::{Structure, StructureContext};
use rustc_hash::FxHashMap;

use super::options::{AddOptions, Place, Source, path_text};
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::location::Location;
use crate::location::LocationKind;
use crate::location::collect::{Found, collect_to_add};
use crate::location::links::Registration;
use crate::session::Session;
use crate::symbol::COMPONENT_ADDED_TO_LOCATION_TOPIC;

/// One call that adds components to a location.
pub(super) struct Addition<'a> {
    pub(super) location: Location,
    pub(super) kind: LocationKind,
    pub(super) sources: Vec<Source>,
    pub(super) options: &'a AddOptions,
}

/// A component on its way.
pub(super) struct Entry {
    pub(super) component: Entity,
    /// Which of the sources it comes from.
    pub(super) source: usize,
    /// Where it is there, if it is there.
    pub(super) source_identifier: Option<String>,
    /// Where it goes.
    pub(super) identifier: String,
    /// What is known of it here already, if it is to be replaced.
    pub(super) registration: Option<Registration>,
}

impl<'a> Addition<'a> {
    /// Into `location`, which is that of the components' unit of work, as are the sources then.
    pub(super) fn new(
        location: Location,
        sources: Vec<Source>,
        options: &'a AddOptions,
    ) -> Result<Self> {
        let kind = location.kind();
        let within = |source: Source| {
            match source.0 {
            Place::Location(source) if kind != LocationKind::Origin => {
                Ok(Source(Place::Location(source.within(location.session())?)))
            }
            Place::Path(path) if kind == LocationKind::Origin => Ok(Source(Place::Path(path))),
            _ => Err(Error::new(
                ErrorKind::InvalidArgument,
                "the source of a component is another location, and the path of its file only for locations of the \
                 kind Origin",
            )
            .with_detail("location", location.id())),
        }
        };
        Ok(Self {
            kind,
            sources: sources.into_iter().map(within).collect::<Result<_>>()?,
            options,
            location,
        })
    }

    pub(super) fn session(&self) -> &Session {
        self.location.session()
    }

    #[track_caller]
    pub(super) fn run(&self, components: &[Entity]) -> Result<()> {
        let _loading = crate::location::loading(self.session());
        // Each file has a path of its own, so what a component consists of is nowhere that is said here.
        let recursive = self.options.recursive && self.kind != LocationKind::Origin;
        let mut found = collect_to_add(self.session(), components, recursive)?;
        for found in &mut found {
            found.source = self.first_equal(found.source);
        }
        let all: Vec<Entity> = found.iter().map(|found| found.component.clone()).collect();
        let registered = if self.options.replace {
            self.location.registrations(&all)?
        } else {
            self.check_absent(&all)?;
            FxHashMap::default()
        };
        let entries = self.identify(found, registered)?;
        self.check_places(&entries)?;
        let upload = self.begin_upload(&entries);
        let data = self.transfer(&entries, upload.as_ref())?;
        self.register(&entries, data, upload.as_ref())?;
        self.location
            .publish(COMPONENT_ADDED_TO_LOCATION_TOPIC, &all);
        Ok(())
    }

    /// The first of the sources that is the same as this one, so that each is asked once; there may be only one for
    /// all.
    fn first_equal(&self, source: usize) -> usize {
        let (Some(first), Some(wanted)) = (self.sources.first(), self.sources.get(source)) else {
            return 0;
        };
        let is_same = |other: &Source| match (&other.0, &wanted.0) {
            (Place::Location(other), Place::Location(wanted)) => other == wanted,
            (Place::Path(other), Place::Path(wanted)) => other == wanted,
            _ => false,
        };
        if is_same(first) {
            return 0;
        }
        self.sources.iter().position(is_same).unwrap_or(source)
    }

    /// Refuses components that are in the location already.
    #[track_caller]
    fn check_absent(&self, components: &[Entity]) -> Result<()> {
        let stored = self.location.stored_identifiers(components)?;
        if stored.is_empty() {
            return Ok(());
        }
        let existing: Vec<Entity> = components
            .iter()
            .filter(|component| stored.contains_key(&component.id()))
            .cloned()
            .collect();
        Err(self.location.has(&existing))
    }

    /// Finds out where each component is and where it goes.
    #[track_caller]
    fn identify(
        &self,
        found: Vec<Found>,
        mut registered: FxHashMap<String, Registration>,
    ) -> Result<Vec<Entry>> {
        let structure = self
            .location
            .structure()
            .ok_or_else(|| self.location.error("no structure is defined".to_owned()))?;
        let mut known = self.source_identifiers(&found)?;
        let mut entries = Vec::with_capacity(found.len());
        for Found { component, source } in found {
            let source_identifier = self.source_identifier(&component, source, &mut known)?;
            let registration = registered.remove(&component.id());
            let identifier = match &registration {
                // Data that is replaced stays where others look for it.
                Some(registration) if self.kind.manages_data() => {
                    let stored = registration.stored.clone();
                    self.location.decoded(&component, stored)?
                }
                _ => self.identifier(&structure, &component, source_identifier.as_deref())?,
            };
            entries.push(Entry {
                component,
                source,
                source_identifier,
                identifier,
                registration,
            });
        }
        Ok(entries)
    }

    /// Where the components are, as it is stored, for each source that is a location.
    #[track_caller]
    fn source_identifiers(&self, found: &[Found]) -> Result<Vec<FxHashMap<String, String>>> {
        let mut known = Vec::with_capacity(self.sources.len());
        for (index, Source(source)) in self.sources.iter().enumerate() {
            let components: Vec<Entity> = found
                .iter()
                .filter(|found| found.source == index)
                .map(|found| found.component.clone())
                .collect();
            known.push(match source {
                Place::Location(source) => source.stored_identifiers(&components)?,
                Place::Path(_) => FxHashMap::default(),
            });
        }
        Ok(known)
    }

    fn source_identifier(
        &self,
        component: &Entity,
        source: usize,
        known: &mut [FxHashMap<String, String>],
    ) -> Result<Option<String>> {
        match self.sources.get(source) {
            Some(Source(Place::Path(path))) => Ok(Some(path_text(path)?.to_owned())),
            Some(Source(Place::Location(location))) => known
                .get_mut(source)
                .and_then(|known| known.remove(&component.id()))
                .map(|stored| location.decoded(component, stored))
                .transpose(),
            None => Ok(None),
        }
    }

    fn identifier(
        &self,
        structure: &Arc<dyn Structure>,
        component: &Entity,
        source_identifier: Option<&str>,
    ) -> Result<String> {
        let mut context = StructureContext::new();
        if let Some(identifier) = source_identifier {
            context = context.with_source(identifier);
        }
        structure
            .resource_identifier(component, &context)
            .map_err(|source| {
                self.failure(
                    format!("{component:?} has no place in {:?}", self.location),
                    Vec::new(),
                )
                .with_detail("component", component.id())
                .with_source(Error::from(source))
            })
    }

    /// A failure after which `left` is still there.
    pub(super) fn failure(&self, message: String, left: Vec<serde_json::Value>) -> Error {
        self.location
            .error(message)
            .with_detail("transferred", left)
    }
}
