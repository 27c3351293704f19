//! A batch that was made of a snapshot, brought to the store as others have changed it since.
//!
//! What they changed is taken over where it changes nothing of what the batch did: then it is as if the batch had come
//! after them. Where that cannot be told by what they changed alone, the batch has to be done again. So the rules here
//! may refuse too much, and never too little.

use rustc_hash::FxHashSet;

use super::Batch;
use crate::catalog::{RowOwner, Slot, TypeId};
use crate::store::{Change, Key, RowRef, Store, Undo};
use crate::value::Value;

/// What the server notes by itself, in which nothing of a batch goes by what others have.
const NOTED: [&str; 2] = ["Event", "Feed"];

/// Types by whose rows it is told what others are and who may do what, besides those of the studio.
const DECISIVE: [&str; 2] = ["Project", "User"];

/// What a batch goes by.
#[derive(Debug, Default)]
pub(super) struct Premises {
    /// Rows that it looked at to find that nothing is to be changed.
    visited: FxHashSet<RowRef>,
    /// The ids of what it looked at with everything that names it.
    surveyed: FxHashSet<Value>,
}

/// What others must not have touched.
#[derive(Debug)]
pub(crate) struct Footprint {
    rows: FxHashSet<RowRef>,
    /// What they must not have named: what the batch surveyed, deleted, or put elsewhere.
    ids: FxHashSet<Value>,
    /// What they must not have deleted or put elsewhere: what the batch named.
    named: FxHashSet<Value>,
    /// Whether it put anything elsewhere. What others put elsewhere could make a circle with that.
    has_moves: bool,
}

