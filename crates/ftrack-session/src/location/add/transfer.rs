//! Copying the data of components.

use std::sync::Arc;

use ftrack_entity::Value;
use ftrack_location::transfer::{TransferItem, transfer};
use ftrack_location::{Accessor, AccessorError};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::json;

use super::addition::{Addition, Entry};
use super::options::{Place, Source};
use crate::location::collect::has_members;
use crate::{Entity, Error, ErrorKind, Location, LocationKind, Result};

/// What one call has put into a location, until it is registered.
#[derive(Default)]
pub(super) struct Data {
    accessor: Option<Arc<dyn Accessor>>,
    /// The resource identifiers of files, and the components that they belong to.
    files: Vec<(String, String)>,
    /// The containers that were made, those within others after these.
    containers: Vec<(String, String)>,
}

/// Why data could not be copied, and of which component.
struct Stopped {
    error: Box<dyn std::error::Error + Send + Sync>,
    component: Option<String>,
    is_cancelled: bool,
}

impl Data {
    /// Removes everything again, and says what cannot be removed.
    fn remove(mut self) -> Vec<serde_json::Value> {
        let Some(accessor) = self.accessor.take() else {
            return Vec::new();
        };
        let is_left = |(_, identifier): &(String, String)| match accessor.remove(identifier) {
            // What is in a container that is not empty is somebody else's, or is listed itself.
            Ok(())
            | Err(
                AccessorError::ResourceNotFound { .. } | AccessorError::ContainerNotEmpty { .. },
            ) => false,
            Err(error) => {
                tracing::warn!(identifier, %error, "data that was copied in vain cannot be removed");
                true
            }
        };
        self.files.retain(is_left);
        self.containers.reverse();
        self.containers.retain(is_left);
        self.list()
    }

    /// What is there, for the details of an error.
    pub(super) fn list(&self) -> Vec<serde_json::Value> {
        let all = self.containers.iter().chain(&self.files);
        all.map(|(component, identifier)| {
            json!({"component": component, "resource_identifier": identifier})
        })
        .collect()
    }
}

impl Addition<'_> {
    /// Copies the data of the components to where it goes, unless the location leaves data alone.
    #[track_caller]
    pub(super) fn transfer(&self, entries: &[Entry]) -> Result<Data> {
        let mut data = Data::default();
        if !self.kind.manages_data() {
            return Ok(data);
        }
        self.check_targets(entries)?;
        let stopped = match self.copy(entries, &mut data) {
            Ok(()) => return Ok(data),
            Err(stopped) => stopped,
        };
        let kind = if stopped.is_cancelled {
            ErrorKind::Cancelled
        } else {
            ErrorKind::Location
        };
        let message = format!("the data cannot be transferred to {:?}", self.location);
        let mut error = Error::new(kind, message)
            .with_detail("location", self.location.id())
            .with_detail("transferred", self.clean_up(data, entries))
            .with_source(stopped.error);
        if let Some(component) = stopped.component {
            error = error.with_detail("component", component);
        }
        Err(error)
    }

    /// Removes what was copied and is not registered, and says what is left of it.
    ///
    /// Storages do not replace anything, so what this call has put there is nobody else's. Only the server does: there
    /// somebody else may have registered the same component meanwhile.
    #[track_caller]
    pub(super) fn clean_up(&self, mut data: Data, entries: &[Entry]) -> Vec<serde_json::Value> {
        if self.kind == LocationKind::Server {
            let all: Vec<Entity> = entries
                .iter()
                .map(|entry| entry.component.clone())
                .collect();
            let Ok(used) = self.location.stored_identifiers(&all) else {
                return data.list();
            };
            data.files
                .retain(|(component, _)| !used.contains_key(component));
        }
        data.remove()
    }

    /// Refuses two files that would go to the same place.
    fn check_targets(&self, entries: &[Entry]) -> Result<()> {
        let mut targets: FxHashMap<&str, &Entity> = FxHashMap::default();
        for entry in entries
            .iter()
            .filter(|entry| !has_members(&entry.component))
        {
            let Some(other) = targets.insert(&entry.identifier, &entry.component) else {
                continue;
            };
            let message = format!(
                "{other:?} and {:?} would both be {:?} in {:?}",
                entry.component, entry.identifier, self.location
            );
            let error = self.failure(message, Vec::new());
            return Err(error.with_detail("component", entry.component.id()));
        }
        Ok(())
    }

    fn copy(&self, entries: &[Entry], data: &mut Data) -> Result<(), Stopped> {
        let target = self.location.required_accessor()?;
        data.accessor = Some(Arc::clone(&target));
        // What components consist of comes before them, but containers have to be there first.
        for entry in entries
            .iter()
            .rev()
            .filter(|entry| has_members(&entry.component))
        {
            make_container(&*target, entry, data).map_err(|error| Stopped::of(entry, error))?;
        }
        for (source, entries) in self.by_source(entries)? {
            self.copy_files(&source, &*target, &entries, data)?;
        }
        Ok(())
    }

    /// The files, by the locations that they come from.
    fn by_source<'e>(
        &self,
        entries: &'e [Entry],
    ) -> Result<Vec<(Location, Vec<&'e Entry>)>, Stopped> {
        let mut groups: Vec<(Location, Vec<&Entry>)> = Vec::new();
        for entry in entries
            .iter()
            .filter(|entry| !has_members(&entry.component))
        {
            let Some(Source(Place::Location(source))) = self.sources.get(entry.source) else {
                continue;
            };
            if entry.source_identifier.is_none() {
                let error = source.lacks(std::slice::from_ref(&entry.component));
                return Err(Stopped::of(entry, error));
            }
            match groups.iter_mut().find(|(known, _)| known == source) {
                Some((_, entries)) => entries.push(entry),
                None => groups.push((source.clone(), vec![entry])),
            }
        }
        Ok(groups)
    }

    fn copy_files(
        &self,
        source: &Location,
        target: &dyn Accessor,
        entries: &[&Entry],
        data: &mut Data,
    ) -> Result<(), Stopped> {
        let accessor = source.required_accessor()?;
        let items: Vec<TransferItem> = entries.iter().map(|entry| item(entry)).collect();
        let ids: FxHashMap<&str, String> = entries
            .iter()
            .map(|entry| (entry.identifier.as_str(), entry.component.id()))
            .collect();
        let file = |identifier: &str| {
            let component = ids.get(identifier).cloned().unwrap_or_default();
            (component, identifier.to_owned())
        };
        match transfer(&*accessor, target, &items, &self.options.transfer) {
            Ok(_) => {
                data.files
                    .extend(items.iter().map(|item| file(item.target())));
                Ok(())
            }
            Err(error) => {
                let transferred: FxHashSet<_> = error.transferred().iter().collect();
                data.files
                    .extend(transferred.into_iter().map(|target| file(target)));
                let failed = error.failures().first();
                Err(Stopped {
                    component: failed.map(|failure| file(failure.item().target()).0),
                    is_cancelled: error.is_cancelled(),
                    error: error.into(),
                })
            }
        }
    }
}

