//! Which rows name which, and what follows when the named row is deleted.

use super::{Members, NameId, Names, Slot, Source, TypeId, TypeInfo};

/// Rows of `child` name rows of `target` in `slot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    /// A concrete type.
    pub(crate) child: TypeId,
    /// Where it keeps the id.
    pub(crate) slot: Slot,
    /// The type named, perhaps a family.
    pub(crate) target: TypeId,
    pub(crate) on_delete: OnDelete,
    /// Whether the id must exist. Ids without a reference (a note's parent) may name rows of several types.
    pub(crate) is_reference: bool,
}

/// What becomes of a row when one that it names is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    /// It is deleted too.
    Cascade,
    /// It no longer names anything.
    Forget,
    /// The deletion is refused.
    Refuse,
}

/// Attributes by which a row belongs to another, so that it goes with it.
const OWNERS: [&str; 23] = [
    "parent_id",
    "context_id",
    "project_id",
    "asset_id",
    "version_id",
    "container_id",
    "component_id",
    "location_id",
    "note_id",
    "in_reply_to_id",
    "entity_id",
    "list_id",
    "from_id",
    "to_id",
    "conversation_id",
    "review_session_id",
    "review_session_object_id",
    "calendar_event_id",
    "configuration_id",
    "job_id",
    "dashboard_id",
    "group_id",
    "template_id",
];

/// Types whose rows stay although what they name goes: records of work done.
const KEPT: [(&str, &str); 4] = [
    ("Timelog", "context_id"),
    ("Job", "user_id"),
    ("Group", "parent_id"),
    ("Event", "project_id"),
];

/// Attributes that name who made something. It stays, by nobody, when they are deleted: new ones need a maker.
const AUTHORS: [(&str, &str); 5] = [
    ("Note", "user_id"),
    ("Message", "created_by_id"),
    ("Conversation", "created_by_id"),
    ("ReviewSession", "created_by_id"),
    ("ReviewSessionInvitee", "created_by_id"),
];

/// Types that other rows depend on by choice: deleting one in use is refused.
const SHARED: [&str; 8] = [
    "Status",
    "Type",
    "Priority",
    "ObjectType",
    "ProjectSchema",
    "WorkflowSchema",
    "AssetType",
    "State",
];

/// Whether an attribute names who made something.
pub(crate) fn is_author(entity_type: &str, attribute: &str) -> bool {
    AUTHORS.contains(&(entity_type, attribute))
}

/// Finds every edge between the types.
pub(crate) fn find(types: &[TypeInfo], names: &Names) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for info in types.iter().filter(|info| info.is_concrete) {
        for attribute in &info.attributes {
            if let Source::Reference { target, slot } = attribute.source {
                push(&mut edges, edge(types, names, info, slot, target, true));
            }
        }
    }
    for owner in types {
        for attribute in &owner.attributes {
            let Source::Collection {
                target,
                members: Members::Foreign { attribute, .. },
                ..
            } = &attribute.source
            else {
                continue;
            };
            let Some(family) = types.get(usize::from(target.0)) else {
                continue;
            };
            for member in &family.members {
                push_inverse(&mut edges, types, names, owner, *member, *attribute);
            }
        }
    }
    edges
}

/// The edges that lead to rows of each concrete type, by type number.
pub(super) fn by_target(types: &[TypeInfo], edges: &[Edge]) -> Vec<Vec<Edge>> {
    let leads_to = |edge: &Edge, info: &TypeInfo| {
        edge.target == info.id
            || types
                .get(usize::from(edge.target.0))
                .is_some_and(|target| target.members.contains(&info.id))
    };
    types
        .iter()
        .map(|info| {
            edges
                .iter()
                .filter(|edge| leads_to(edge, info))
                .cloned()
                .collect()
        })
        .collect()
}

fn push_inverse(
    edges: &mut Vec<Edge>,
    types: &[TypeInfo],
    names: &Names,
    owner: &TypeInfo,
    member: TypeId,
    attribute: NameId,
) {
    let Some(child) = types.get(usize::from(member.0)) else {
        return;
    };
    if let Some(slot) = child.stored(attribute) {
        push(edges, edge(types, names, child, slot, owner.id, false));
    }
}

/// Adds an edge unless a wider one is known.
fn push(edges: &mut Vec<Edge>, edge: Edge) {
    let is_known = edges.iter().any(|known| {
        known.child == edge.child
            && known.slot == edge.slot
            && (known.target == edge.target || known.is_reference)
    });
    if !is_known {
        edges.push(edge);
    }
}

fn edge(
    types: &[TypeInfo],
    names: &Names,
    child: &TypeInfo,
    slot: Slot,
    target: TypeId,
    is_reference: bool,
) -> Edge {
    let position = child.slots.get(slot).copied();
    let name = position
        .and_then(|position| child.attributes.get(position))
        .and_then(|attribute| names.get_index(usize::from(attribute.name.0)))
        .map_or("", String::as_str);
    let is_required =
        child.is_key(slot) || position.is_some_and(|position| child.required.contains(&position));
    let target_name = types
        .get(usize::from(target.0))
        .map_or("", |info| info.name.as_str());
    let is_kept = KEPT.contains(&(child.name.as_str(), name)) || is_author(&child.name, name);
    let on_delete = if is_kept {
        OnDelete::Forget
    } else if OWNERS.contains(&name) {
        OnDelete::Cascade
    } else if is_required && SHARED.contains(&target_name) && !child.is_key(slot) {
        OnDelete::Refuse
    } else if is_required {
        OnDelete::Cascade
    } else {
        OnDelete::Forget
    };
    Edge {
        child: child.id,
        slot,
        target,
        on_delete,
        is_reference,
    }
}
