//! Which components are in a location, and where in it.

use ftrack_entity::EntityState;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::Location;
use crate::query_text::word;
use crate::{Entity, Error, ErrorKind, Result, Session};

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

impl Location {
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
