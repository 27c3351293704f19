//! Which attributes are stored, and where in a row.

use rustc_hash::FxHashMap;

use super::Computed;
use crate::schema::{AttributeKind, EntityType};

/// The slot of every attribute that is stored; two names of one value share a slot.
pub(super) fn stored_slots(definition: &EntityType) -> FxHashMap<&str, usize> {
    let stored = definition.attributes.values().filter(|attribute| {
        matches!(attribute.kind, AttributeKind::Scalar(_))
            && computed(definition, &attribute.name) == Computed::Nothing
    });
    let (others, own): (Vec<_>, Vec<_>) = stored.partition(|attribute| attribute.same_as.is_some());
    let mut slots: FxHashMap<&str, usize> = own
        .into_iter()
        .enumerate()
        .map(|(slot, attribute)| (attribute.name.as_str(), slot))
        .collect();
    for attribute in others {
        let same = attribute
            .same_as
            .as_deref()
            .and_then(|name| slots.get(name).copied());
        if let Some(slot) = same {
            slots.insert(&attribute.name, slot);
        }
    }
    slots
}

/// The position of the attribute that each slot holds, by its first name.
pub(super) fn attributes_of_slots(
    definition: &EntityType,
    slot_of: &FxHashMap<&str, usize>,
) -> Vec<usize> {
    let count = slot_of.values().max().map_or(0, |last| last + 1);
    let mut slots = vec![usize::MAX; count];
    for (position, attribute) in definition.attributes.values().enumerate() {
        let slot = slot_of.get(attribute.name.as_str());
        if attribute.same_as.is_none()
            && let Some(place) = slot.and_then(|slot| slots.get_mut(*slot))
        {
            *place = position;
        }
    }
    slots
}

/// Which function computes an attribute; `Nothing` for the stored ones.
pub(super) fn computed(definition: &EntityType, name: &str) -> Computed {
    let is = |text: &str| definition.name == text;
    match name {
        "link" | "_link" => Computed::Link,
        "thumbnail_url" => Computed::ThumbnailUrl,
        "thumbnail_source_id" if is_computed(definition, name) => Computed::ThumbnailSource,
        "url" if is("ComponentLocation") || definition.computed.is_some() => Computed::ComponentUrl,
        "time_logged" => Computed::TimeLogged,
        "bid_time_logged_difference" => Computed::BidTimeLoggedDifference,
        "latest_version" => Computed::LatestVersion,
        "is_latest_version" => Computed::IsLatestVersion,
        "is_open" if is("ReviewSession") => Computed::ReviewIsOpen,
        _ => Computed::Nothing,
    }
}

fn is_computed(definition: &EntityType, name: &str) -> bool {
    let computed = definition.computed.iter().flatten();
    computed.into_iter().any(|computed| computed == name)
}
