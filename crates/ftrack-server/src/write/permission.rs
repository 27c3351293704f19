//! Who may write what.
//!
//! What somebody does not see is missing for them, whatever they try. What they see and may not change is refused
//! at once; what they name anew is looked at when the batch is done, as everything that is named.

use rustc_hash::FxHashSet;

use super::Batch;
use crate::catalog::{RowOwner, Slot, TypeInfo};
use crate::read::Handle;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::rights::Rights;
use crate::store::{Key, RowRef};
use crate::value::Value;

/// What a batch set: the rows that it added, and the slots of others that it changed.
#[derive(Debug)]
pub(super) struct Touched {
    new: FxHashSet<RowRef>,
    changed: FxHashSet<(RowRef, Slot)>,
}

impl Touched {
    pub(super) fn new(inserted: &[RowRef], changed: &[(RowRef, Slot)]) -> Self {
        Self {
            new: inserted.iter().copied().collect(),
            changed: changed.iter().copied().collect(),
        }
    }

    /// Whether the row is new.
    pub(super) fn is_new(&self, row: RowRef) -> bool {
        self.new.contains(&row)
    }

    /// Whether a value was set by the batch.
    fn is_set(&self, row: RowRef, slot: Slot) -> bool {
        self.is_new(row) || self.changed.contains(&(row, slot))
    }
}

