//! Comparing what is registered in a location with what is there.

mod walk;

use ftrack_entity::Identity;
use ftrack_location::transfer::TransferOptions;
use ftrack_location::{Accessor, AccessorError, LeftOver};
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::Location;
use super::side_by_side::side_by_side;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// How many files are looked for together.
const BATCH: usize = 250;

/// What [`Location::verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// How many registered files were looked for.
    pub checked: u64,
    /// Files that are registered and not there.
    pub missing: Vec<RegisteredFile>,
    /// Files that are there, with another size than registered.
    pub differing: Vec<RegisteredFile>,
    /// The resource identifiers of files that are there and not registered, sorted; `None` if the storage does not list
    /// what is in it.
    pub unregistered: Option<Vec<String>>,
    /// Files that a program left beside others when it was killed while it replaced these. They do no harm; an old one
    /// is what was there before, in case the new one is not what it should be.
    pub left_over: Vec<LeftOver>,
}

impl Verification {
    /// Whether everything is as it is registered.
    pub fn is_clean(&self) -> bool {
        self.missing.is_empty()
            && self.differing.is_empty()
            && self.left_over.is_empty()
            && self.unregistered.as_ref().is_none_or(Vec::is_empty)
    }
}

/// A file that is registered in a location.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredFile {
    /// The id of the component.
    pub component_id: String,
    /// The type of the component.
    pub component_type: String,
    /// The name of the component.
    pub name: String,
    /// Where the file should be.
    pub resource_identifier: String,
    /// How many bytes are registered; `None` if that is not known.
    pub registered_size: Option<u64>,
    /// How many bytes there are; `None` if there is no file, or its storage does not say.
    pub found_size: Option<u64>,
}

/// A row that registers a component.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) component_id: String,
    pub(super) resource_identifier: Option<String>,
    pub(super) component: Option<ComponentRow>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ComponentRow {
    #[serde(rename = "__entity_type__")]
    pub(super) entity_type: String,
    pub(super) name: Option<String>,
    pub(super) size: Option<i64>,
}

impl Location {
    /// Looks for every file that the server has registered in this location, and for files that are there and that
    /// nobody has registered. Nothing is changed. Memory is that of the problems found and of the registered names.
    ///
    /// A file that vanished still counts as available. To mend that, bring it from another location
    /// ([`sync_from`](Self::sync_from)), add it again ([`AddOptions::replace`](crate::AddOptions::replace)), or take
    /// back its registration ([`RemoveOptions::forget`](crate::RemoveOptions::forget)).
    ///
    /// ```
    /// # fn example(location: &ftrack_session::Location) -> ftrack_session::Result<()> {
    /// let found = location.verify()?;
    /// for file in &found.missing {
    ///     println!("{} is not at {}", file.name, file.resource_identifier);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for locations of which the server knows nothing (of the kinds `Memory` and
    /// `Origin`), [`ErrorKind::Location`] if the location has no accessor, the errors of the accessor, and those of a
    /// query.
    #[track_caller]
    pub fn verify(&self) -> Result<Verification> {
        if self.kind().is_in_memory() {
            let message = format!("the server does not know what is in {self:?}");
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let _loading = super::loading(self.session());
        let accessor = self.required_accessor()?;
        let mut found = Verification::default();
        let mut known = FxHashSet::default();
        let threads = TransferOptions::new().most_parallel();
        let mut files = self.registered_files()?;
        loop {
            let batch: Vec<RegisteredFile> = files.by_ref().take(BATCH).collect::<Result<_>>()?;
            if batch.is_empty() {
                break;
            }
            let identifiers = batch.iter().map(|file| file.resource_identifier.clone());
            known.extend(identifiers);
            let there = side_by_side(threads, &batch, |file| {
                presence(&*accessor, &file.resource_identifier)
            })?;
            for (file, there) in batch.into_iter().zip(there) {
                found.note(file, there);
            }
        }
        if self.kind().manages_data() {
            let others = walk::others(&*accessor, &known)?;
            found.left_over = others
                .iter()
                .flatten()
                .filter_map(|other| LeftOver::from_name(other))
                .collect();
            found.unregistered = others.map(|mut others| {
                others.retain(|other| LeftOver::from_name(other).is_none());
                others
            });
        }
        Ok(found)
    }

    /// The files that are registered here, page by page.
    #[track_caller]
    fn registered_files(&self) -> Result<impl Iterator<Item = Result<RegisteredFile>> + '_> {
        let query = ftrack_query::Query::from("ComponentLocation")
            .select([
                "component_id",
                "resource_identifier",
                "component.name",
                "component.size",
            ])
            .filter(ftrack_query::attr("location_id").is(self.id()))
            .order_by("id")
            .build()?;
        let rows = self.session().query(&query).records::<Row>();
        Ok(rows.filter_map(|row| match row {
            Ok(row) => self.registered_file(row).transpose(),
            Err(error) => Some(Err(error)),
        }))
    }