impl Batch<'_> {
    /// Notes that the batch goes by the values of a row.
    pub(super) fn visit(&mut self, row: RowRef) {
        self.premises.visited.insert(row);
    }

    /// Notes that the batch goes by what names a row.
    pub(super) fn survey(&mut self, row: RowRef) {
        let id = self.store().id(row).clone();
        self.premises.surveyed.insert(id);
        self.visit(row);
    }

    /// What others must not touch until the batch is kept.
    pub(crate) fn footprint(&mut self) -> Footprint {
        let premises = std::mem::take(&mut self.premises);
        let mut footprint = Footprint {
            rows: premises.visited,
            ids: premises.surveyed,
            named: FxHashSet::default(),
            has_moves: false,
        };
        let mut added: FxHashSet<RowRef> = FxHashSet::default();
        for undo in self.transaction.undo() {
            match undo {
                Undo::Insert(row) => {
                    added.insert(*row);
                }
                Undo::Custom(row, ..) => {
                    footprint.rows.insert(*row);
                }
                Undo::Set(row, slot, _) => {
                    footprint.rows.insert(*row);
                    if !added.contains(row) && self.leads_on(row.type_id, *slot) {
                        footprint.has_moves = true;
                        footprint.ids.insert(self.store().id(*row).clone());
                        let named = self.store().value(*row, *slot).clone();
                        footprint.named.insert(named);
                    }
                }
                Undo::Delete(row, last) => {
                    footprint.rows.insert(*row);
                    footprint.ids.extend(self.id_in(*row, last).cloned());
                }
            }
        }
        for row in &added {
            let slots = 0..self.catalog.get(row.type_id).slots.len();
            let leading = slots.filter(|slot| self.leads_on(row.type_id, *slot));
            let named = leading.map(|slot| self.store().value(*row, slot).clone());
            footprint.named.extend(named);
        }
        footprint.rows.extend(added);
        footprint.named.remove(&Value::Null);
        footprint
    }

    /// The id of a row with these values.
    fn id_in<'v>(&self, row: RowRef, values: &'v [Value]) -> Option<&'v Value> {
        let slot = self.catalog.get(row.type_id).primary_key.first()?;
        values.get(*slot)
    }

    /// Takes over what others made of the store that the batch was made of; whether that was possible. The batch is of
    /// no use otherwise.
    pub(crate) fn take_over(&mut self, footprint: &Footprint, before: &Store, now: &Store) -> bool {
        if !std::sync::Arc::ptr_eq(&before.shared_catalog(), &now.shared_catalog()) {
            return false;
        }
        let changes = now.differences(before);
        if !changes
            .iter()
            .all(|change| self.is_apart(footprint, before, now, *change))
        {
            return false;
        }
        self.transaction.take_over(now, &changes);
        // Names that both gave, and the like.
        changes.iter().all(|change| match change {
            Change::Row(row) => {
                self.is_noted(row.type_id)
                    || !self.store().contains(*row)
                    || (self.check_row(*row).is_ok() && self.duplicate(*row).is_none())
            }
            Change::Custom(..) => true,
        })
    }

    /// Whether the batch would have done the same after a change.
    fn is_apart(&self, footprint: &Footprint, before: &Store, now: &Store, change: Change) -> bool {
        let row = match change {
            Change::Row(row) => row,
            Change::Custom(entity, configuration) => {
                let info = self.catalog.find("CustomAttributeConfiguration");
                let configuration = info.map(|info| RowRef {
                    type_id: info.id,
                    row: configuration,
                });
                let mut touched = configuration.iter().chain([&entity]);
                return !touched.any(|row| footprint.rows.contains(row));
            }
        };
        let is_given = |key: &Key| {
            let own = self.store().find(row.type_id, key);
            own.is_some_and(|own| own != row)
        };
        if self.is_noted(row.type_id) && !footprint.rows.contains(&row) {
            return !now.contains(row) || !is_given(&now.key(row));
        }
        if self.is_decisive(row.type_id) || footprint.rows.contains(&row) {
            return false;
        }
        let values = |store: &Store| -> Option<Vec<Value>> {
            let values = store.table(row.type_id).get(row.row)?;
            Some(values.to_vec())
        };
        let is_listed = |value: &Value| footprint.ids.contains(value);
        match (values(before), values(now)) {
            (None, None) => true,
            (None, Some(new)) => !is_given(&now.key(row)) && !new.iter().any(is_listed),
            (Some(old), None) => {
                let id = self.id_in(row, &old);
                // What is gone may have given a right.
                self.limits.is_none()
                    && !old.iter().any(is_listed)
                    && !id.is_some_and(|id| footprint.named.contains(id))
            }
            (Some(old), Some(new)) => {
                let changed = (0..).zip(old.iter().zip(&new));
                let mut changed = changed.filter(|(_, (old, new))| old != new);
                let may_move = self.limits.is_none()
                    && !footprint.has_moves
                    && !footprint.named.contains(now.id(row));
                !self.is_shared(row.type_id)
                    && changed.all(|(slot, (old, new))| {
                        !is_listed(old)
                            && !is_listed(new)
                            && (may_move || !self.leads_on(row.type_id, slot))
                            && !self.catalog.get(row.type_id).is_key(slot)
                    })
            }
        }
    }

    fn is_noted(&self, type_id: TypeId) -> bool {
        NOTED.contains(&self.catalog.get(type_id).name.as_str())
    }

    /// Whether rows of a type tell what others are, or who may do what.
    fn is_decisive(&self, type_id: TypeId) -> bool {
        self.catalog.belonging(type_id).owner == RowOwner::Studio
            || DECISIVE.contains(&self.catalog.get(type_id).name.as_str())
    }

    /// Whether values of a row tell who sees it.
    fn is_shared(&self, type_id: TypeId) -> bool {
        let owner = self.catalog.belonging(type_id).owner;
        matches!(owner, RowOwner::Shared(_) | RowOwner::Participants(_))
    }

    /// Whether it tells by a slot to what a row belongs, or where it stands.
    fn leads_on(&self, type_id: TypeId, slot: Slot) -> bool {
        let belonging = self.catalog.belonging(type_id);
        let mut targets = self.catalog.targets(type_id, slot).iter();
        self.catalog.get(type_id).is_key(slot)
            || belonging.ends.iter().any(|end| end.slot == slot)
            || targets.any(|target| self.catalog.belonging(*target).owner != RowOwner::Studio)
    }
}