impl Batch<'_> {
    /// The limits of whoever sent the request; nothing where there are none.
    pub(crate) fn reader(&self) -> Option<&Rights> {
        self.limits.as_ref()
    }

    /// Whether whoever sent the request sees a row.
    pub(super) fn sees(&self, row: RowRef) -> bool {
        self.own_view().may_read(Handle::Row(row))
    }

    /// The row of this key, if whoever sent the request sees it.
    pub(super) fn find_seen(&self, info: &TypeInfo, key: &Key) -> Option<RowRef> {
        let row = self.store().find(info.id, key);
        row.filter(|row| self.sees(*row))
    }

    /// Whether a row may change when whoever sent the request deletes something else.
    pub(super) fn takes_along(&self, row: RowRef) -> bool {
        self.reader()
            .is_none_or(|rights| rights.takes_along(self.store(), row))
    }

    /// Refuses a change to a row that is seen.
    ///
    /// # Errors
    /// Says that it takes a role.
    pub(crate) fn refuse_writing(&self, row: RowRef) -> Result<(), RequestError> {
        if self.own_view().may_change(row) {
            Ok(())
        } else {
            Err(RequestError::no_right(self.type_name(row)))
        }
    }

    /// Refuses a change of roles, keys and other users.
    ///
    /// # Errors
    /// Says that it takes the role of an administrator.
    pub(crate) fn refuse_administration(&self) -> Result<(), RequestError> {
        if self.limits.is_none() {
            return Ok(());
        }
        let message = "this takes the role of an administrator on all projects";
        Err(RequestError::new(RequestErrorKind::Permission, message))
    }

    /// Refuses to delete what a user may change but is not theirs to give up.
    pub(super) fn refuse_deleting(&self, row: RowRef) -> Result<(), RequestError> {
        self.refuse_writing(row)?;
        if self.is_a(row, "Resource") {
            return self.refuse_administration();
        }
        if self.is_a(row, "Project") {
            return self.refuse_deleting_project(row);
        }
        match self.catalog.belonging(row.type_id).words.first() {
            Some(words) => self.refuse_words(row, *words),
            None => Ok(()),
        }
    }

    /// Refuses to delete a project, with everything in it, to those who only work in it.
    fn refuse_deleting_project(&self, project: RowRef) -> Result<(), RequestError> {
        let Some(rights) = self.reader() else {
            return Ok(());
        };
        let is_own = self.store().named(project, "created_by_id") == rights.user();
        if is_own || rights.permissions(self.store(), project).delete_project {
            return Ok(());
        }
        let message =
            "deleting a project takes the role of a project manager or an administrator in it";
        Err(RequestError::new(RequestErrorKind::Permission, message))
    }

    /// Refuses to delete rows with which others go or change that are not those of the user, except what only links
    /// others to them.
    pub(super) fn refuse_cascade(&self, rows: &FxHashSet<RowRef>) -> Result<(), RequestError> {
        let Some(rights) = self.reader() else {
            return Ok(());
        };
        let store = self.store();
        let is_allowed = |row: RowRef| {
            let belonging = self.catalog.belonging(row.type_id);
            rights.takes_along(store, row)
                || belonging.ends.iter().any(|end| {
                    let id = store.value(row, end.slot);
                    let families = end.families.iter();
                    let mut above = families.filter_map(|family| store.find_id(*family, id));
                    above.any(|above| rows.contains(&above) || rights.takes_along(store, above))
                })
        };
        match rows.iter().find(|row| !is_allowed(**row)) {
            None => Ok(()),
            Some(_) => Err(super::delete::beyond()),
        }
    }

    /// Whether somebody who may not see everything may name a row in a value that the batch set.
    pub(super) fn may_name(&self, touched: &Touched, row: RowRef, slot: Slot) -> bool {
        let Some(rights) = self.reader().filter(|_| touched.is_set(row, slot)) else {
            return true;
        };
        let belonging = self.catalog.belonging(row.type_id);
        let id = self.store().value(row, slot);
        let end = belonging.ends.iter().find(|end| end.slot == slot);
        let families = match end {
            Some(end) => &end.families,
            None => self.catalog.targets(row.type_id, slot),
        };
        let is_set = |row: RowRef, slot: Slot| touched.is_set(row, slot);
        families.is_empty() || rights.may_name(self.store(), families, id, &is_set)
    }

    /// Refuses what the batch made of rows that whoever sent it may not change so: rows that belong elsewhere now, and
    /// what is said in the name of somebody else.
    pub(super) fn refuse_foreign(&self, touched: &Touched) -> Result<(), RequestError> {
        let Some(rights) = self.reader() else {
            return Ok(());
        };
        for row in &touched.new {
            // What the server notes follows from what is looked at here.
            if self.store().contains(*row) && !self.catalog.belonging(row.type_id).is_noted {
                self.refuse_making(rights, *row, touched)?;
                self.refuse_other_names(rights, *row, touched)?;
            }
        }
        for (row, slot) in &touched.changed {
            let is_looked_at = touched.is_new(*row) || self.released.contains(&(*row, *slot));
            if is_looked_at || !self.store().contains(*row) {
                continue;
            }
            let belonging = self.catalog.belonging(row.type_id);
            let is_owner = match belonging.owner {
                RowOwner::User(owner)
                | RowOwner::Shown(owner)
                | RowOwner::Shared(owner)
                | RowOwner::Participants(owner) => owner == *slot,
                RowOwner::Holders(owner) => owner == Some(*slot),
                RowOwner::Itself | RowOwner::Nobody | RowOwner::Studio => false,
            };
            if is_owner || belonging.ends.iter().any(|end| end.slot == *slot) {
                self.refuse_making(rights, *row, touched)?;
            }
            if belonging.authors.contains(slot) {
                self.refuse_other_names(rights, *row, touched)?;
            }
        }
        Ok(())
    }

    fn refuse_making(
        &self,
        rights: &Rights,
        row: RowRef,
        touched: &Touched,
    ) -> Result<(), RequestError> {
        let is_set = |row: RowRef, slot: Slot| touched.is_set(row, slot);
        if rights.may_make(self.store(), row, &is_set) {
            Ok(())
        } else {
            Err(RequestError::no_right(self.type_name(row)))
        }
    }

    fn refuse_other_names(
        &self,
        rights: &Rights,
        row: RowRef,
        touched: &Touched,
    ) -> Result<(), RequestError> {
        let authors = &self.catalog.belonging(row.type_id).authors;
        let is_other = |slot: &Slot| {
            let author = self.store().value(row, *slot);
            touched.is_set(row, *slot) && !author.is_null() && author != rights.user()
        };
        if authors.iter().any(is_other) {
            return self.refuse_speaking(rights, row);
        }
        Ok(())
    }

    /// Refuses to change what somebody else said.
    pub(super) fn refuse_words(&self, row: RowRef, slot: Slot) -> Result<(), RequestError> {
        let Some(rights) = self.reader() else {
            return Ok(());
        };
        let belonging = self.catalog.belonging(row.type_id);
        let Some(author) = belonging.authors.first() else {
            return Ok(());
        };
        let author = self.store().value(row, *author);
        if !belonging.words.contains(&slot) || author == rights.user() {
            return Ok(());
        }
        self.refuse_speaking(rights, row)
    }

    fn refuse_speaking(&self, rights: &Rights, row: RowRef) -> Result<(), RequestError> {
        if rights.permissions(self.store(), row).act_for_others {
            return Ok(());
        }
        let message = format!(
            "your security roles do not let you write this {} in the name of another user",
            self.type_name(row)
        );
        Err(RequestError::new(RequestErrorKind::Permission, message))
    }
}

/// How a value is named that does not exist, or is not seen.
pub(super) fn dangling(info: &TypeInfo, name: &str, value: &Value) -> RequestError {
    RequestError::new(
        RequestErrorKind::Integrity,
        format!(
            "{}.{name} names {}, which does not exist",
            info.name,
            value.to_json()
        ),
    )
}
