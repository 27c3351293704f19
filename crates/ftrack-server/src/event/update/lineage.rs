//! What an entity stands below.

use crate::catalog::{Source, TypeId};
use crate::store::{PriorState, RowRef};
use crate::value::Value;

/// Longer lines than this are taken for a loop.
const LENGTH_LIMIT: usize = 512;

/// The attributes that say what an entity belongs to; the first that has a value does.
const OWNERS: [&str; 22] = [
    "parent_id",
    "asset_id",
    "context_id",
    "review_session_id",
    "review_session_object_id",
    "version_id",
    "container_id",
    "component_id",
    "note_id",
    "list_id",
    "entity_id",
    "job_id",
    "user_security_role_id",
    "from_id",
    "template_id",
    "calendar_event_id",
    "conversation_id",
    "dashboard_id",
    "configuration_id",
    "group_id",
    "project_id",
    "user_id",
];

/// Where ids are looked for that may belong to entities of several kinds.
const FAMILIES: [&str; 12] = [
    "Context",
    "AssetVersion",
    "Asset",
    "Component",
    "Resource",
    "List",
    "ListObject",
    "ReviewSession",
    "ReviewSessionObject",
    "Note",
    "Job",
    "CustomConfigurationBase",
];

/// From an entity upwards, itself first, usually to its project.
pub(super) fn lineage(prior: &PriorState<'_>, row: RowRef) -> Vec<RowRef> {
    let mut line = vec![row];
    let mut current = row;
    while let Some(owner) = owner(prior, current) {
        if line.len() >= LENGTH_LIMIT || line.contains(&owner) {
            break;
        }
        line.push(owner);
        current = owner;
    }
    line
}

fn owner(prior: &PriorState<'_>, row: RowRef) -> Option<RowRef> {
    let name = OWNERS
        .iter()
        .find(|name| !prior.named(row, name).is_null())?;
    let id = prior.named(row, name);
    match target(prior, row.type_id, name) {
        Some(family) => prior.find(family, id),
        None => find_anywhere(prior, id),
    }
}

/// The type that an id names, where it is of one.
fn target(prior: &PriorState<'_>, type_id: TypeId, name: &str) -> Option<TypeId> {
    let catalog = prior.store().catalog();
    let slot = catalog.slot(type_id, name)?;
    let attributes = &catalog.get(type_id).attributes;
    attributes
        .iter()
        .find_map(|attribute| match attribute.source {
            Source::Reference { target, slot: own } if own == slot => Some(target),
            _ => None,
        })
}

fn find_anywhere(prior: &PriorState<'_>, id: &Value) -> Option<RowRef> {
    let catalog = prior.store().catalog();
    FAMILIES
        .iter()
        .filter_map(|name| catalog.find(name))
        .find_map(|family| prior.find(family.id, id))
}