    /// A file; nothing for sequences and containers, which are only names for what they consist of.
    fn registered_file(&self, row: Row) -> Result<Option<RegisteredFile>> {
        let Some(component) = row.component else {
            return Ok(None);
        };
        if component.entity_type != "FileComponent" {
            return Ok(None);
        }
        let stored = row.resource_identifier.unwrap_or_default();
        let resource_identifier = if self.resource_identifier_transformer().is_some() {
            let identity = Identity::new(component.entity_type.as_str(), row.component_id.as_str());
            self.decoded(&self.session().entity(&identity)?, stored)?
        } else {
            stored
        };
        Ok(Some(RegisteredFile {
            component_id: row.component_id,
            component_type: component.entity_type,
            name: component.name.unwrap_or_default(),
            resource_identifier,
            // A size of 0 is what is registered where nobody knew it.
            registered_size: component
                .size
                .and_then(|size| u64::try_from(size).ok())
                .filter(|size| *size > 0),
            found_size: None,
        }))
    }
}

impl Verification {
    fn note(&mut self, mut file: RegisteredFile, there: Presence) {
        self.checked += 1;
        let Presence::File(found) = there else {
            self.missing.push(file);
            return;
        };
        file.found_size = found;
        // A storage that does not say the size says nothing against it.
        if let (Some(found), Some(registered)) = (found, file.registered_size)
            && found != registered
        {
            self.differing.push(file);
        }
    }
}

/// What there is at a resource identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    /// A file, and how many bytes it has, where the storage says it.
    File(Option<u64>),
}

pub(super) fn presence(
    accessor: &dyn Accessor,
    identifier: &str,
) -> Result<Presence, AccessorError> {
    let found = match accessor.local_path(identifier) {
        Some(path) => match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
            Ok(_) => return Ok(Presence::Absent),
            Err(error) => Err(AccessorError::from_io("inspect", identifier, error)),
        },
        None => accessor.open(identifier).map(|reader| reader.size()),
    };
    match found {
        Ok(size) => Ok(Presence::File(size)),
        Err(AccessorError::ResourceNotFound { .. } | AccessorError::ResourceInvalid { .. }) => {
            Ok(Presence::Absent)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use ftrack_location::accessor::Result;
    use ftrack_location::{CreateOptions, ResourceReader, Upload};

    use super::*;

    /// Has one file, and does not say how many bytes it has.
    struct Silent;

    impl Accessor for Silent {
        fn list(&self, _: &str) -> Result<Vec<String>> {
            Err(AccessorError::unsupported("list"))
        }

        fn exists(&self, _: &str) -> Result<bool> {
            Ok(true)
        }

        fn is_file(&self, _: &str) -> Result<bool> {
            Ok(true)
        }

        fn is_container(&self, _: &str) -> Result<bool> {
            Ok(false)
        }

        fn open_at(&self, identifier: &str, _: u64) -> Result<ResourceReader> {
            if identifier == "there" {
                return Ok(ResourceReader::new(&b"pixels"[..]));
            }
            Err(AccessorError::ResourceNotFound {
                resource_identifier: identifier.to_owned(),
            })
        }

        fn create(&self, _: &str, _: &CreateOptions) -> Result<Box<dyn Upload>> {
            Err(AccessorError::unsupported("create a file"))
        }

        fn remove(&self, _: &str) -> Result<()> {
            Err(AccessorError::unsupported("remove a file"))
        }
    }

    #[test]
    fn a_storage_that_does_not_say_the_size_differs_in_nothing() {
        let mut found = Verification::default();
        for identifier in ["there", "gone"] {
            let file = RegisteredFile {
                component_id: "c-1".to_owned(),
                component_type: "FileComponent".to_owned(),
                name: "plate".to_owned(),
                resource_identifier: identifier.to_owned(),
                registered_size: Some(6),
                found_size: None,
            };
            let there = presence(&Silent, identifier).unwrap();
            found.note(file, there);
        }
        assert_eq!(found.checked, 2);
        assert!(found.differing.is_empty(), "{found:?}");
        assert_eq!(found.missing.len(), 1);
        assert_eq!(found.missing[0].resource_identifier, "gone");
    }
}
