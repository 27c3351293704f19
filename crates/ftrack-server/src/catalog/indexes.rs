//! Which slots have an index.

use super::{Members, NameId, Names, Source, TypeId, TypeInfo};

/// Attribute names that always have an index: what people look rows up by.
const LOOKED_UP: [&str; 7] = [
    "name",
    "username",
    "key",
    "parent_id",
    "entity_id",
    "email",
    "project_id",
];

/// Every slot by which other rows are found gets an index.
pub(super) fn mark(types: &mut [TypeInfo], names: &Names) {
    let mut wanted: Vec<(TypeId, NameId)> = Vec::new();
    for info in types.iter() {
        for attribute in &info.attributes {
            let Source::Collection {
                target, members, ..
            } = &attribute.source
            else {
                continue;
            };
            match members {
                Members::Foreign { attribute, .. } => wanted.push((*target, *attribute)),
                Members::Through { link, own, other } => {
                    wanted.extend([(*link, *own), (*link, *other)]);
                }
                _ => {}
            }
        }
    }
    let families: Vec<Vec<TypeId>> = types.iter().map(|info| info.members.clone()).collect();
    for (family, name) in wanted {
        for member in families.get(usize::from(family.0)).into_iter().flatten() {
            if let Some(info) = types.get_mut(usize::from(member.0)) {
                mark_name(info, name);
            }
        }
    }
    for info in types.iter_mut() {
        for name in LOOKED_UP {
            let position = names
                .get_index_of(name)
                .and_then(|index| u16::try_from(index).ok());
            if let Some(position) = position {
                mark_name(info, NameId(position));
            }
        }
        mark_references(info);
    }
}

fn mark_name(info: &mut TypeInfo, name: NameId) {
    if let Some(slot) = info.stored(name)
        && let Some(indexed) = info.indexed.get_mut(slot)
    {
        *indexed = true;
    }
}

fn mark_references(info: &mut TypeInfo) {
    let slots: Vec<usize> = info
        .attributes
        .iter()
        .filter_map(|attribute| match attribute.source {
            Source::Reference { slot, .. } => Some(slot),
            _ => None,
        })
        .collect();
    for slot in slots {
        // A single-valued primary key has an index of its own.
        if info.primary_key == [slot] {
            continue;
        }
        if let Some(indexed) = info.indexed.get_mut(slot) {
            *indexed = true;
        }
    }
}
