//! Copying the data of components.

use ftrack_entity::Value;
use ftrack_location::transfer::{CopyError, TransferFailure, TransferItem, transfer};
use ftrack_location::{Accessor, AccessorError};
use rustc_hash::FxHashMap;

use super::addition::{Addition, Entry};
use super::data::Data;
use super::options::{Place, Source};
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::location::Location;
use crate::location::LocationKind;
use crate::location::collect::has_members;
use crate::server_accessor::UploadCall;

/// Why data could not be copied, and of which component.
struct Stopped {
    error: Box<dyn std::error::Error + Send + Sync>,
    component: Option<String>,
    is_cancelled: bool,
    /// The resource identifier at which there was something already.
    taken: Option<String>,
}

impl Addition<'_> {
    /// Copies the data of the components to where it goes, unless the location leaves data alone.
    #[track_caller]
    pub(super) fn transfer(&self, entries: &[Entry], upload: Option<&UploadCall>) -> Result<Data> {
        let mut data = Data::default();
        if !self.kind.manages_data() {
            return Ok(data);
        }
        let copied = self.copy(entries, &mut data);
        let stopped = match copied.and_then(|()| Ok(data.swap()?)) {
            Ok(()) => return Ok(data),
            Err(stopped) => stopped,
        };
        let kind = if stopped.is_cancelled {
            ErrorKind::Cancelled
        } else {
            ErrorKind::Location
        };
        let mut message = format!("the data cannot be transferred to {:?}", self.location);
        if let Some(taken) = stopped
            .taken
            .as_deref()
            .and_then(|taken| self.taken(entries, taken))
        {
            message = format!("{message}: {taken}");
        }
        let mut error = Error::new(kind, message).with_detail("location", self.location.id());
        error = if upload.is_some_and(UploadCall::is_resumable) {
            kept(error, &data)
        } else {
            if let Some(upload) = upload {
                upload.forget();
            }
            error.with_detail("transferred", self.clean_up(data, entries))
        };
        error = error.with_source(stopped.error);
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
            data.keep_files(|component| used.contains_key(component));
        }
        data.remove()
    }

    fn copy(&self, entries: &[Entry], data: &mut Data) -> Result<(), Stopped> {
        let target = self.location.required_accessor()?;
        data.start(&target);
        // What components consist of comes before them, but containers have to be there first.
        for entry in entries
            .iter()
            .rev()
            .filter(|entry| has_members(&entry.component))
        {
            make_container(&*target, entry, data).map_err(|error| Stopped::new(entry, error))?;
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
                return Err(Stopped::new(entry, error));
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
        // What comes from a path was just looked at, and whoever publishes may say another size than the file has.
        let is_registered = !source.kind().is_in_memory();
        let check_sizes = is_registered && self.options.check_sizes;
        let mut items = Vec::with_capacity(entries.len());
        for entry in entries {
            let place = self
                .place(target, entry, data)
                .map_err(|error| Stopped::new(entry, error))?;
            // The server puts what was uploaded in the place of what it had, and knows no other place.
            let replaces = self.kind == LocationKind::Server && entry.registration.is_some();
            items.push(item(entry, place, check_sizes).replacing(replaces));
        }
        let ids: FxHashMap<&str, String> = items
            .iter()
            .zip(entries)
            .map(|(item, entry)| (item.target(), entry.component.id()))
            .collect();
        let component = |target: &str| ids.get(target).cloned().unwrap_or_default();
        match transfer(&*accessor, target, &items, &self.options.transfer) {
            Ok(_) => {
                let arrived = items.iter().map(TransferItem::target);
                data.arrived(arrived.map(|target| (component(target), target.to_owned())));
                Ok(())
            }
            Err(error) => {
                let arrived = error.transferred().iter();
                data.arrived(arrived.map(|target| (component(target), target.clone())));
                let failed = error.failures().first();
                Err(Stopped {
                    component: failed.map(|failure| component(failure.item().target())),
                    is_cancelled: error.is_cancelled(),
                    taken: failed.and_then(taken_place),
                    error: error.into(),
                })
            }
        }
    }

    /// Where the file of an entry is written: beside what it replaces, if it replaces anything.
    fn place(
        &self,
        target: &dyn Accessor,
        entry: &Entry,
        data: &mut Data,
    ) -> Result<String, AccessorError> {
        let replaces = self.options.replace
            && self.kind != LocationKind::Server
            && (entry.registration.is_some() || target.exists(&entry.identifier)?);
        Ok(if replaces {
            data.stage(&entry.identifier, entry.component.id())
        } else {
            entry.identifier.clone()
        })
    }
}

/// The error after which a later call goes on with what was sent.
pub(super) fn kept(error: Error, data: &Data) -> Error {
    let message = format!(
        "{}; what was sent is kept, and the same call goes on with it",
        error.message()
    );
    error
        .with_message(message)
        .with_detail("transferred", data.list())
        .with_detail("resumable", true)
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
            data.made(entry.component.id(), identifier.clone());
            Ok(())
        }
        // Storages without containers need none.
        Err(AccessorError::UnsupportedOperation { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

impl Stopped {
    fn new(entry: &Entry, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            error: error.into(),
            component: Some(entry.component.id()),
            is_cancelled: false,
            taken: None,
        }
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self {
            error: error.into(),
            component: None,
            is_cancelled: false,
            taken: None,
        }
    }
}

impl From<AccessorError> for Stopped {
    fn from(error: AccessorError) -> Self {
        Self::from(Error::from(error))
    }
}

/// Where there was something already, if that is why a file could not be copied.
fn taken_place(failure: &TransferFailure) -> Option<String> {
    match failure.error() {
        CopyError::Target(AccessorError::ResourceExists {
            resource_identifier,
        }) => Some(resource_identifier.clone()),
        _ => None,
    }
}

/// A size of 0 is what is registered where nobody knew it; any other is what there has to be, if sizes are checked. The
/// name is for storages that show it to people.
fn item(entry: &Entry, place: String, check_sizes: bool) -> TransferItem {
    let item = TransferItem::new(
        entry.source_identifier.as_deref().unwrap_or_default(),
        place,
    );
    let item = match known(entry, "size").as_i64().map(u64::try_from) {
        Some(Ok(size)) if size > 0 && check_sizes => item.expect_size(size),
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
pub(super) fn known(entry: &Entry, attribute: &str) -> Value {
    let position = entry.component.definition().position(attribute);
    position.map_or(Value::NotSet, |position| {
        entry.component.record().value(position)
    })
}
