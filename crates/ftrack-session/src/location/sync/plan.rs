//! Finding out what one location lacks that another one has.

use std::sync::Arc;

use ftrack_entity::Identity;
use ftrack_location::{Accessor, AccessorError, Md5};
use ftrack_query::{Filter, Query, attr};

use super::{SyncItem, SyncOptions, SyncReason};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::location::Location;
use crate::location::links::find;
use crate::location::side_by_side::side_by_side;
pub(super) use crate::location::verify::Row;
use crate::location::verify::{Presence, presence};
use crate::query_text::word;
use crate::session::Session;

/// The registrations in `source`, in an order that does not change from page to page.
pub(super) fn query(source: &Location, filter: Option<Filter>) -> Result<Query> {
    let is_here = attr("location_id").is(source.id());
    let query = Query::from("ComponentLocation")
        .select([
            "component_id",
            "resource_identifier",
            "component.name",
            "component.size",
        ])
        .filter(match filter {
            Some(filter) => is_here.and(filter),
            None => is_here,
        })
        .order_by("id")
        .build()?;
    Ok(query)
}

/// What was published in a project, by itself or within other components.
pub(super) fn in_project(session: &Session, name_or_id: &str) -> Result<Filter> {
    let wanted = attr("name").is(name_or_id).or(attr("id").is(name_or_id));
    let query = Query::from("Project").select(["id"]).filter(wanted);
    let project = session.query(query).first()?.ok_or_else(|| {
        let message = format!("the server has no project {name_or_id:?}");
        Error::new(ErrorKind::NotFound, message).with_detail("project", name_or_id)
    })?;
    let within = ["", ".container", ".container.container"].map(|above| {
        let path = format!("component{above}.version.asset.parent.project_id");
        attr(path).is(project.id())
    });
    let [direct, once, twice] = within;
    Ok(direct.or(once).or(twice))
}

/// What one batch of registrations comes to.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) items: Vec<SyncItem>,
    /// What cannot be brought, as it is known before anything is copied.
    pub(super) impossible: Vec<(SyncItem, Error)>,
}

/// Compares two storages.
pub(super) struct Comparison<'a> {
    pub(super) source: &'a Location,
    pub(super) target: &'a Location,
    pub(super) options: &'a SyncOptions,
}

/// Something that the other location has, and where it is registered here, if it is.
struct Candidate {
    item: SyncItem,
    here: Option<String>,
}

/// What one of them comes to: why it has to be brought, if it has to, and why it cannot be, if that is known.
type Found = Option<(SyncReason, Option<Error>)>;

