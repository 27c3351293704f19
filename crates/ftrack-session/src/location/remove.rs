//! Removing components from locations.

use ftrack_entity::Identity;
use ftrack_location::{Accessor, AccessorError};
use rustc_hash::FxHashMap;

use super::Location;
use super::collect::{collect, has_members, unit_of};
use super::links::Link;
use crate::symbol::COMPONENT_REMOVED_FROM_LOCATION_TOPIC;
use crate::{Entity, Error, Result};

/// A component in the location.
struct Entry {
    component: Entity,
    identifier: String,
    /// The id of the row that registers it, where the server knows.
    link: Option<String>,
}

impl Location {
    /// Removes a component, with all that it consists of: its data, unless this location leaves data alone, and its
    /// registration.
    ///
    /// # Errors
    ///
    /// As [`remove_components`](Self::remove_components).
    #[track_caller]
    pub fn remove_component(&self, component: &Entity) -> Result<()> {
        self.remove_components(std::slice::from_ref(component), true)
    }

    /// Removes components, if `recursive` with all that they consist of: their data, unless this location leaves data
    /// alone, and their registrations, which takes one commit of the components' unit of work.
    ///
    /// What a component consists of may be missing here: then there is nothing to remove.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ComponentNotInLocation`](crate::ErrorKind::ComponentNotInLocation) names those that are not here;
    /// nothing was removed. The errors of the accessor if data cannot be removed, with the details `component` and
    /// `resource_identifier`; what was removed before is no longer registered. The errors of a commit: the removal of
    /// the registrations stays recorded then, so that the next commit makes up for it.
    #[track_caller]
    pub fn remove_components(&self, components: &[Entity], recursive: bool) -> Result<()> {
        let Some(session) = unit_of(components)? else {
            return Ok(());
        };
        let _loading = super::loading(session);
        let location = self.within(session)?;
        let found = collect(session, components, recursive)?;
        let all: Vec<Entity> = found.into_iter().map(|found| found.component).collect();
        let entries = location.entries(components, all)?;
        let (removed, failure) = location.remove_data(entries);
        location.deregister(&removed)?;
        location.publish(
            COMPONENT_REMOVED_FROM_LOCATION_TOPIC,
            removed.iter().map(|entry| &entry.component),
        );
        failure.map_or(Ok(()), Err)
    }

    /// Those of all that are here; `components` have to be.
    #[track_caller]
    fn entries(&self, components: &[Entity], all: Vec<Entity>) -> Result<Vec<Entry>> {
        let mut known = self.registrations(&all)?;
        let missing: Vec<Entity> = components
            .iter()
            .filter(|component| !known.contains_key(&component.id()))
            .cloned()
            .collect();
        if !missing.is_empty() {
            return Err(self.lacks(&missing));
        }
        let mut entries = Vec::with_capacity(all.len());
        for component in all {
            let Some((link, stored)) = known.remove(&component.id()) else {
                continue;
            };
            entries.push(Entry {
                identifier: self.decoded(&component, stored)?,
                component,
                link,
            });
        }
        Ok(entries)
    }

    /// The registrations of those of the components that are here: ids of rows, and what is stored in them.
    #[track_caller]
    fn registrations(
        &self,
        components: &[Entity],
    ) -> Result<FxHashMap<String, (Option<String>, String)>> {
        if self.kind().is_in_memory() {
            let stored = self.stored_identifiers(components)?;
            return Ok(stored
                .into_iter()
                .map(|(component, stored)| (component, (None, stored)))
                .collect());
        }
        let links = self.links("id, component_id, resource_identifier", components)?;
        Ok(links
            .into_iter()
            .map(|link| {
                let Link {
                    id,
                    component_id,
                    resource_identifier,
                    ..
                } = link;
                (
                    component_id,
                    (Some(id), resource_identifier.unwrap_or_default()),
                )
            })
            .collect())
    }

    /// Removes the data of the entries in order, up to the first failure: gives back those that have none any more.
    fn remove_data(&self, mut entries: Vec<Entry>) -> (Vec<Entry>, Option<Error>) {
        if !self.kind().manages_data() {
            return (entries, None);
        }
        let accessor = match self.required_accessor() {
            Ok(accessor) => accessor,
            Err(error) => return (Vec::new(), Some(error)),
        };
        let failed = entries
            .iter()
            .enumerate()
            .find_map(|(index, entry)| Some((index, remove(&*accessor, entry).err()?)));
        let Some((index, error)) = failed else {
            return (entries, None);
        };
        let mut error = Error::from(error).with_detail("location", self.id());
        if let Some(entry) = entries.get(index) {
            error = error
                .with_detail("component", entry.component.id())
                .with_detail("resource_identifier", entry.identifier.as_str());
        }
        entries.truncate(index);
        (entries, Some(error))
    }

    /// Takes back the registrations.
    #[track_caller]
    fn deregister(&self, entries: &[Entry]) -> Result<()> {
        let session = self.session();
        if self.kind().is_in_memory() {
            let ids: Vec<String> = entries.iter().map(|entry| entry.component.id()).collect();
            let registry = session.location_registry();
            registry.deregister(&self.id(), ids.iter().map(String::as_str));
            return Ok(());
        }
        if entries.is_empty() {
            return Ok(());
        }
        for link in entries.iter().filter_map(|entry| entry.link.as_deref()) {
            session.delete(&session.entity(&Identity::new("ComponentLocation", link))?)?;
        }
        session.commit()?;
        Ok(())
    }
}

/// Removes the data of a component. What consists of others may have none of its own.
fn remove(accessor: &dyn Accessor, entry: &Entry) -> Result<(), AccessorError> {
    match accessor.remove(&entry.identifier) {
        Err(
            AccessorError::ResourceNotFound { .. } | AccessorError::UnsupportedOperation { .. },
        ) if has_members(&entry.component) => Ok(()),
        outcome => outcome,
    }
}
