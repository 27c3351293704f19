//! Which components are in a location, and where in it.

use ftrack_entity::{EntityState, Identity};
use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::Location;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::query_text::word;
use crate::session::Session;

/// How many ids one query names at the most: they are part of its text.
const LARGEST_QUERY: usize = 5_000;

/// A row of `ComponentLocation`.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub(super) id: String,
    pub(super) component_id: String,
    #[serde(default)]
    pub(super) location_id: String,
    pub(super) resource_identifier: Option<String>,
}

/// That a component is in a location.
pub(super) struct Registration {
    /// The id of the row that says so, where the server knows.
    pub(super) link: Option<String>,
    /// The resource identifier, as it is stored.
    pub(super) stored: String,
}

impl Location {
    /// The registrations of those of the components that are here, by the ids of the components.
    #[track_caller]
    pub(super) fn registrations(
        &self,
        components: &[Entity],
    ) -> Result<FxHashMap<String, Registration>> {
        if self.kind().is_in_memory() {
            let stored = self.stored_identifiers(components)?;
            return Ok(stored
                .into_iter()
                .map(|(component, stored)| (component, Registration { link: None, stored }))
                .collect());
        }
        let links = self.links("id, component_id, resource_identifier", components)?;
        Ok(links
            .into_iter()
            .map(|row| {
                let registration = Registration {
                    link: Some(row.id),
                    stored: row.resource_identifier.unwrap_or_default(),
                };
                (row.component_id, registration)
            })
            .collect())
    }

    /// The resource identifiers, as they are stored, of those of the components that are in the location, by the ids
    /// of the components.
    #[track_caller]
    pub(super) fn stored_identifiers(
        &self,
        components: &[Entity],
    ) -> Result<FxHashMap<String, String>> {
        let ids: Vec<String> = components.iter().map(Entity::id).collect();
        if self.kind().is_in_memory() {
            let registry = self.session().location_registry();
            return Ok(registry.registered(&self.id(), ids.iter().map(String::as_str)));
        }
        let links = self.links("component_id, resource_identifier", components)?;
        Ok(links
            .into_iter()
            .map(|link| {
                (
                    link.component_id,
                    link.resource_identifier.unwrap_or_default(),
                )
            })
            .collect())
    }

    /// What the server knows of those of the components that are in the location.
    #[track_caller]
    pub(super) fn links(&self, projections: &str, components: &[Entity]) -> Result<Vec<Link>> {
        let scope = format!(
            "location_id is {} and ",
            word(self.entity().identity().key())
        );
        find(self.session(), projections, &scope, components)
    }

    /// The error for components that are not in the location.
    pub(super) fn lacks(&self, missing: &[Entity]) -> Error {
        self.about(
            ErrorKind::ComponentNotInLocation,
            missing,
            "not found in location",
        )
    }

    /// The error for components that are in the location already.
    pub(super) fn has(&self, existing: &[Entity]) -> Error {
        self.about(
            ErrorKind::ComponentInLocation,
            existing,
            "already exist in location",
        )
    }

    fn about(&self, kind: ErrorKind, components: &[Entity], what: &str) -> Error {
        const NAMED: usize = 10;
        let named: Vec<String> = components
            .iter()
            .take(NAMED)
            .map(|component| format!("{component:?}"))
            .collect();
        let more = match components.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("component(s) {}{more} {what} {self:?}", named.join(", "));
        let ids: Vec<String> = components.iter().map(Entity::id).collect();
        Error::new(kind, message)
            .with_detail("location", self.id())
            .with_detail("components", ids)
    }
}

/// Where these components are: each location with those of them that are there.
#[track_caller]
pub(crate) fn places_of(
    session: &Session,
    components: &[Entity],
) -> Result<Vec<(Location, Vec<Entity>)>> {
    let known: FxHashMap<String, &Entity> = components
        .iter()
        .map(|component| (component.id(), component))
        .collect();
    let mut places: Vec<(Location, Vec<Entity>)> = Vec::new();
    for link in find(session, "component_id, location_id", "", components)? {
        let entity = session.entity(&Identity::new("Location", link.location_id.as_str()))?;
        let Some(component) = known.get(&link.component_id).copied() else {
            continue;
        };
        match places
            .iter_mut()
            .find(|(known, _)| *known.entity() == entity)
        {
            Some((_, there)) => there.push(component.clone()),
            None => places.push((Location { entity }, vec![component.clone()])),
        }
    }
    Ok(places)
}

/// What the server knows of where these components are; `scope` narrows it down. Components that were created and not
/// committed are nowhere yet.
#[track_caller]
pub(super) fn find(
    session: &Session,
    projections: &str,
    scope: &str,
    components: &[Entity],
) -> Result<Vec<Link>> {
    let ids: Vec<String> = components
        .iter()
        .filter(|component| component.state() != Some(EntityState::Created))
        .map(|component| word(component.identity().key()))
        .collect();
    let mut links = Vec::new();
    for ids in ids.chunks(LARGEST_QUERY) {
        let text = format!(
            "select {projections} from ComponentLocation where {scope}component_id in ({})",
            ids.join(", ")
        );
        for link in session.query(text).records::<Link>() {
            links.push(link?);
        }
    }
    Ok(links)
}
