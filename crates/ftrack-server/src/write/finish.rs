//! The end of a batch: what follows from all of it together, and what must hold then.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashSet;

use super::Batch;
use crate::catalog::{Slot, is_author};
use crate::refusal::{Refusal, RefusalKind};
use crate::store::RowRef;
use crate::value::Value;

/// Required attributes that stay empty where a studio configured nothing to fill them with.
const BEST_EFFORT: [&str; 3] = ["status_id", "type_id", "priority_id"];

impl Batch<'_> {
    /// Derives what is left to derive and checks what the batch touched.
    ///
    /// # Errors
    /// The first rule that does not hold; nothing of the batch persists then.
    pub(crate) fn finish(&mut self) -> Result<(), Refusal> {
        self.remove_orphans()?;
        let (inserted, changed) = self.transaction.touched();
        self.derive_projects(&inserted, &changed);
        for row in inserted
            .iter()
            .copied()
            .filter(|row| self.store().contains(*row))
            .collect::<Vec<_>>()
        {
            self.complete(row)?;
        }
        // Deriving may have touched more.
        let (inserted, changed) = self.transaction.touched();
        self.check(&inserted, &changed)
    }

    fn remove_orphans(&mut self) -> Result<(), Refusal> {
        for (row, slot) in std::mem::take(&mut self.orphans) {
            if self.store().contains(row) && self.store().value(row, slot).is_null() {
                self.remove(row)?;
            }
        }
        Ok(())
    }

    /// Contexts belong to the project at the top of their tree.
    pub(super) fn derive_projects(&mut self, inserted: &[RowRef], changed: &[(RowRef, Slot)]) {
        let catalog = Arc::clone(&self.catalog);
        let (Some(context), Some(typed)) = (catalog.find("Context"), catalog.find("TypedContext"))
        else {
            return;
        };
        let moved = changed
            .iter()
            .filter(|(row, slot)| catalog.slot(row.type_id, "parent_id") == Some(*slot));
        let rows: IndexSet<RowRef> = inserted
            .iter()
            .copied()
            .chain(moved.map(|(row, _)| *row))
            .filter(|row| catalog.is_member(row.type_id, context.id) && self.store().contains(*row))
            .collect();
        for row in rows {
            let project = self.project_above(row);
            if self.type_name(row) == "Project" {
                let id = self.store().id(row).clone();
                self.transaction.set_named(row, "project_id", id);
                continue;
            }
            if *self.store().named(row, "project_id") == project {
                continue;
            }
            self.transaction
                .set_named(row, "project_id", project.clone());
            for below in self.view().descendants(row, typed.id) {
                self.transaction
                    .set_named(below, "project_id", project.clone());
            }
        }
    }

    /// The project at the top of the tree that a context stands in.
    pub(super) fn project_above(&self, row: RowRef) -> Value {
        let top = self.view().path(row).last().copied();
        match top {
            Some(top) if self.type_name(top) == "Project" => self.store().id(top).clone(),
            _ => Value::Null,
        }
    }

    /// Fills what depends on where a new row stands.
    fn complete(&mut self, row: RowRef) -> Result<(), Refusal> {
        match self.type_name(row) {
            "AssetVersion" => {
                self.number_version(row);
                self.fill_workflow(row);
                Ok(())
            }
            "Note" => self.complete_note(row),
            _ => {
                self.fill_workflow(row);
                Ok(())
            }
        }
    }

    fn number_version(&mut self, row: RowRef) {
        if !self.store().named(row, "version").is_null() {
            return;
        }
        let asset = self.store().named(row, "asset_id").clone();
        if asset.is_null() {
            return;
        }
        let latest = self.view().latest_version(&asset);
        let number = latest
            .and_then(|latest| match self.store().named(latest, "version") {
                Value::Int(number) => Some(*number),
                _ => None,
            })
            .unwrap_or(0);
        self.transaction
            .set_named(row, "version", Value::Int(number + 1));
    }

    /// The author of a note hears of what follows.
    fn complete_note(&mut self, row: RowRef) -> Result<(), Refusal> {
        self.reply_attached(row);
        let catalog = Arc::clone(&self.catalog);
        let Some(info) = catalog.find("Recipient") else {
            return Ok(());
        };
        let id = self.store().id(row).clone();
        let author = self.store().named(row, "user_id").clone();
        let is_known = author.is_null()
            || self
                .store()
                .rows_with("Recipient", "note_id", &id)
                .iter()
                .any(|recipient| *self.store().named(*recipient, "resource_id") == author);
        if !is_known {
            self.insert(info.id, &[("note_id", id), ("resource_id", author)])?;
        }
        Ok(())
    }

    fn check(&self, inserted: &[RowRef], changed: &[(RowRef, Slot)]) -> Result<(), Refusal> {
        let new: FxHashSet<RowRef> = inserted.iter().copied().collect();
        let rows: IndexSet<RowRef> = inserted
            .iter()
            .copied()
            .chain(changed.iter().map(|(row, _)| *row))
            .collect();
        rows.into_iter()
            .filter(|row| self.store().contains(*row))
            .try_for_each(|row| self.check_row(row, new.contains(&row)))
    }

    /// What must hold for every row.
    pub(super) fn check_row(&self, row: RowRef, is_new: bool) -> Result<(), Refusal> {
        self.check_required(row, is_new)?;
        self.check_references(row)?;
        self.refuse_duplicate(row)
    }

    fn check_required(&self, row: RowRef, is_new: bool) -> Result<(), Refusal> {
        let info = self.catalog.get(row.type_id);
        let is_work = self.is_a(row, "TypedContext") || self.is_a(row, "AssetVersion");
        for position in &info.required {
            let Some(attribute) = info.attributes.get(*position) else {
                continue;
            };
            let Some(slot) = info.stored(attribute.name) else {
                continue;
            };
            let name = self.catalog.name(attribute.name);
            let may_be_empty = (is_work && BEST_EFFORT.contains(&name))
                || (!is_new && is_author(&info.name, name));
            if self.store().value(row, slot).is_null() && !may_be_empty {
                return Err(Refusal::validation(format!(
                    "{}.{name} is required",
                    info.name
                )));
            }
        }
        if self.is_a(row, "TypedContext") && self.store().named(row, "parent_id").is_null() {
            return Err(Refusal::validation(format!(
                "{}.parent is required",
                info.name
            )));
        }
        Ok(())
    }

    fn check_references(&self, row: RowRef) -> Result<(), Refusal> {
        let info = self.catalog.get(row.type_id);
        for (slot, _) in info.slots.iter().enumerate() {
            let families = self.catalog.targets(row.type_id, slot);
            let value = self.store().value(row, slot);
            let exists = value.is_null()
                || families.is_empty()
                || families
                    .iter()
                    .any(|family| self.store().find_id(*family, value).is_some());
            if !exists {
                let name = info
                    .slot_attribute(slot)
                    .map_or("", |attribute| self.catalog.name(attribute.name));
                return Err(Refusal::new(
                    RefusalKind::Integrity,
                    format!(
                        "{}.{name} names {}, which does not exist",
                        info.name,
                        value.to_json()
                    ),
                ));
            }
        }
        Ok(())
    }
}