/// Sequences are only a name that their files share; other components are containers of their own.
fn make_container(
    target: &dyn Accessor,
    entry: &Entry,
    data: &mut Data,
) -> Result<(), AccessorError> {
    if entry.component.entity_type() == "SequenceComponent" {
        return Ok(());
    }
    let identifier = &entry.identifier;
    let is_there = match target.exists(identifier) {
        // What may have been there is left alone.
        Err(AccessorError::UnsupportedOperation { .. }) => true,
        known => known?,
    };
    match target.make_container(identifier, true) {
        Ok(()) if is_there => Ok(()),
        Ok(()) => {
            let container = (entry.component.id(), identifier.clone());
            data.containers.push(container);
            Ok(())
        }
        // Storages without containers need none.
        Err(AccessorError::UnsupportedOperation { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

impl Stopped {
    fn of(entry: &Entry, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            error: error.into(),
            component: Some(entry.component.id()),
            is_cancelled: false,
        }
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self {
            error: error.into(),
            component: None,
            is_cancelled: false,
        }
    }
}

/// The size, where it is known, is for the progress only; the name is for storages that show it to people.
fn item(entry: &Entry) -> TransferItem {
    let item = TransferItem::new(
        entry.source_identifier.as_deref().unwrap_or_default(),
        entry.identifier.as_str(),
    );
    let item = match known(entry, "size").as_i64().map(u64::try_from) {
        Some(Ok(size)) => item.with_size(size),
        _ => item,
    };
    let file_type = known(entry, "file_type");
    let extension = file_type.as_str().unwrap_or_default();
    match (
        known(entry, "name").as_str(),
        extension.trim_start_matches('.'),
    ) {
        (None, _) => item,
        (Some(name), "") => item.with_file_name(name),
        (Some(name), extension) => item.with_file_name(format!("{name}.{extension}")),
    }
}

/// What is known of an attribute without loading it: all that is asked here was loaded before.
fn known(entry: &Entry, attribute: &str) -> Value {
    let position = entry.component.definition().position(attribute);
    position.map_or(Value::NotSet, |position| {
        entry.component.record().value(position)
    })
}
