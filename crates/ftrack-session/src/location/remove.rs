//! Removing components from locations.

use ftrack_entity::Identity;
use ftrack_location::{Accessor, AccessorError};

use super::Location;
use super::collect::{collect, has_members, unit_of};
use super::links::Registration;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::Result;
use crate::symbol::COMPONENT_REMOVED_FROM_LOCATION_TOPIC;

/// A component in the location.
struct Entry {
    component: Entity,
    identifier: String,
    /// The id of the row that registers it, where the server knows.
    link: Option<String>,
}

/// How components are removed from a location.
///
/// ```
/// use ftrack_session::RemoveOptions;
///
/// let options = RemoveOptions::new().recursive(false).forget(true);
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct RemoveOptions {
    recursive: bool,
    forget: bool,
    dry_run: bool,
}

impl Default for RemoveOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl RemoveOptions {
    /// With all that the components consist of, and with their data.
    pub fn new() -> Self {
        Self {
            recursive: true,
            forget: false,
            dry_run: false,
        }
    }

    /// Whether what the components consist of is removed as well. Defaults to `true`.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.recursive = recursive;
        self
    }

    /// Whether only the registrations are taken back, and data is left as it is: for files that are not there any more,
    /// or that somebody else takes over. Defaults to `false`.
    pub fn forget(mut self, forget: bool) -> Self {
        self.forget = forget;
        self
    }

    /// Whether it is only checked that it could be done, and nothing is removed. Defaults to `false`.
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Whether data is left as it is.
    pub(crate) fn forgets(&self) -> bool {
        self.forget
    }

    /// Whether nothing is removed.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.dry_run
    }
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

    /// As [`remove_components`](Self::remove_components), in the way that `options` say.
    ///
    /// ```
    /// # fn example(location: &ftrack_session::Location, lost: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// use ftrack_session::RemoveOptions;
    ///
    /// // The file has gone: only the registration is taken back.
    /// location.remove_components_with(std::slice::from_ref(lost), &RemoveOptions::new().forget(true))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`remove_components`](Self::remove_components).
    #[track_caller]
    pub fn remove_components_with(
        &self,
        components: &[Entity],
        options: &RemoveOptions,
    ) -> Result<()> {
        let Some(session) = unit_of(components)? else {
            return Ok(());
        };
        let _loading = super::loading(session);
        let location = self.within(session)?;
        let found = collect(session, components, options.recursive)?;
        let all: Vec<Entity> = found.into_iter().map(|found| found.component).collect();
        let entries = location.entries(components, all)?;
        if options.dry_run {
            return Ok(());
        }
        let (removed, failure) = if options.forget {
            (entries, None)
        } else {
            location.remove_data(entries)
        };
        location.deregister(&removed)?;
        location.publish(
            COMPONENT_REMOVED_FROM_LOCATION_TOPIC,
            removed.iter().map(|entry| &entry.component),
        );
        failure.map_or(Ok(()), Err)
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
        let options = RemoveOptions::new().recursive(recursive);
        self.remove_components_with(components, &options)
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
            let Some(Registration { link, stored }) = known.remove(&component.id()) else {
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
        let is_gone = matches!(error, AccessorError::ResourceNotFound { .. });
        let mut error = Error::from(error).with_detail("location", self.id());
        if is_gone {
            error = error.with_detail(
                "hint",
                "to take back the registration alone, forget the component",
            );
        }
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
