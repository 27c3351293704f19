//! The end of a batch: what follows from all of it together, and what must hold then.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::Batch;
use super::defaults::Workflows;
use super::permission::{Touched, dangling};
use crate::catalog::{Slot, TypeId, is_author};
use crate::request_error::RequestError;
use crate::store::RowRef;
use crate::value::Value;

/// Required attributes that stay empty where a studio configured nothing to fill them with.
const BEST_EFFORT: [&str; 3] = ["status_id", "type_id", "priority_id"];

impl Batch<'_> {
    /// Derives what is left to derive and checks what the batch touched.
    ///
    /// # Errors
    /// The first rule that does not hold; nothing of the batch persists then.
    pub(crate) fn finish(&mut self) -> Result<(), RequestError> {
        self.remove_orphans()?;
        let (inserted, changed) = self.transaction.touched();
        self.refuse_circles(&inserted, &changed)
            .map_err(|(_, error)| error)?;
        self.derive_projects(&inserted, &changed);
        // Nothing that is completed here changes how the studio works.
        let mut known = Workflows::default();
        for row in inserted
            .iter()
            .copied()
            .filter(|row| self.store().contains(*row))
            .collect::<Vec<_>>()
        {
            self.complete(row, &mut known)?;
        }
        // Deriving may have touched more.
        let (inserted, changed) = self.transaction.touched();
        self.check(&inserted, &changed)
    }

    fn remove_orphans(&mut self) -> Result<(), RequestError> {
        for (row, slot) in std::mem::take(&mut self.orphans) {
            if self.store().contains(row) && self.store().value(row, slot).is_null() {
                self.remove(row)?;
            }
        }
        Ok(())
    }

    /// Fills what depends on where a new row stands.
    fn complete(&mut self, row: RowRef, known: &mut Workflows) -> Result<(), RequestError> {
        match self.type_name(row) {
            "AssetVersion" => {
                self.number_version(row);
                self.fill_workflow(row, known);
                Ok(())
            }
            "Note" => self.complete_note(row),
            "NoteLabelLink" => {
                self.set_category(row);
                Ok(())
            }
            _ => {
                self.fill_workflow(row, known);
                Ok(())
            }
        }
    }

    /// Labels and categories are the same; a note has its first label as category.
    fn set_category(&mut self, link: RowRef) {
        let label = self.store().named(link, "label_id").clone();
        let note = self.store().named(link, "note_id").clone();
        if let Some(note) = self.store().find_named("Note", &note) {
            self.visit(note);
            if !self.store().named(note, "category_id").is_null() {
                return;
            }
            self.transaction.set_named(note, "category_id", label);
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
        if let Some(asset) = self.store().find_named("Asset", &asset) {
            self.survey(asset);
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
    fn complete_note(&mut self, row: RowRef) -> Result<(), RequestError> {
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

    fn check(&self, inserted: &[RowRef], changed: &[(RowRef, Slot)]) -> Result<(), RequestError> {
        let touched = Touched::new(inserted, changed);
        let rows: IndexSet<RowRef, FxBuildHasher> = inserted
            .iter()
            .copied()
            .chain(changed.iter().map(|(row, _)| *row))
            .collect();
        rows.into_iter()
            .filter(|row| self.store().contains(*row))
            .try_for_each(|row| self.check_touched(row, &touched))?;
        self.refuse_foreign(&touched)
    }

    /// What must hold for every row, but that it is no duplicate.
    pub(super) fn check_row(&self, row: RowRef) -> Result<(), RequestError> {
        self.check_alone(row, &Touched::new(&[], &[]))
    }

    fn check_touched(&self, row: RowRef, touched: &Touched) -> Result<(), RequestError> {
        self.check_alone(row, touched)?;
        match self.duplicate(row) {
            Some(duplicate) => Err(duplicate.error),
            None => Ok(()),
        }
    }

    fn check_alone(&self, row: RowRef, touched: &Touched) -> Result<(), RequestError> {
        self.check_required(row, touched.is_new(row))?;
        self.check_references(row, touched)?;
        self.check_link(row)
    }

    fn check_required(&self, row: RowRef, is_new: bool) -> Result<(), RequestError> {
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
                return Err(RequestError::validation(format!(
                    "{}.{name} is required",
                    info.name
                )));
            }
        }
        if self.is_a(row, "TypedContext") && self.store().named(row, "parent_id").is_null() {
            return Err(RequestError::validation(format!(
                "{}.parent is required",
                info.name
            )));
        }
        Ok(())
    }

    fn check_references(&self, row: RowRef, touched: &Touched) -> Result<(), RequestError> {
        let info = self.catalog.get(row.type_id);
        for (slot, _) in info.slots.iter().enumerate() {
            let families = self.catalog.targets(row.type_id, slot);
            let value = self.store().value(row, slot);
            let is_found = |family: &TypeId| self.store().find_id(*family, value).is_some();
            let exists = value.is_null()
                || ((families.is_empty() || families.iter().any(is_found))
                    && self.may_name(touched, row, slot));
            if !exists {
                let name = info
                    .slot_attribute(slot)
                    .map_or("", |attribute| self.catalog.name(attribute.name));
                return Err(dangling(info, name, value));
            }
        }
        Ok(())
    }
}
