//! Collections are sent as full lists; what a list changes are the rows at its other end.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Batch;
use super::decode::missing;
use crate::catalog::{Members, NameId, Source, TypeId};
use crate::request_error::RequestError;
use crate::store::{Key, RowRef};
use crate::value::Value;

impl Batch<'_> {
    /// Makes the members of a collection those of the list.
    pub(super) fn set_collection(
        &mut self,
        row: RowRef,
        position: usize,
        json: &Json,
    ) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.get(row.type_id);
        let Some(attribute) = info.attributes.get(position) else {
            return Ok(());
        };
        let Source::Collection {
            target, members, ..
        } = &attribute.source
        else {
            return Ok(());
        };
        let name = catalog.name(attribute.name);
        let keys = self.decoder().references(info, name, *target, json)?;
        self.survey(row);
        match members {
            // Values of custom attributes exist by themselves; a list of them changes nothing.
            Members::CustomAttributes => Ok(()),
            Members::Foreign { .. } if catalog.is_custom_value(*target) => Ok(()),
            Members::Ancestors | Members::Descendants | Members::Special => Err(
                RequestError::validation(format!("{}.{name} cannot be changed", info.name)),
            ),
            Members::Foreign { attribute, only } => {
                let wanted = self.members_named(*target, &keys)?;
                // What is not seen cannot be in the list, and stays.
                let mut present = self.view().member_rows(row, *target, members);
                present.retain(|member| self.sees(*member));
                self.set_foreign(row, *attribute, only.as_ref(), &present, &wanted)
            }
            Members::Through { link, own, other } => {
                let wanted = self.members_named(*target, &keys)?;
                self.set_through(row, *link, (*own, *other), &wanted)
            }
        }
    }

    fn members_named(&self, target: TypeId, keys: &[Key]) -> Result<Vec<RowRef>, RequestError> {
        let info = self.catalog.get(target);
        keys.iter()
            .filter(|key| !self.deleted.contains(&(info.root, (*key).clone())))
            .map(|key| self.find_seen(info, key).ok_or_else(|| missing(info, key)))
            .collect()
    }

    fn set_foreign(
        &mut self,
        owner: RowRef,
        attribute: NameId,
        only: Option<&(NameId, Value)>,
        present: &[RowRef],
        wanted: &[RowRef],
    ) -> Result<(), RequestError> {
        for gone in present.iter().filter(|row| !wanted.contains(row)) {
            self.detach(*gone, attribute)?;
        }
        let id = self.store().id(owner).clone();
        for new in wanted.iter().filter(|row| !present.contains(row)) {
            self.attach(owner, *new, attribute, &id)?;
            if let Some((name, value)) = only
                && let Some(slot) = self.catalog.get(new.type_id).stored(*name)
            {
                self.transaction.set(*new, slot, value.clone());
            }
        }
        Ok(())
    }

    /// Takes a member out: it forgets its owner. Where it cannot be without one, it goes, unless
    /// the batch gives it another.
    fn detach(&mut self, member: RowRef, attribute: NameId) -> Result<(), RequestError> {
        self.refuse_writing(member)?;
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.get(member.type_id);
        let Some(slot) = info.stored(attribute) else {
            return Ok(());
        };
        if info.is_key(slot) {
            return self.remove(member);
        }
        if info
            .required
            .iter()
            .any(|position| info.slots.get(slot) == Some(position))
        {
            self.orphans.push((member, slot));
        }
        let old = self.store().value(member, slot).clone();
        self.transaction.set(member, slot, Value::Null);
        self.transaction
            .set_named(member, "parent_type", Value::Null);
        self.changed(member, slot, &old)
    }

    fn attach(
        &mut self,
        owner: RowRef,
        member: RowRef,
        attribute: NameId,
        id: &Value,
    ) -> Result<(), RequestError> {
        self.refuse_writing(member)?;
        let catalog = Arc::clone(&self.catalog);
        let info = catalog.get(member.type_id);
        let Some(slot) = info.stored(attribute) else {
            return Ok(());
        };
        let old = self.store().value(member, slot).clone();
        if info.is_key(slot) && old != *id {
            return Err(RequestError::validation(format!(
                "{} {} belongs to another entity",
                info.name,
                self.store().key(member).display()
            )));
        }
        if member == owner {
            return Err(RequestError::validation(format!(
                "{} cannot contain itself",
                info.name
            )));
        }
        self.transaction.set(member, slot, id.clone());
        if catalog.name(attribute) == "parent_id" {
            self.set_parent_type(member, owner);
        }
        self.changed(member, slot, &old)
    }

    /// Notes, metadata and the like say of what type their parent is.
    pub(super) fn set_parent_type(&mut self, member: RowRef, owner: RowRef) {
        let name = self.type_name(owner).to_owned();
        if !self.is_a(member, "StatusChange") {
            self.transaction
                .set_named(member, "parent_type", Value::text(&name));
        }
    }

    fn set_through(
        &mut self,
        owner: RowRef,
        link: TypeId,
        (own, other): (NameId, NameId),
        wanted: &[RowRef],
    ) -> Result<(), RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let id = self.store().id(owner).clone();
        let own_name = catalog.name(own);
        let other_name = catalog.name(other);
        let links = self
            .store()
            .rows_with(&catalog.get(link).name, own_name, &id);
        let wanted_ids: Vec<Value> = wanted
            .iter()
            .map(|row| self.store().id(*row).clone())
            .collect();
        let mut present = Vec::new();
        for row in links {
            let member = self.store().named(row, other_name).clone();
            if wanted_ids.contains(&member) {
                present.push(member);
            } else if self.sees(row) {
                self.refuse_writing(row)?;
                self.remove(row)?;
            }
        }
        for member in wanted_ids
            .into_iter()
            .filter(|member| !present.contains(member))
        {
            self.insert(link, &[(own_name, id.clone()), (other_name, member)])?;
        }
        Ok(())
    }
}
