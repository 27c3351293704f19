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
        self.budget.spend_on(found.len());
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
                let table = self.store.table(*member);
                if table.index(slot).is_none() && !info.is_key(slot) {
                    self.budget.spend_on(table.len());
                }
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

    /// Everything in a project, by type and age; nothing for another entity, or where an index is missing.
    fn below_project(self, row: RowRef, target: TypeId) -> Option<Vec<RowRef>> {
        let catalog = self.store.catalog();
        let info = catalog.get(row.type_id);
        if !self.is_settled || info.name != "Project" {
            return None;
        }
        let project_id = catalog.name_id("project_id")?;
        let id = self.store.id(row);
        let mut found = Vec::new();
        for type_id in &catalog.get(info.root).members {
            let table = self.store.table(*type_id);
            let is_wanted = *type_id != row.type_id && catalog.is_member(*type_id, target);
            if !is_wanted || table.len() == 0 {
                continue;
            }
            let index = table.index(catalog.get(*type_id).stored(project_id)?)?;
            let rows = index.rows(id).iter().map(|row| RowRef {
                type_id: *type_id,
                row: *row,
            });
            found.extend(rows);
        }
        Some(found)
    }

    /// Everything below a context, level by level; of a project, by type and age.
    pub(crate) fn descendants(self, row: RowRef, target: TypeId) -> Vec<RowRef> {
        let catalog = self.store.catalog();
        let Some(parent_id) = catalog.name_id("parent_id") else {
            return Vec::new();
        };
        if let Some(found) = self.below_project(row, target) {
            return found;
        }
        let root = catalog.get(row.type_id).root;
        // There are many types, few of which have rows, and each entity asks all of them.
        let mut indexes = Vec::new();
        for member in &catalog.get(root).members {
            let table = self.store.table(*member);
            if let Some(slot) = catalog.get(*member).stored(parent_id)
                && table.len() > 0
            {
                indexes.push((*member, table.index(slot)));
            }
        }
        let mut found: Vec<RowRef> = Vec::new();
        let mut seen: rustc_hash::FxHashSet<RowRef> = std::iter::once(row).collect();
        let (mut current, mut next) = (row, 0);
        while self.budget.spend(1) {
            let id = self.store.id(current);
            for (type_id, index) in &indexes {
                let Some(index) = index else {
                    let children = self.naming(*type_id, parent_id, id, None);
                    found.extend(children.into_iter().filter(|child| seen.insert(*child)));
                    continue;
                };
                let children = index.rows(id).iter().map(|row| RowRef {
                    type_id: *type_id,
                    row: *row,
                });
                found.extend(children.filter(|child| seen.insert(*child)));
            }
            // What was found is also what is still to be asked.
            let Some(following) = found.get(next) else {
                break;
            };
            (current, next) = (*following, next + 1);
        }
        found.retain(|entity| catalog.is_member(entity.type_id, target));
        found
    }
}