impl Comparison<'_> {
    #[track_caller]
    pub(super) fn compare(&self, rows: Vec<Row>) -> Result<Wanted> {
        let candidates = self.candidates(rows)?;
        let storages = Storages {
            source: self.source.required_accessor()?,
            target: self.target.required_accessor()?,
            options: self.options,
        };
        let threads = self.options.transfer.most_parallel();
        let found = side_by_side(threads, &candidates, |candidate| {
            self.find(&storages, candidate)
        })?;
        let mut wanted = Wanted::default();
        for (candidate, found) in candidates.into_iter().zip(found) {
            let mut item = candidate.item;
            let Some((reason, impossible)) = found else {
                continue;
            };
            item.reason = reason;
            match impossible {
                Some(error) => wanted.impossible.push((item, error)),
                None => wanted.items.push(item),
            }
        }
        Ok(wanted)
    }

    /// All that asks the server or runs code of a structure, before the storages are looked at side by side.
    #[track_caller]
    fn candidates(&self, rows: Vec<Row>) -> Result<Vec<Candidate>> {
        let session = self.target.session();
        let mut items = Vec::with_capacity(rows.len());
        let mut components = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some((item, component)) = self.item(session, row)? {
                items.push(item);
                components.push(component);
            }
        }
        let scope = format!(
            "location_id is {} and ",
            word(self.target.entity().identity().key())
        );
        let links = find(
            session,
            "component_id, resource_identifier",
            &scope,
            &components,
        )?;
        let mut stored: rustc_hash::FxHashMap<String, String> = links
            .into_iter()
            .map(|link| {
                (
                    link.component_id,
                    link.resource_identifier.unwrap_or_default(),
                )
            })
            .collect();
        let pairs = items.into_iter().zip(components);
        pairs
            .map(|(item, component)| {
                let here = match stored.remove(&item.component_id) {
                    // Where a sequence is, does not matter: its files are looked at.
                    Some(stored) if is_file(&item) => {
                        Some(self.target.decoded(&component, stored)?)
                    }
                    stored => stored,
                };
                Ok(Candidate { item, here })
            })
            .collect()
    }

    fn find(&self, storages: &Storages<'_>, candidate: &Candidate) -> Result<Found> {
        if self.options.cancellation.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "comparing was cancelled"));
        }
        let Some(reason) = storages.reason(candidate)? else {
            return Ok(None);
        };
        let impossible = self.impossible(storages, &candidate.item)?;
        Ok(Some((reason, impossible)))
    }

    fn item(&self, session: &Session, row: Row) -> Result<Option<(SyncItem, Entity)>> {
        // A component that was deleted meanwhile.
        let Some(known) = row.component else {
            return Ok(None);
        };
        let identity = Identity::new(known.entity_type.as_str(), row.component_id.as_str());
        let component = session.entity(&identity)?;
        let stored = row.resource_identifier.unwrap_or_default();
        // A size of 0 is what is registered where nobody knew it.
        let size = known.size.and_then(|size| u64::try_from(size).ok());
        let is_file = known.entity_type == "FileComponent";
        let item = SyncItem {
            component_id: row.component_id,
            component_type: known.entity_type,
            name: known.name.unwrap_or_default(),
            resource_identifier: self.source.decoded(&component, stored)?,
            size: size.filter(|size| *size > 0 && is_file),
            reason: SyncReason::NotRegistered,
        };
        Ok(Some((item, component)))
    }

    /// Why it cannot be brought, if that can be seen before it is tried.
    fn impossible(&self, storages: &Storages<'_>, item: &SyncItem) -> Result<Option<Error>> {
        if !is_file(item) {
            return Ok(None);
        }
        let said = |kind, message: String| {
            let error =
                Error::new(kind, message).with_detail("component", item.component_id.as_str());
            Ok(Some(error.with_detail("location", self.source.id())))
        };
        let identifier = &item.resource_identifier;
        let found = match presence(&*storages.source, identifier) {
            // Others may be readable.
            Err(error @ AccessorError::PermissionDenied { .. }) => {
                let error = Error::from(error).with_detail("component", item.component_id.as_str());
                return Ok(Some(error.with_detail("location", self.source.id())));
            }
            found => found?,
        };
        match found {
            Presence::Absent => said(
                ErrorKind::AccessorResourceNotFound,
                format!("it is not at {identifier:?} in {:?} either", self.source),
            ),
            Presence::File(Some(found)) if item.size.is_some_and(|size| size != found) => said(
                ErrorKind::Location,
                format!(
                    "it has {found} bytes in {:?} too, and {} are registered",
                    self.source,
                    item.size.unwrap_or_default()
                ),
            ),
            Presence::File(_) => Ok(None),
        }
    }
}

/// What files are looked for in, by several threads.
struct Storages<'a> {
    source: Arc<dyn Accessor>,
    target: Arc<dyn Accessor>,
    options: &'a SyncOptions,
}

impl Storages<'_> {
    /// Why it has to be brought, if it has to.
    fn reason(&self, candidate: &Candidate) -> Result<Option<SyncReason>> {
        let item = &candidate.item;
        let Some(here) = &candidate.here else {
            return Ok(Some(SyncReason::NotRegistered));
        };
        if !is_file(item) {
            return Ok(None);
        }
        let Presence::File(found) = presence(&*self.target, here)? else {
            return Ok(Some(SyncReason::Missing));
        };
        if let (Some(found), Some(registered)) = (found, item.size)
            && found != registered
        {
            return Ok(Some(SyncReason::OtherSize { found }));
        }
        if !self.options.checksum {
            return Ok(None);
        }
        // What is not in the source cannot be compared, nor brought.
        let Some(there) = self.content(&*self.source, &item.resource_identifier)? else {
            return Ok(None);
        };
        let here = self.content(&*self.target, here)?;
        Ok((here.as_ref() != Some(&there)).then_some(SyncReason::OtherContent))
    }

    /// The checksum of a file; `None` if it is not there.
    fn content(
        &self,
        accessor: &dyn Accessor,
        identifier: &str,
    ) -> Result<Option<Md5>, AccessorError> {
        let reader = match accessor.open(identifier) {
            Ok(reader) => reader,
            Err(AccessorError::ResourceNotFound { .. } | AccessorError::ResourceInvalid { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let checksum = Md5::read(&mut self.options.cancellation.reader(reader));
        let checksum =
            checksum.map_err(|error| AccessorError::from_io("read", identifier, error))?;
        Ok(Some(checksum))
    }
}

pub(super) fn is_file(item: &SyncItem) -> bool {
    item.component_type == "FileComponent"
}
