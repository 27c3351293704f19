//! The members of collections.

use super::{Handle, View};
use crate::catalog::{AttributeInfo, Members, NameId, Source, TypeId};
use crate::store::RowRef;
use crate::value::Value;

impl View<'_> {
    /// The members of a collection, in a stable order.
    pub(crate) fn members(self, handle: Handle, attribute: &AttributeInfo) -> Vec<Handle> {
        let (
            Source::Collection {
                target, members, ..
            },
            Handle::Row(row),
        ) = (&attribute.source, handle)
        else {
            return Vec::new();
        };
        let mut found: Vec<Handle> = match members {
            Members::CustomAttributes => self.custom_attributes(row, *target),
            Members::Foreign { .. } if self.store.catalog().is_custom_value(*target) => {
                self.values_of_configuration(row, *target)
            }
            _ => {
                let rows = self.member_rows(row, *target, members);
                rows.into_iter()
                    .filter_map(|row| self.shown(*target, row))
                    .collect()
            }
        };
        if self.reader.is_some() {
            found.retain(|member| self.may_read(*member));
        }
        found
    }

    /// The members of a collection of stored rows.
    pub(crate) fn member_rows(self, row: RowRef, target: TypeId, members: &Members) -> Vec<RowRef> {
        match members {
            Members::Foreign { attribute, only } => {
                self.naming(target, *attribute, self.store.id(row), only.as_ref())
            }
            Members::Through { link, own, other } => self.through(row, target, *link, *own, *other),
            Members::Ancestors => {
                let mut path = self.path(row);
                path.remove(0);
                path.retain(|entity| self.store.catalog().is_member(entity.type_id, target));
                path
            }
            Members::Descendants => self.descendants(row, target),
            Members::CustomAttributes | Members::Special => Vec::new(),
        }
    }

    /// Rows of a family that have `id` under a name.
    pub(super) fn naming(
        self,
        family: TypeId,
        name: NameId,
        id: &Value,
        only: Option<&(NameId, Value)>,
    ) -> Vec<RowRef> {
        let catalog = self.store.catalog();
        let mut found = Vec::new();
        for member in &catalog.get(family).members {
            let info = catalog.get(*member);
            if let Some(slot) = info.stored(name) {
                self.store.collect_with(*member, slot, id, &mut found);
            }
        }
        if let Some((name, value)) = only {
            found.retain(|row| {
                let slot = catalog.get(row.type_id).stored(*name);
                slot.is_some_and(|slot| self.store.value(*row, slot) == value)
            });
        }
        found
    }

    fn through(
        self,
        row: RowRef,
        target: TypeId,
        link: TypeId,
        own: NameId,
        other: NameId,
    ) -> Vec<RowRef> {
        let catalog = self.store.catalog();
        self.naming(link, own, self.store.id(row), None)
            .into_iter()
            .filter_map(|link| {
                let slot = catalog.get(link.type_id).stored(other)?;
                self.store.find_id(target, self.store.value(link, slot))
            })
            .collect()
    }

    /// Everything below a context, level by level.
    pub(crate) fn descendants(self, row: RowRef, target: TypeId) -> Vec<RowRef> {
        let catalog = self.store.catalog();
        let Some(parent_id) = catalog.name_id("parent_id") else {
            return Vec::new();
        };
        let root = catalog.get(row.type_id).root;
        let mut found = Vec::new();
        let mut seen: rustc_hash::FxHashSet<RowRef> = std::iter::once(row).collect();
        let mut queue = std::collections::VecDeque::from([row]);
        while let Some(current) = queue.pop_front() {
            for child in self.naming(root, parent_id, self.store.id(current), None) {
                if seen.insert(child) {
                    queue.push_back(child);
                    found.push(child);
                }
            }
        }
        found.retain(|entity| catalog.is_member(entity.type_id, target));
        found
    }
}
